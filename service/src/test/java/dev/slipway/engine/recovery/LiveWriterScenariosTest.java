package dev.slipway.engine.recovery;

import static dev.slipway.engine.recovery.ChangeKind.CUSTOMER;
import static dev.slipway.engine.recovery.ChangeKind.EVERYWHERE;
import static dev.slipway.engine.recovery.ChangeKind.PERSON;
import static dev.slipway.engine.recovery.ChangeKind.WRITES_EVERYWHERE;
import static dev.slipway.engine.recovery.Scene.assertAborted;
import static dev.slipway.engine.recovery.Scene.assertAcknowledged;
import static dev.slipway.engine.recovery.Scene.assertRefused;
import static dev.slipway.engine.recovery.Scene.assertUnknown;
import static dev.slipway.engine.recovery.Scene.diesAt;
import static dev.slipway.engine.recovery.Scene.failsAt;
import static dev.slipway.engine.recovery.Scene.holdsAt;
import static dev.slipway.engine.recovery.Scene.ids;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.awaitInProgress;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.Gate;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.matrix.Ledger.Answer;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.StorageOperation;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Scenarios 8 to 10: writers beside failed, paused and recovered ones. */
@ExtendWith(QuietLogs.class)
class LiveWriterScenariosTest {
  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource(WRITES_EVERYWHERE)
  void scenario08_failedCommitOnOneTable_leavesAllWritableAtOnceAndAfterRecovery(
      BackendKind backend, ChangeKind kind) {
    try (Scene scene = new Scene(backend, folder)) {
      Client first = scene.open("first");
      failsAt(first, FailPoint.COMMIT_AFTER_TABLES);
      assertUnknown(scene.act(first, "broken", kind));

      assertAcknowledged(scene.append(first, "elsewhere", CUSTOMER, 20));
      assertAcknowledged(scene.append(first, "same-table", PERSON, 21));
      assertThat(first.database().recover(TESTER).resolved()).isEqualTo(1);
      assertAcknowledged(scene.append(first, "after", PERSON, 22));

      if (kind.isExclusive()) {
        assertAborted(first, "broken", ErrorReason.COMMIT_CONFLICT);
      } else {
        assertThat(first.database().outcome(TESTER, "broken", false))
            .isEqualTo(new Outcome.Committed(7));
      }
      scene.judge(first);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario08_tableWhoseStorageFails_holdsUpNoOtherNotEvenInItsOwnBatch(BackendKind backend) {
    try (Scene scene = new Scene(backend, folder)) {
      Client client = scene.open("first");
      String bad = client.database().table(TESTER, PERSON, ReadAt.HEAD).value().id();
      client
          .engine()
          .tables()
          .before()
          .always(
              call ->
                  call.operation() == StorageOperation.COMMIT && call.table().table().equals(bad),
              Effect.fail());
      assertRefused(scene.append(client, "alone", PERSON, 10), ErrorReason.BACKEND_UNAVAILABLE);
      assertAcknowledged(scene.append(client, "elsewhere", CUSTOMER, 20));

      Gate gate = holdsAt(client, FailPoint.COMMIT_BEFORE_PUBLISH);
      CompletableFuture<Answer> ahead =
          scene.later(() -> scene.append(client, "ahead", CUSTOMER, 21));
      gate.awaitReached();
      // Both wait for the next batch, the one that fails first.
      CompletableFuture<Answer> failing =
          scene.later(() -> scene.append(client, "failing", PERSON, 11));
      awaitInProgress(client.database(), "failing");
      CompletableFuture<Answer> beside =
          scene.later(() -> scene.append(client, "beside", CUSTOMER, 22));
      awaitInProgress(client.database(), "beside");
      gate.release();

      assertAcknowledged(ahead.join());
      assertRefused(failing.join(), ErrorReason.BACKEND_UNAVAILABLE);
      assertAcknowledged(beside.join());
      assertThat(ids(client, PERSON)).containsExactly(1L, 2L, 3L);
      client.engine().clearFaults();
      assertAcknowledged(scene.append(client, "alone", PERSON, 10));
      scene.judge(client);
    }
  }

  @ParameterizedTest
  @MethodSource(EVERYWHERE)
  void scenario09_pausedWriterAndAnother_bothLandInOrderOrTheFirstAlone(
      BackendKind backend, ChangeKind kind) {
    try (Scene scene = new Scene(backend, folder)) {
      Client paused = scene.open("paused");
      Client other = scene.open("other");
      Gate gate = holdsAt(paused, FailPoint.COMMIT_BEFORE_PUBLISH);
      CompletableFuture<Answer> slow = scene.later(() -> scene.act(paused, "slow", kind));
      gate.awaitReached();
      assertAcknowledged(scene.interfere(other, "fast"));
      gate.release();

      if (kind.isExclusive()) {
        assertRefused(slow.join(), ErrorReason.COMMIT_CONFLICT);
      } else {
        assertThat(slow.join()).isEqualTo(new Answer.Acknowledged(6));
      }
      scene.judge(other);
    }
  }

  @ParameterizedTest
  @MethodSource(EVERYWHERE)
  void scenario09_changeThatLoses_changesNothing(BackendKind backend, ChangeKind kind) {
    try (Scene scene = new Scene(backend, folder)) {
      Client paused = scene.open("paused");
      Client other = scene.open("other");
      Gate gate = holdsAt(paused, FailPoint.COMMIT_BEFORE_PUBLISH);
      CompletableFuture<Answer> slow = scene.later(() -> scene.actStrictly(paused, "slow", kind));
      gate.awaitReached();
      assertAcknowledged(scene.obstruct(other, "fast", kind));
      gate.release();

      assertRefused(slow.join(), kind.refusal());
      assertAborted(other, "slow", kind.refusal());
      // The oracle knows every row that may be there: none is the loser's, none is gone.
      scene.judge(other);
    }
  }

  @ParameterizedTest
  @MethodSource(EVERYWHERE)
  void scenario10_recoveryBesideALiveWriter_undoesNothingOfIt(
      BackendKind backend, ChangeKind kind) {
    try (Scene scene = new Scene(backend, folder)) {
      Client live = scene.open("live");
      Client first = scene.open("first");
      diesAt(first, FailPoint.COMMIT_AFTER_TABLES);
      assertUnknown(scene.act(first, "broken", kind));
      first.engine().close();

      Client recovering = scene.start("recovering");
      Gate gate = holdsAt(recovering, FailPoint.RECOVER_BEFORE_PUBLISH);
      CompletableFuture<Database> opening = scene.later(recovering::database);
      gate.awaitReached();
      assertAcknowledged(scene.interfere(live, "meanwhile"));
      assertAcknowledged(scene.append(live, "meanwhile-2", CUSTOMER, 20));
      live.engine().fixture().awaitIdle();
      gate.release();
      Database opened = opening.join();

      if (kind.isExclusive()) {
        assertAborted(recovering, "broken", ErrorReason.COMMIT_CONFLICT);
      } else {
        assertThat(opened.outcome(TESTER, "broken", false)).isEqualTo(new Outcome.Committed(7));
      }
      assertThat(scene.intents()).isEmpty();
      scene.judge(live);
    }
  }
}
