package dev.slipway.engine.database;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Names;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.StagedWriteInfo;
import dev.slipway.engine.commit.OperationSpec;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.Micros;
import dev.slipway.engine.staging.StagedRecord;
import dev.slipway.engine.staging.StagedRefusals;
import dev.slipway.engine.state.DatabaseState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Staged writes after their upload: finding, renewing and discarding them. */
final class StagedWrites {
  private static final Logger LOG = LoggerFactory.getLogger(StagedWrites.class);

  private final DatabaseCore core;

  StagedWrites(DatabaseCore core) {
    this.core = core;
  }

  StagedWriteInfo get(String id) {
    DatabaseState state = core.now();
    return live(id, state).info(state.settings());
  }

  /** The record of a staged write that can still be committed. */
  StagedRecord live(String id, DatabaseState state) {
    Names.stagedWriteId(id);
    DatabaseState.Use use = state.consumed().get(id);
    if (use != null) {
      throw StagedRefusals.committed(id, use.revision());
    }
    StagedRecord record = core.staged().get(id).orElseThrow(() -> StagedRefusals.notFound(id));
    if (!core.isLive(record, state)) {
      throw SlipwayException.of(
              ErrorReason.STAGED_WRITE_EXPIRED, "staged write %s expired; stage it again", id)
          .with("resource", id);
    }
    return record;
  }

  List<StagedWriteInfo> list(
      CallContext context, Optional<String> branch, String after, int limit) {
    DatabaseState state = core.now();
    branch.ifPresent(name -> core.branch(state, name));
    List<StagedWriteInfo> found = new ArrayList<>();
    String from = after;
    while (found.size() < limit) {
      List<String> ids = core.staged().ids(from, limit);
      if (ids.isEmpty()) {
        break;
      }
      for (String id : ids) {
        context.cancel().check();
        readable(id)
            .filter(record -> !state.consumed().containsKey(id) && core.isLive(record, state))
            .filter(record -> branch.isEmpty() || record.branch().equals(branch.get()))
            .filter(record -> found.size() < limit)
            .ifPresent(record -> found.add(record.info(state.settings())));
        from = id;
      }
    }
    return found;
  }

  /** A damaged one is left out: Verify names it, and it mustn't hide those after it. */
  private Optional<StagedRecord> readable(String id) {
    try {
      return core.staged().get(id);
    } catch (CorruptRecordException e) {
      LOG.warn("staged write {} can't be read: {}", id, e.getMessage());
      return Optional.empty();
    }
  }

  StagedWriteInfo renew(CallContext context, String id) {
    DatabaseState state = core.now();
    StagedRecord renewed = live(id, state).renewedAt(Micros.now(core.parts().clock()));
    // If it isn't this call's, another's renewal of this moment counts.
    var unused = core.staged().renew(renewed);
    overtakeCleanups(context, state, id);
    return live(id, core.now()).info(state.settings());
  }

  /**
   * A cleanup that read renewals before this one and hasn't published its floors yet loses its
   * place in the log to this entry, and reads them again; one that has published them is seen after
   * it.
   */
  private void overtakeCleanups(CallContext context, DatabaseState state, String id) {
    OperationSpec spec =
        OperationSpec.entry(core.parts().ids().ulid(), null, context.actor(), state);
    var unused =
        core.committer()
            .append(
                context,
                spec,
                (now, header) ->
                    new LogEntry.Abort(
                        header,
                        "",
                        ErrorReason.CANCELLED.name(),
                        "nothing to do: staged write " + id + " was renewed",
                        List.of(),
                        false,
                        null),
                false);
  }

  void discard(String id) {
    core.now();
    core.staged().delete(Names.stagedWriteId(id));
  }
}
