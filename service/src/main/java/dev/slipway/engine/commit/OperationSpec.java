package dev.slipway.engine.commit;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.engine.Expectation;
import dev.slipway.engine.log.EntryHeader;
import dev.slipway.engine.state.DatabaseState;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that is needed to carry out a commit, by whoever finds it. Stored in intents.
 *
 * @param op its id
 * @param begun the head when it was begun
 * @param incarnation the revision that created the branch
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OperationSpec(
    String op,
    @Nullable String request,
    @Nullable String digest,
    String actor,
    long begun,
    String branch,
    long incarnation,
    List<Change> changes,
    List<Expectation> expectations,
    String message,
    Map<String, String> properties) {

  public OperationSpec {
    changes = List.copyOf(changes);
    expectations = List.copyOf(expectations);
    properties = Map.copyOf(properties);
  }

  /** Of an entry that changes no table. */
  public static OperationSpec entry(
      String op, @Nullable String request, String actor, DatabaseState known) {
    return new OperationSpec(
        op,
        request,
        null,
        actor,
        known.revision(),
        DatabaseState.MAIN,
        0,
        List.of(),
        List.of(),
        "",
        Map.of());
  }

  /** Its entry's header, at a time still to be given. */
  EntryHeader header() {
    return new EntryHeader(op, request, digest, actor, begun, 0);
  }
}
