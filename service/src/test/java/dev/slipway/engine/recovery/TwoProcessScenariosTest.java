package dev.slipway.engine.recovery;

import static dev.slipway.engine.recovery.Scene.assertAcknowledged;
import static dev.slipway.engine.recovery.Scene.assertUnknown;
import static dev.slipway.engine.recovery.Scene.diesAt;
import static dev.slipway.engine.recovery.Scene.holdsAt;
import static dev.slipway.engine.recovery.Scene.home;
import static dev.slipway.engine.recovery.Scene.ids;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.EngineOptions;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Expectation;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.TableInfo;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.Gate;
import dev.slipway.engine.log.EntryHeader;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.Settings;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.matrix.Client.Staging;
import dev.slipway.engine.matrix.Ledger.Answer;
import dev.slipway.engine.matrix.Model;
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

/** Scenarios 18a to 18d: processes that sleep, stall, and meet over one request or staged write. */
@ExtendWith(QuietLogs.class)
class TwoProcessScenariosTest {
  private static final WriteOperation APPEND = new WriteOperation.Append(false);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void scenario18a_sleeperWhoseStartExpired_neitherPublishesNorReadsOldRows(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client sleeper = scene.open("sleeper");
      CompletableFuture<Answer> slow = sleepThroughFortyCommits(scene, sleeper, 30);

      assertThat(slow.join())
          .isInstanceOfSatisfying(
              Answer.Refused.class,
              refused -> assertThat(refused.reason()).isEqualTo(ErrorReason.STAGED_WRITE_EXPIRED));
      assertThat(ids(sleeper, "person")).hasSize(43).doesNotContain(10L);
      assertThat(sleeper.database().head()).isEqualTo(46);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario18a_sleeperWhoseStartIsKept_publishesAtTheTrueHead(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client sleeper = scene.open("sleeper");
      CompletableFuture<Answer> slow = sleepThroughFortyCommits(scene, sleeper, 0);

      assertThat(slow.join()).isEqualTo(new Answer.Acknowledged(46));
      assertThat(ids(sleeper, "person")).hasSize(44).contains(10L);
      assertAcknowledged(scene.append(sleeper, "after", 11));
    }
  }

  /** Wakes the sleeper, whose next log key is hollow by then. */
  private static CompletableFuture<Answer> sleepThroughFortyCommits(
      Scene scene, Client sleeper, long stagedFloor) {
    // Open before there is an intent: opening would complete it.
    Client other = scene.open("other", Options.checkpointEvery(10));
    Gate gate = holdsAt(sleeper, FailPoint.COMMIT_BEFORE_PUBLISH);
    CompletableFuture<Answer> slow = scene.later(() -> scene.append(sleeper, "slow", 10));
    gate.awaitReached();
    LongStream.range(100, 140)
        .forEach(id -> assertAcknowledged(scene.append(other, "fast-" + id, id)));
    other.engine().fixture().awaitIdle();
    expire(scene, other, 30, stagedFloor);
    gate.release();
    return slow;
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
      CompletableFuture<Answer> slow = scene.later(() -> scene.append(sleeper, "slow", 10));
      gate.awaitReached();
      scene.advance(Duration.ofHours(1));
      LongStream.range(100, 140)
          .forEach(id -> assertAcknowledged(scene.append(other, "fast-" + id, id)));
      other.engine().fixture().awaitIdle();
      expire(scene, other, 30, 0);
      gate.release();

      assertUnknown(slow.join());
      assertThat(scene.intents(sleeper)).hasSize(1);
      assertThat(ids(sleeper, "person")).hasSize(44).containsOnlyOnce(10L);
    }
  }

  /** What cleanup does to the log. */
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

  @ParameterizedTest
  @EnumSource
  void append_whoseRaceARenameWon_goesToTheTableUnderItsNewName(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client other = scene.open("other");
      Client stalled = scene.open("stalled");
      Gate gate = holdsAt(stalled, FailPoint.COMMIT_BEFORE_PUBLISH);
      CompletableFuture<Answer> slow =
          scene.later(
              () ->
                  scene.ask(
                      stalled,
                      "insert",
                      Model.put("people", joe().rows()),
                      () -> stalled.write("insert", joe())));
      gate.awaitReached();
      assertAcknowledged(
          scene.ask(
              other,
              "rename",
              model -> model.rename("person", "people"),
              () -> other.renameTable("rename", "person", "people")));
      TableInfo renamed = table(other, "people");
      gate.release();

      assertAcknowledged(slow.join());
      assertThat(stalled.database().tables(TESTER, ReadAt.HEAD, "", 10).value())
          .extracting(TableInfo::name)
          .containsExactly("customer", "people");
      assertThat(table(stalled, "people").version()).isEqualTo(renamed.version() + 1);
      scene.judge(stalled);
    }
  }

  private static TableInfo table(Client client, String name) {
    return client.database().table(TESTER, name, ReadAt.HEAD).value();
  }

  @ParameterizedTest
  @EnumSource
  void scenario18b_stalledWriterWhoseClientGoesElsewhere_commitsOnce(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client other = scene.open("other");
      Client stalled = scene.open("stalled");
      Gate gate = holdsAt(stalled, FailPoint.COMMIT_AFTER_INTENT);
      CompletableFuture<Answer> slow = scene.later(() -> scene.append(stalled, "insert", 10));
      gate.awaitReached();
      Answer fast = scene.append(other, "insert", 10);
      gate.release();

      assertThat(fast).isEqualTo(new Answer.Acknowledged(5));
      assertThat(slow.join()).isEqualTo(fast);
      assertThat(ids(stalled, "person")).containsExactly(1L, 2L, 3L, 10L);
      scene.judge(stalled);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario18b_stalledWriterWhoseIntentAnotherResolves_commitsOnce(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client stalled = scene.open("stalled");
      Gate gate = holdsAt(stalled, FailPoint.COMMIT_AFTER_INTENT);
      CompletableFuture<Answer> slow = scene.later(() -> scene.append(stalled, "insert", 10));
      gate.awaitReached();
      Client other = scene.open("other");
      assertThat(other.database().outcome(TESTER, "insert", false))
          .isEqualTo(new Outcome.Committed(5));
      gate.release();

      assertThat(slow.join()).isEqualTo(new Answer.Acknowledged(5));
      scene.judge(other);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario18c_twoCommitsOfOneStagedWrite_oneWinsTheOtherIsRefused(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client other = scene.open("other");
      Client slow = scene.open("slow");
      slow.stage("shared", joe());
      Gate gate = holdsAt(slow, FailPoint.COMMIT_BEFORE_PUBLISH);
      CompletableFuture<Answer> late = scene.later(() -> commitShared(scene, slow, "late"));
      gate.awaitReached();
      assertAcknowledged(commitShared(scene, other, "early"));
      gate.release();

      assertThat(late.join())
          .isInstanceOfSatisfying(
              Answer.Refused.class,
              refused ->
                  assertThat(refused.reason()).isEqualTo(ErrorReason.STAGED_WRITE_COMMITTED));
      assertThat(ids(slow, "person")).containsExactly(1L, 2L, 3L, 10L);
      scene.judge(other);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario18c_twoCommitsOfOneStagedWriteThroughACrash_oneIsRolledBack(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client other = scene.open("other");
      Client crashing = scene.open("crashing");
      crashing.stage("shared", joe());
      diesAt(crashing, FailPoint.COMMIT_AFTER_TABLES);
      assertUnknown(commitShared(scene, crashing, "crashed"));
      crashing.engine().close();
      assertAcknowledged(commitShared(scene, other, "early"));

      assertThat(other.database().recover(TESTER).resolved()).isEqualTo(1);

      assertThat(other.database().outcome(TESTER, "crashed", false))
          .isInstanceOfSatisfying(
              Outcome.Aborted.class,
              aborted ->
                  assertThat(aborted.reason()).isEqualTo(ErrorReason.STAGED_WRITE_COMMITTED));
      assertThat(ids(other, "person")).containsExactly(1L, 2L, 3L, 10L);
      scene.judge(other);
    }
  }

  private static Staging joe() {
    return new Staging("person", APPEND, List.of(person(10, "Joe", 1)));
  }

  private static Answer commitShared(Scene scene, Client client, String request) {
    return scene.ask(
        client,
        request,
        Model.put("person", joe().rows()),
        () -> client.commitStaged(request, List.of("shared")));
  }

  @ParameterizedTest
  @EnumSource(
      value = FailPoint.class,
      names = {"COMMIT_BEFORE_PUBLISH", "COMMIT_PUBLISH_ANSWER_LOST", "COMMIT_AFTER_PUBLISH"})
  void scenario18d_raceLostAndDeadBeforeAnswering_hasTheOutcomeThatWillBeTold(FailPoint death) {
    for (BackendKind kind : BackendKind.values()) {
      try (Scene scene = new Scene(kind, folder.resolve(kind.name()))) {
        Client other = scene.open("other");
        Client dying = scene.open("dying");
        Gate gate = holdsAt(dying, FailPoint.COMMIT_AFTER_TABLES);
        CompletableFuture<Answer> expecting = scene.later(() -> expecting(scene, dying));
        gate.awaitReached();
        assertAcknowledged(scene.append(other, "winner", 20));
        if (death == FailPoint.COMMIT_AFTER_PUBLISH) {
          diesAt(dying, death);
        } else {
          // The first pass loses the race; the second carries the abort.
          dying.engine().windows().after(1, death::equals, dying.engine().dies());
        }
        gate.release();
        assertUnknown(expecting.join());
        dying.engine().close();

        var unused = other.database().recover(TESTER);

        assertThat(other.database().outcome(TESTER, "expecting", false))
            .isInstanceOfSatisfying(
                Outcome.Aborted.class,
                aborted -> assertThat(aborted.reason()).isEqualTo(ErrorReason.COMMIT_CONFLICT));
        assertThat(expecting(scene, other))
            .isInstanceOfSatisfying(
                Answer.Refused.class,
                refused -> assertThat(refused.reason()).isEqualTo(ErrorReason.COMMIT_CONFLICT));
        assertThat(ids(other, "person")).containsExactly(1L, 2L, 3L, 20L);
        scene.judge(other);
      }
    }
  }

  private static Answer expecting(Scene scene, Client client) {
    return scene.ask(
        client,
        "expecting",
        Model.put("person", joe().rows()),
        () -> client.commit("expecting", List.of(joe()), new Expectation.BranchAt(4)));
  }
}
