package dev.slipway.engine.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.commit.Change;
import dev.slipway.engine.commit.IntentStore;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FaultyStorage;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.QuietLogs;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The matrix knows all that can be written, and where it passes. */
@ExtendWith(QuietLogs.class)
class MatrixKindTest {
  @TempDir Path folder;

  /** As the matrix goes through them; what nobody passes, nobody breaks. */
  @ParameterizedTest
  @EnumSource
  void windows_areThoseThatItPasses(MatrixKind kind) {
    List<FailPoint> ways =
        kind.isOfDatabases() || kind == MatrixKind.CLEANUP
            ? List.of(FailPoint.COMMIT_PUBLISH_ANSWER_LOST)
            : List.of(FailPoint.CHECKPOINT_AFTER_WRITE, FailPoint.RECOVER_BEFORE_READ);
    Set<FailPoint> passed = new ConcurrentSkipListSet<>();
    for (FailPoint way : ways) {
      walk(new Cell(way, kind, MatrixFault.EXCEPTION, Resolver.NEXT_OPEN), passed);
    }

    assertThat(passed).containsExactlyElementsOf(kind.windows());
  }

  private void walk(Cell cell, Set<FailPoint> passed) {
    Ledger ledger = new Ledger();
    try (FaultyStorage storage = new Template(BackendKind.MEMORY, folder).storage(ledger)) {
      MatrixRun.of(cell, storage, ledger).walk(passed);
    }
  }

  @Test
  void kinds_haveEveryWriteOperation() {
    Set<String> known =
        Stream.of(MatrixKind.values())
            .flatMap(kind -> kind.stagings().stream())
            .map(staging -> variant(staging.operation()))
            .collect(Collectors.toSet());
    Set<String> all = new HashSet<>();
    for (Class<?> operation : WriteOperation.class.getPermittedSubclasses()) {
      variants(operation, all);
    }

    assertThat(known).containsAll(all);
  }

  /** An operation's name and its flags: {@code Append unique=true}. */
  private static String variant(WriteOperation operation) {
    StringBuilder name = new StringBuilder(operation.getClass().getSimpleName());
    for (RecordComponent part : operation.getClass().getRecordComponents()) {
      if (part.getType() == boolean.class) {
        try {
          name.append(flag(part, part.getAccessor().invoke(operation)));
        } catch (ReflectiveOperationException e) {
          throw new LinkageError("a record's part can be read", e);
        }
      }
    }
    return name.toString();
  }

  private static void variants(Class<?> operation, Set<String> all) {
    Set<String> names = Set.of(operation.getSimpleName());
    for (RecordComponent part : operation.getRecordComponents()) {
      if (part.getType() == boolean.class) {
        names =
            names.stream()
                .flatMap(name -> Stream.of(name + flag(part, true), name + flag(part, false)))
                .collect(Collectors.toSet());
      }
    }
    all.addAll(names);
  }

  private static String flag(RecordComponent part, Object value) {
    return " " + part.getName() + "=" + value;
  }

  /** As intents name what they are to do. */
  @Test
  void kinds_haveEveryChange() {
    Set<Class<?>> known = new HashSet<>();
    for (MatrixKind kind : MatrixKind.values()) {
      if (kind.windows().contains(FailPoint.COMMIT_AFTER_INTENT)) {
        changes(kind).forEach(change -> known.add(change.getClass()));
      }
    }

    assertThat(known).containsExactlyInAnyOrder(Change.class.getPermittedSubclasses());
  }

  private List<Change> changes(MatrixKind kind) {
    Ledger ledger = new Ledger();
    try (FaultyStorage storage = new Template(BackendKind.MEMORY, folder).storage(ledger)) {
      Client client = new Client(storage.start("first"));
      IntentStore intents =
          new IntentStore(storage.metadata(), "db/" + client.database().info().id());
      List<Change> changes = new ArrayList<>();
      client
          .engine()
          .windows()
          .once(
              FailPoint.COMMIT_AFTER_INTENT::equals,
              Effect.run(
                  () ->
                      intents.get(intents.ids().get(0)).orElseThrow().operations().stream()
                          .flatMap(operation -> operation.changes().stream())
                          .forEach(changes::add)));
      kind.act(client, "the-request");
      client.engine().fixture().awaitIdle();
      return changes;
    }
  }
}
