package dev.slipway.engine.recovery;

import static dev.slipway.engine.recovery.ChangeKind.PERSON;
import static dev.slipway.engine.recovery.Scene.assertAcknowledged;
import static dev.slipway.engine.recovery.Scene.assertRefused;
import static dev.slipway.engine.recovery.Scene.assertUnknown;
import static dev.slipway.engine.recovery.Scene.home;
import static dev.slipway.engine.recovery.Scene.ids;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.Refusals.reasonOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CleanupReport;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.cleanup.ReclaimOracle;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.Gate;
import dev.slipway.engine.log.EntryHeader;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.Settings;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.matrix.Ledger.Answer;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.Options;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Scenario 18a: a process pauses at revision 100, others publish to 900, a cleanup expires history
 * to 500, and it wakes. On disk all of it is a tenth as long.
 */
@ExtendWith(QuietLogs.class)
class SleeperScenariosTest {
  private static final long SLOW = 10;

  @TempDir Path folder;

  private static int hundred(BackendKind backend) {
    return backend == BackendKind.MEMORY ? 100 : 10;
  }

  /** One revision a minute. */
  private static void publishTo(Scene scene, Client client, long revision) {
    for (long next = client.database().head() + 1; next <= revision; next++) {
      scene.advance(Duration.ofMinutes(1));
      assertThat(scene.append(client, "fast-" + next, 1_000 + next))
          .isEqualTo(new Answer.Acknowledged(next));
    }
    client.engine().fixture().awaitIdle();
  }

  /** Begins a commit at 100 that wakes when it is released, and lets others go on to 900. */
  private static CompletableFuture<Answer> sleep(
      Scene scene, Client sleeper, Client other, Gate gate, int hundred) {
    publishTo(scene, other, hundred);
    sleeper.engine().windows().once(FailPoint.COMMIT_BEFORE_PUBLISH::equals, gate);
    CompletableFuture<Answer> slow = scene.later(() -> scene.append(sleeper, "slow", SLOW));
    gate.awaitReached();
    assertThat(sleeper.database().head()).isEqualTo(hundred);
    publishTo(scene, other, 9L * hundred);
    return slow;
  }

  /** Expires history to 500, and what was begun below 700. */
  private static void cleanUp(Client client, int hundred) {
    CleanupPolicy policy =
        new CleanupPolicy(4L * hundred + 1, Duration.ZERO, Duration.ofMinutes(2L * hundred));
    CleanupReport report =
        client
            .database()
            .cleanup(TESTER, policy, false, row -> assertThat(row.failure()).isEmpty());
    assertThat(report.problems()).isEmpty();
    assertThat(report.floor()).isEqualTo(5L * hundred);
    assertThat(report.stagedFloor()).isEqualTo(7L * hundred);
  }

  /** It reads the head that others published, and nothing that is expired. */
  private static void assertReadsTheTruth(Client sleeper, Client other, int hundred) {
    assertThat(ids(sleeper, PERSON)).isEqualTo(ids(other, PERSON)).doesNotContain(SLOW);
    assertThat(sleeper.database().head()).isEqualTo(other.database().head());
    assertThat(
            reasonOf(
                () ->
                    sleeper
                        .engine()
                        .fixture()
                        .rows(sleeper.database(), PERSON, ReadAt.revision(hundred))))
        .isEqualTo(ErrorReason.REVISION_EXPIRED);
  }

  @ParameterizedTest
  @EnumSource
  void scenario18a_sleeperWhoseNextKeyIsHollow_publishesNothingAndReadsTheTrueHead(
      BackendKind backend) {
    int hundred = hundred(backend);
    // Requests are remembered for 200 revisions, so the log goes as far as history does.
    EngineOptions options =
        Options.of(new Settings(0, 2L * hundred, 86_400), Math.max(3, hundred / 8));
    try (Scene scene = new Scene(backend, folder, options)) {
      Client other = scene.open("other", options);
      Client sleeper = scene.open("sleeper", options);
      Gate gate = new Gate();
      CompletableFuture<Answer> slow = sleep(scene, sleeper, other, gate, hundred);
      cleanUp(other, hundred);
      long head = other.database().head();
      LogStore log = new LogStore(scene.metadata(), home(other));
      assertThat(log.isHollow(hundred + 1)).as("the key that it is about to put").isTrue();
      assertReadsTheTruth(sleeper, other, hundred);
      gate.release();

      // Somebody may have completed its intent, and what was decided then is forgotten by now.
      assertUnknown(slow.join());
      sleeper.engine().fixture().awaitIdle();
      assertReadsTheTruth(sleeper, other, hundred);
      assertThat(other.database().head()).isEqualTo(head);
      assertThat(log.isHollow(hundred + 1)).isTrue();
      assertThat(scene.intents()).as("for people to see").hasSize(1);
      assertThat(scene.append(sleeper, "after", 11)).isEqualTo(new Answer.Acknowledged(head + 1));
      assertThat(sleeper.database().recover(TESTER).quarantined()).hasSize(1);
      assertThat(ids(other, PERSON)).contains(11L).doesNotContain(SLOW);
      new ReclaimOracle(other.engine().fixture().backend()).check(other.database());
      assertThat(ids(scene.open("late"), PERSON)).isEqualTo(ids(sleeper, PERSON));
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario18a_sleeperWhoseStartExpired_isRefusedAndReadsTheTrueHead(BackendKind backend) {
    int hundred = hundred(backend);
    try (Scene scene = new Scene(backend, folder)) {
      Client other = scene.open("other");
      Client sleeper = scene.open("sleeper");
      Gate gate = new Gate();
      CompletableFuture<Answer> slow = sleep(scene, sleeper, other, gate, hundred);
      cleanUp(other, hundred);
      assertReadsTheTruth(sleeper, other, hundred);
      long head = other.database().head();
      gate.release();

      assertRefused(slow.join(), ErrorReason.STAGED_WRITE_EXPIRED);
      sleeper.engine().fixture().awaitIdle();
      assertReadsTheTruth(sleeper, other, hundred);
      Scene.assertAborted(other, "slow", ErrorReason.STAGED_WRITE_EXPIRED);
      assertThat(other.database().head()).as("that of its abort").isEqualTo(head + 1);
      assertThat(scene.intents()).isEmpty();
      assertThat(scene.append(sleeper, "after", 11)).isEqualTo(new Answer.Acknowledged(head + 2));
      new ReclaimOracle(other.engine().fixture().backend()).check(other.database());
      assertThat(ids(scene.open("late"), PERSON)).isEqualTo(ids(sleeper, PERSON));
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario18a_sleeperWhoseStartIsKept_publishesAtTheTrueHead(BackendKind backend) {
    int hundred = hundred(backend);
    try (Scene scene = new Scene(backend, folder)) {
      // Open before there is an intent: opening would complete it.
      Client other = scene.open("other", Options.checkpointEvery(hundred / 4));
      Client sleeper = scene.open("sleeper");
      Gate gate = new Gate();
      CompletableFuture<Answer> slow = sleep(scene, sleeper, other, gate, hundred);
      expire(scene, other, 5L * hundred, 0);
      long head = other.database().head();
      gate.release();

      assertThat(slow.join()).isEqualTo(new Answer.Acknowledged(head + 1));
      assertThat(ids(sleeper, PERSON)).isEqualTo(ids(other, PERSON)).containsOnlyOnce(SLOW);
      assertAcknowledged(scene.append(sleeper, "after", 11));
    }
  }

  @ParameterizedTest
  @EnumSource
  void commit_whoseDecisionIsForgottenBeforeItsAnswerIsKnown_isAnsweredUnknown(BackendKind kind) {
    EngineOptions forgetful = Options.of(new Settings(60, 5, 86_400), 10);
    try (Scene scene = new Scene(kind, folder, forgetful)) {
      Client sleeper = scene.open("sleeper");
      Client other = scene.open("other", forgetful);
      Gate gate = new Gate();
      sleeper
          .engine()
          .windows()
          .once(
              FailPoint.COMMIT_PUBLISH_ANSWER_LOST::equals,
              Effect.run(
                  () -> {
                    gate.before();
                    throw StorageException.of(StorageErrorCode.UNAVAILABLE, "injected: no answer");
                  }));
      CompletableFuture<Answer> slow = scene.later(() -> scene.append(sleeper, "slow", SLOW));
      gate.awaitReached();
      scene.advance(Duration.ofHours(1));
      LongStream.range(100, 140)
          .forEach(id -> assertAcknowledged(scene.append(other, "fast-" + id, id)));
      other.engine().fixture().awaitIdle();
      expire(scene, other, 30, 0);
      gate.release();

      assertUnknown(slow.join());
      assertThat(scene.intents()).hasSize(1);
      assertThat(ids(sleeper, PERSON)).hasSize(44).containsOnlyOnce(SLOW);
    }
  }

  /** What no cleanup does, and the log may say: history is expired, and what began in it isn't. */
  private static void expire(Scene scene, Client client, long floor, long stagedFloor) {
    LogStore log = new LogStore(scene.metadata(), home(client));
    DatabaseState state = scene.log(client).head();
    EntryHeader header =
        new EntryHeader("cleanup", null, null, "operator", state.revision(), state.lastTime() + 1);
    log.publish(
        new LogBatch(
            state.incarnation(),
            "nonce",
            state.revision() + 1,
            List.of(new LogEntry.HistoryExpired(header, floor, stagedFloor, List.of()))));
    LongStream.rangeClosed(1, floor)
        .forEach(revision -> scene.metadata().hollow(log.key(revision)));
  }
}
