package dev.slipway.engine.recovery;

import static dev.slipway.engine.recovery.ChangeKind.CUSTOMER;
import static dev.slipway.engine.recovery.ChangeKind.EVERYWHERE;
import static dev.slipway.engine.recovery.ChangeKind.PERSON;
import static dev.slipway.engine.recovery.ChangeKind.WRITES_EVERYWHERE;
import static dev.slipway.engine.recovery.Scene.BEGINNING;
import static dev.slipway.engine.recovery.Scene.OPERATOR;
import static dev.slipway.engine.recovery.Scene.assertAborted;
import static dev.slipway.engine.recovery.Scene.assertAcknowledged;
import static dev.slipway.engine.recovery.Scene.assertUnknown;
import static dev.slipway.engine.recovery.Scene.diesAt;
import static dev.slipway.engine.recovery.Scene.failsAt;
import static dev.slipway.engine.recovery.Scene.ids;
import static dev.slipway.engine.recovery.Scene.newest;
import static dev.slipway.engine.recovery.Scene.openAs;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.CommitInfo;
import dev.slipway.engine.CommitInfo.RecoveredInfo;
import dev.slipway.engine.CommitInfo.TableChange;
import dev.slipway.engine.Database;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.RecoveryReport;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.Faults;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.Gate;
import dev.slipway.engine.fault.StoreCall;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.matrix.Ledger.Answer;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.StorageOperation;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Scenarios 1, 2, 5 and 6: what a crash leaves, and who clears it up. */
@ExtendWith(QuietLogs.class)
class RecoveryScenariosTest {
  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource(EVERYWHERE)
  void scenario01_changeCrashedBeforePublishing_isThereOnceAfterTheNextOpen(
      BackendKind backend, ChangeKind kind) {
    try (Scene scene = new Scene(backend, folder)) {
      Client first = scene.open("first");
      diesAt(first, FailPoint.COMMIT_AFTER_TABLES);
      assertUnknown(scene.act(first, "change", kind));
      first.engine().close();
      assertThat(scene.intents()).hasSize(1);

      Client next = scene.start("next");
      var unused = openAs(next, OPERATOR);

      assertThat(scene.intents()).isEmpty();
      CommitInfo commit = newest(next);
      assertThat(commit.revision()).isEqualTo(5);
      assertThat(commit.requestId()).contains("change");
      assertThat(commit.actor()).isEqualTo(TESTER.actor());
      assertThat(commit.recovered())
          .contains(new RecoveredInfo(RecoveredInfo.Outcome.ROLLED_FORWARD, "next", "first", 4));
      assertAcknowledged(scene.append(next, "next", kind.table(), 50));
      scene.judge(next);
    }
  }

  @ParameterizedTest
  @MethodSource(EVERYWHERE)
  void scenario02_changeBrokenBeforePublishing_isCompletedByTheSameProcess(
      BackendKind backend, ChangeKind kind) {
    try (Scene scene = new Scene(backend, folder)) {
      Client first = scene.open("first");
      Database handle = first.database();
      failsAt(first, FailPoint.COMMIT_AFTER_TABLES);
      assertUnknown(scene.act(first, "change", kind));
      assertThat(handle.head()).isEqualTo(BEGINNING);
      assertThat(handle.outcome(TESTER, "change", false)).isEqualTo(new Outcome.InProgress());

      RecoveryReport report = handle.recover(OPERATOR);

      assertThat(report).isEqualTo(new RecoveryReport(1, Map.of(), Map.of()));
      assertThat(handle.outcome(TESTER, "change", false)).isEqualTo(new Outcome.Committed(5));
      assertThat(newest(first).actor()).isEqualTo(TESTER.actor());
      assertThat(newest(first).recovered())
          .contains(new RecoveredInfo(RecoveredInfo.Outcome.ROLLED_FORWARD, "first", "first", 4));
      assertThat(first.database()).isSameAs(handle);
      assertAcknowledged(scene.append(first, "next", kind.table(), 50));
      scene.judge(first);
    }
  }

  @ParameterizedTest
  @MethodSource(WRITES_EVERYWHERE)
  void scenario05_commitOfTwoTablesCrashedBetweenThem_isThereInBothOnceItsIntentIs(
      BackendKind backend, ChangeKind kind) {
    try (Scene scene = new Scene(backend, folder)) {
      dieBetweenTables(scene, kind, true);
      assertThat(scene.intents()).hasSize(1);

      Client next = scene.open("next");

      CommitInfo commit = newest(next);
      assertThat(commit.revision()).isEqualTo(5);
      assertThat(commit.recovered()).isPresent();
      assertThat(commit.tables())
          .extracting(TableChange::name)
          .containsExactlyInAnyOrder(PERSON, CUSTOMER);
      scene.judge(next);
    }
  }

  @ParameterizedTest
  @MethodSource(WRITES_EVERYWHERE)
  void scenario05_commitOfTwoTablesCrashedBetweenThem_isThereInNoneWithoutAnIntent(
      BackendKind backend, ChangeKind kind) {
    try (Scene scene = new Scene(backend, folder)) {
      dieBetweenTables(scene, kind, false);
      assertThat(scene.intents()).isEmpty();

      Client next = scene.open("next");

      assertThat(next.database().head()).isEqualTo(BEGINNING);
      assertThat(next.database().outcome(TESTER, "two", false)).isEqualTo(new Outcome.NotFound());
      scene.judge(next);
      assertThat(twoTables(scene, next, kind)).isEqualTo(new Answer.Acknowledged(5));
      scene.judge(next);
    }
  }

  /** One table's version is made and the other's isn't when the process ends; nobody sees any. */
  private static void dieBetweenTables(Scene scene, ChangeKind kind, boolean noted) {
    Client watching = scene.open("watching");
    Client first = scene.open("first");
    FaultyEngine engine = first.engine();
    String second = first.database().table(TESTER, CUSTOMER, ReadAt.HEAD).value().id();
    Faults.Armed<FailPoint> firstIsMade = hit(engine, FailPoint.COMMIT_AFTER_FIRST_TABLE);
    Faults.Armed<FailPoint> intentIsThere = hit(engine, FailPoint.COMMIT_AFTER_INTENT);
    Gate gate = new Gate();
    Effect dies =
        Effect.run(
            () -> {
              firstIsMade.awaitHit();
              if (noted) {
                intentIsThere.awaitHit();
              }
              gate.before();
              engine.dies().before();
            });
    engine
        .tables()
        .before()
        .once(
            call ->
                call.operation() == StorageOperation.COMMIT && call.table().table().equals(second),
            dies);
    if (!noted) {
      engine.store().once(StoreCall.of(StoreCall.Kind.PUT, "/intents/"), dies);
    }
    CompletableFuture<Answer> commit = scene.later(() -> twoTables(scene, first, kind));
    gate.awaitReached();
    assertThat(ids(watching, PERSON)).containsExactly(1L, 2L, 3L);
    assertThat(ids(watching, CUSTOMER)).containsExactly(1L);
    gate.release();
    assertUnknown(commit.join());
    engine.close();
  }

  private static Faults.Armed<FailPoint> hit(FaultyEngine engine, FailPoint point) {
    return engine.windows().once(point::equals, Effect.run(() -> {}));
  }

  private static Answer twoTables(Scene scene, Client client, ChangeKind kind) {
    return scene.ask(
        client,
        "two",
        model -> kind.next().effect(CUSTOMER).apply(kind.effect(PERSON).apply(model)),
        () -> client.commit("two", List.of(kind.staging(PERSON), kind.next().staging(CUSTOMER))));
  }

  @ParameterizedTest
  @MethodSource(EVERYWHERE)
  void scenario06_intentThatCanNoLongerComplete_isAbortedInTheLog(
      BackendKind backend, ChangeKind kind) {
    try (Scene scene = new Scene(backend, folder)) {
      Client other = scene.open("other");
      Client first = scene.open("first");
      diesAt(first, FailPoint.COMMIT_AFTER_TABLES);
      assertUnknown(scene.actStrictly(first, "change", kind));
      first.engine().close();
      assertAcknowledged(scene.obstruct(other, "obstacle", kind));
      other.engine().fixture().awaitIdle();

      assertThat(other.database().recover(OPERATOR).resolved()).isEqualTo(1);

      SortedMap<Long, LogEntry> entries = scene.log(other).entries();
      assertThat(entries.lastKey()).isEqualTo(6);
      assertThat(entries.get(6L))
          .isInstanceOfSatisfying(
              LogEntry.Abort.class,
              abort -> {
                assertThat(abort.header().actor()).isEqualTo(TESTER.actor());
                assertThat(abort.recovered())
                    .isEqualTo(new LogEntry.Recovery("ROLLED_BACK", "other", "first"));
              });
      assertAborted(other, "change", kind.refusal());
      assertThat(scene.intents()).isEmpty();
      assertThat(other.database().recover(OPERATOR))
          .isEqualTo(new RecoveryReport(0, Map.of(), Map.of()));
      assertThat(other.database().head()).isEqualTo(6);
      scene.judge(other);
    }
  }
}
