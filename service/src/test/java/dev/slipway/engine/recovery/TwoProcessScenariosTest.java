package dev.slipway.engine.recovery;

import static dev.slipway.engine.recovery.ChangeKind.EVERYWHERE;
import static dev.slipway.engine.recovery.ChangeKind.PERSON;
import static dev.slipway.engine.recovery.ChangeKind.WRITES_EVERYWHERE;
import static dev.slipway.engine.recovery.Scene.assertAborted;
import static dev.slipway.engine.recovery.Scene.assertAcknowledged;
import static dev.slipway.engine.recovery.Scene.assertRefused;
import static dev.slipway.engine.recovery.Scene.assertUnknown;
import static dev.slipway.engine.recovery.Scene.diesAt;
import static dev.slipway.engine.recovery.Scene.holdsAt;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.awaitInProgress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.TableInfo;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.Faults;
import dev.slipway.engine.fault.Gate;
import dev.slipway.engine.fault.StoreCall;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.matrix.Ledger.Answer;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.QuietLogs;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Scenarios 18b to 18d: processes that stall, and meet over one request or staged write. */
@ExtendWith(QuietLogs.class)
class TwoProcessScenariosTest {
  @TempDir Path folder;

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
                      ChangeKind.APPEND.effect("people"),
                      () -> stalled.write("insert", ChangeKind.APPEND.staging(PERSON))));
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
  @MethodSource(EVERYWHERE)
  void scenario18b_stalledWriterWhoseClientGoesElsewhere_commitsOnce(
      BackendKind backend, ChangeKind kind) {
    try (Scene scene = new Scene(backend, folder)) {
      Client other = scene.open("other");
      Client stalled = scene.open("stalled");
      Gate gate = holdsAt(stalled, FailPoint.COMMIT_AFTER_INTENT);
      CompletableFuture<Answer> slow = scene.later(() -> scene.act(stalled, "change", kind));
      gate.awaitReached();
      Answer fast = scene.act(other, "change", kind);
      gate.release();

      assertThat(fast).isEqualTo(new Answer.Acknowledged(5));
      assertThat(slow.join()).isEqualTo(fast);
      assertThat(scene.log(other).entries().lastKey()).isEqualTo(5);
      scene.judge(stalled);
    }
  }

  @ParameterizedTest
  @MethodSource(EVERYWHERE)
  void scenario18b_stalledWriterWhoseIntentAnotherResolves_commitsOnce(
      BackendKind backend, ChangeKind kind) {
    try (Scene scene = new Scene(backend, folder)) {
      Client stalled = scene.open("stalled");
      Gate gate = holdsAt(stalled, FailPoint.COMMIT_AFTER_INTENT);
      CompletableFuture<Answer> slow = scene.later(() -> scene.act(stalled, "change", kind));
      gate.awaitReached();
      Client other = scene.open("other");
      assertThat(other.database().outcome(TESTER, "change", false))
          .isEqualTo(new Outcome.Committed(5));
      assertThat(scene.act(other, "change", kind)).isEqualTo(new Answer.Acknowledged(5));
      gate.release();

      assertThat(slow.join()).isEqualTo(new Answer.Acknowledged(5));
      assertThat(scene.log(other).entries().lastKey()).isEqualTo(5);
      scene.judge(other);
    }
  }

  @ParameterizedTest
  @MethodSource(EVERYWHERE)
  void outcome_ofWhatAnotherProcessFinishesBetweenTwoLooks_isNeverNotFound(
      BackendKind backend, ChangeKind kind) {
    try (Scene scene = new Scene(backend, folder)) {
      Client other = scene.open("other");
      Client writer = scene.open("writer");
      Gate gate = holdsAt(writer, FailPoint.COMMIT_AFTER_INTENT);
      CompletableFuture<Answer> slow = scene.later(() -> scene.act(writer, "change", kind));
      gate.awaitReached();
      Faults.Armed<StoreCall> looked =
          other
              .engine()
              .store()
              .once(
                  StoreCall.of(StoreCall.Kind.LIST, "/intents/"),
                  Effect.run(
                      () -> {
                        gate.release();
                        assertThat(slow.join()).isEqualTo(new Answer.Acknowledged(5));
                        await().until(() -> scene.intents().isEmpty());
                      }));

      Outcome outcome = other.database().outcome(TESTER, "change", false);

      assertThat(looked.wasHit()).isTrue();
      assertThat(outcome).isEqualTo(new Outcome.Committed(5));
      scene.judge(other);
    }
  }

  @ParameterizedTest
  @MethodSource(WRITES_EVERYWHERE)
  void scenario18c_twoCommitsOfOneStagedWrite_oneWinsTheOtherIsRefused(
      BackendKind backend, ChangeKind kind) {
    try (Scene scene = new Scene(backend, folder)) {
      Client other = scene.open("other");
      Client slow = scene.open("slow");
      slow.stage("shared", kind.staging(PERSON));
      Gate gate = holdsAt(slow, FailPoint.COMMIT_BEFORE_PUBLISH);
      CompletableFuture<Answer> late = scene.later(() -> commitShared(scene, slow, "late", kind));
      gate.awaitReached();
      assertAcknowledged(commitShared(scene, other, "early", kind));
      gate.release();

      assertRefused(late.join(), ErrorReason.STAGED_WRITE_COMMITTED);
      scene.judge(other);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario18c_twoCommitsOfOneStagedWriteInOneBatch_oneWinsTheOtherIsRefused(
      BackendKind backend) {
    try (Scene scene = new Scene(backend, folder)) {
      Client client = scene.open("first");
      client.stage("shared", ChangeKind.APPEND.staging(PERSON));
      Gate gate = holdsAt(client, FailPoint.COMMIT_BEFORE_PUBLISH);
      CompletableFuture<Answer> ahead = scene.later(() -> scene.append(client, "ahead", 20));
      gate.awaitReached();
      CompletableFuture<Answer> one =
          scene.later(() -> commitShared(scene, client, "one", ChangeKind.APPEND));
      awaitInProgress(client.database(), "one");
      CompletableFuture<Answer> two =
          scene.later(() -> commitShared(scene, client, "two", ChangeKind.APPEND));
      awaitInProgress(client.database(), "two");
      gate.release();

      assertAcknowledged(ahead.join());
      assertThat(one.join()).isEqualTo(new Answer.Acknowledged(6));
      assertRefused(two.join(), ErrorReason.STAGED_WRITE_COMMITTED);
      scene.judge(client);
    }
  }

  @ParameterizedTest
  @MethodSource(WRITES_EVERYWHERE)
  void scenario18c_twoCommitsOfOneStagedWriteThroughACrash_theCrashedIsRolledBack(
      BackendKind backend, ChangeKind kind) {
    try (Scene scene = new Scene(backend, folder)) {
      Client other = scene.open("other");
      crash(scene, kind);
      assertAcknowledged(commitShared(scene, other, "early", kind));

      assertThat(other.database().recover(TESTER).resolved()).isEqualTo(1);

      assertAborted(other, "crashed", ErrorReason.STAGED_WRITE_COMMITTED);
      scene.judge(other);
    }
  }

  @ParameterizedTest
  @MethodSource(WRITES_EVERYWHERE)
  void scenario18c_twoCommitsOfOneStagedWriteThroughACrash_theCompletedOneWins(
      BackendKind backend, ChangeKind kind) {
    try (Scene scene = new Scene(backend, folder)) {
      crash(scene, kind);

      Client next = scene.open("next");

      assertThat(next.database().outcome(TESTER, "crashed", false))
          .isEqualTo(new Outcome.Committed(5));
      assertRefused(commitShared(scene, next, "late", kind), ErrorReason.STAGED_WRITE_COMMITTED);
      scene.judge(next);
    }
  }

  /** Stages a write, and dies over its commit. */
  private static void crash(Scene scene, ChangeKind kind) {
    Client crashing = scene.open("crashing");
    crashing.stage("shared", kind.staging(PERSON));
    diesAt(crashing, FailPoint.COMMIT_AFTER_TABLES);
    assertUnknown(commitShared(scene, crashing, "crashed", kind));
    crashing.engine().close();
  }

  private static Answer commitShared(Scene scene, Client client, String request, ChangeKind kind) {
    return scene.ask(
        client, request, kind.effect(), () -> client.commitStaged(request, List.of("shared")));
  }

  @ParameterizedTest
  @MethodSource("deaths")
  void scenario18d_raceLostAndDeadBeforeAnswering_hasTheOutcomeThatWillBeTold(
      FailPoint death, BackendKind backend, ChangeKind kind) {
    try (Scene scene = new Scene(backend, folder)) {
      Client other = scene.open("other");
      Client dying = scene.open("dying");
      Gate gate = holdsAt(dying, FailPoint.COMMIT_AFTER_TABLES);
      CompletableFuture<Answer> losing =
          scene.later(() -> scene.actStrictly(dying, "change", kind));
      gate.awaitReached();
      assertAcknowledged(scene.obstruct(other, "winner", kind));
      if (death == FailPoint.COMMIT_AFTER_PUBLISH) {
        diesAt(dying, death);
      } else {
        // The first pass loses the race; the second carries the abort.
        dying.engine().windows().after(1, death::equals, dying.engine().dies());
      }
      gate.release();
      assertUnknown(losing.join());
      assertThat(dying.engine().life().isOver()).isTrue();
      dying.engine().close();

      var unused = other.database().recover(TESTER);

      assertAborted(other, "change", kind.refusal());
      assertRefused(scene.actStrictly(other, "change", kind), kind.refusal());
      scene.judge(other);
    }
  }

  /** But for what can't be asked again: an upload whose table is gone has nothing to be about. */
  static Stream<Arguments> deaths() {
    return Stream.of(
            FailPoint.COMMIT_BEFORE_PUBLISH,
            FailPoint.COMMIT_PUBLISH_ANSWER_LOST,
            FailPoint.COMMIT_AFTER_PUBLISH)
        .flatMap(
            death ->
                ChangeKind.everywhere()
                    .filter(all -> all.get()[1] != ChangeKind.IN_ONE_CALL)
                    .map(all -> Arguments.of(death, all.get()[0], all.get()[1])));
  }
}
