package dev.slipway.engine.recovery;

import static dev.slipway.engine.fault.StoreCall.Kind.GET;
import static dev.slipway.engine.fault.StoreCall.Kind.PUT;
import static dev.slipway.engine.recovery.Scene.assertAcknowledged;
import static dev.slipway.engine.recovery.Scene.assertUnknown;
import static dev.slipway.engine.recovery.Scene.diesAt;
import static dev.slipway.engine.recovery.Scene.failsAt;
import static dev.slipway.engine.recovery.Scene.holdsAt;
import static dev.slipway.engine.recovery.Scene.home;
import static dev.slipway.engine.recovery.Scene.ids;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.awaitInProgress;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.CancelSignal;
import dev.slipway.engine.CheckpointFailure;
import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.RecoveryReport;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.fault.Gate;
import dev.slipway.engine.fault.StoreCall;
import dev.slipway.engine.fault.TableCall;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.matrix.Client.Staging;
import dev.slipway.engine.matrix.Ledger.Answer;
import dev.slipway.engine.matrix.Model;
import dev.slipway.engine.state.CheckpointStore;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.Options;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.StorageOperation;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a committer must survive besides crashes: nobody waits for ever, nobody is told wrong. */
@ExtendWith(QuietLogs.class)
@Timeout(120)
class CommitterFaultsTest {
  @TempDir Path folder;

  private static Stream<Arguments> windows() {
    return onBothBackends(
        FailPoint.COMMIT_BEFORE_INTENT,
        FailPoint.COMMIT_AFTER_INTENT,
        FailPoint.COMMIT_AFTER_FIRST_TABLE,
        FailPoint.COMMIT_BEFORE_PUBLISH,
        FailPoint.COMMIT_PUBLISH_ANSWER_LOST,
        FailPoint.COMMIT_AFTER_PUBLISH,
        FailPoint.COMMIT_BEFORE_INTENT_DELETE);
  }

  private static Stream<Arguments> leavings() {
    return onBothBackends(ErrorReason.CANCELLED, ErrorReason.DEADLINE);
  }

  private static Stream<Arguments> onBothBackends(Object... each) {
    return Stream.of(BackendKind.values())
        .flatMap(kind -> Stream.of(each).map(one -> Arguments.of(kind, one)));
  }

  @ParameterizedTest
  @MethodSource("windows")
  void commit_thatAnErrorBreaksOff_isAnsweredAndLaterOnesGoOn(BackendKind kind, FailPoint point) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      client
          .engine()
          .windows()
          .once(point::equals, Effect.breakWith(() -> new UnsatisfiedLinkError("no library")));
      scene.append(client, "broken", 10);
      assertAcknowledged(scene.append(client, "next", 11));
      scene.judge(client);
      scene.append(client, "broken", 10);
      scene.judge(client);
    }
  }

  @ParameterizedTest
  @EnumSource
  void recover_thatAnErrorBreaksOff_returnsAndTheNextPassGoesOn(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      failsAt(client, FailPoint.COMMIT_AFTER_TABLES);
      assertUnknown(scene.append(client, "broken", 10));
      client
          .engine()
          .windows()
          .once(
              FailPoint.RECOVER_BEFORE_PUBLISH::equals,
              Effect.breakWith(() -> new UnsatisfiedLinkError("no library")));
      assertThat(client.database().recover(TESTER).pending()).hasSize(1);
      assertThat(client.database().recover(TESTER).resolved()).isEqualTo(1);
      scene.judge(client);
    }
  }

  @ParameterizedTest
  @EnumSource
  void commit_whoseDecisionCantBeReadRightNow_isAnsweredUnknown(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client other = scene.open("other");
      Client stalled = scene.open("stalled");
      Gate gate = holdsAt(stalled, FailPoint.COMMIT_AFTER_INTENT);
      CompletableFuture<Answer> slow = scene.later(() -> scene.append(stalled, "insert", 10));
      gate.awaitReached();
      assertAcknowledged(scene.append(other, "insert", 10));
      // The first look folds the record, the second is for the answer.
      String record = LogStore.digits(5);
      stalled.engine().store().after(1, StoreCall.of(GET, record), Effect.fail());
      gate.release();
      assertUnknown(slow.join());
      assertThat(scene.append(stalled, "insert", 10)).isEqualTo(new Answer.Acknowledged(5));
      scene.judge(stalled);
    }
  }

  @ParameterizedTest
  @EnumSource
  void commit_refusedForWhatAnEarlierOneOfItsBatchThenDidntDo_isDoneInstead(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      Gate gate = holdsAt(client, FailPoint.COMMIT_BEFORE_PUBLISH);
      CompletableFuture<Answer> ahead = scene.later(() -> scene.append(client, "ahead", 10));
      gate.awaitReached();
      // Both wait for the next batch, in this order; the first of them will fail in it.
      CompletableFuture<Answer> first = scene.later(() -> create(scene, client, "create-1"));
      awaitInProgress(client.database(), "create-1");
      CompletableFuture<Answer> second = scene.later(() -> create(scene, client, "create-2"));
      awaitInProgress(client.database(), "create-2");
      failsAt(client, FailPoint.TABLE_BEFORE_HOME_CREATED);
      gate.release();

      assertAcknowledged(ahead.join());
      assertThat(first.join())
          .isInstanceOfSatisfying(
              Answer.Refused.class,
              refused -> assertThat(refused.reason()).isEqualTo(ErrorReason.BACKEND_UNAVAILABLE));
      assertAcknowledged(second.join());
      scene.judge(client);
    }
  }

  private static Answer create(Scene scene, Client client, String request) {
    LongSupplier call = () -> client.createTable(request, "order");
    return scene.ask(client, request, model -> model.create("order"), call);
  }

  @ParameterizedTest
  @EnumSource
  void recover_whenTablesFailForNow_leavesTheIntentAndCompletesItLater(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client first = scene.open("first");
      diesAt(first, FailPoint.COMMIT_AFTER_INTENT);
      assertUnknown(scene.append(first, "insert", 10));
      first.engine().close();

      Client next = scene.start("next");
      next.engine().tables().before().always(TableCall.of(StorageOperation.COMMIT), Effect.fail());
      RecoveryReport report = next.database().recover(TESTER);
      assertThat(report.pending()).hasSize(1);
      assertThat(report.resolved()).isZero();
      assertThat(scene.intents(next)).hasSize(1);
      assertThat(next.database().outcome(TESTER, "insert", false))
          .isEqualTo(new Outcome.InProgress());
      assertThat(ids(next, "person")).containsExactly(1L, 2L, 3L);

      next.engine().clearFaults();
      assertThat(next.database().recover(TESTER).resolved()).isEqualTo(1);
      assertThat(ids(next, "person")).containsExactly(1L, 2L, 3L, 10L);
      scene.judge(next);
    }
  }

  @ParameterizedTest
  @EnumSource
  void open_whenOneIntentCantBeReadForNow_opensAndResolvesTheOthers(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client one = scene.open("one");
      Client two = scene.open("two");
      diesAt(one, FailPoint.COMMIT_AFTER_INTENT);
      diesAt(two, FailPoint.COMMIT_AFTER_INTENT);
      assertUnknown(scene.append(one, "one", 10));
      one.engine().close();
      assertUnknown(scene.append(two, "two", 11));
      two.engine().close();
      Client next = scene.start("next");
      next.engine().store().once(StoreCall.of(GET, "/intents/"), Effect.fail());
      assertThat(ids(next, "person")).hasSize(4);
      assertThat(scene.intents(next)).hasSize(1);
      assertAcknowledged(scene.append(next, "next", 12));
      scene.judge(next);
    }
  }

  @ParameterizedTest
  @EnumSource
  void open_withADamagedCheckpoint_goesByAnOlderOneAndTheLog(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client first = scene.open("first", Options.checkpointEvery(1));
      assertAcknowledged(scene.append(first, "insert", 10));
      assertAcknowledged(scene.append(first, "insert-2", 11));
      String home = home(first);
      first.engine().close();
      String newest = home + "/checkpoints/" + LogStore.digits(6);
      byte[] whole = scene.metadata().get(newest).orElseThrow();
      byte[] flipped = whole.clone();
      flipped[flipped.length / 2] ^= 1;
      scene.metadata().delete(newest);
      scene.metadata().putIfAbsent(newest, flipped);

      Client next = scene.open("next");

      assertThat(ids(next, "person")).containsExactly(1L, 2L, 3L, 10L, 11L);
      assertAcknowledged(scene.append(next, "insert-3", 12));
      scene.metadata().delete(newest);
      scene.judge(next);
    }
  }

  @ParameterizedTest
  @EnumSource
  void commit_whileCheckpointsCantBeWritten_goesOn_andTheStatusSaysSoUntilOneIs(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first", Options.checkpointEvery(1));
      assertThat(client.database().condition().checkpoint()).isEmpty();
      client.engine().store().always(StoreCall.of(PUT, "/checkpoints/"), Effect.fail());
      assertAcknowledged(scene.append(client, "insert", 10));
      client.engine().fixture().awaitIdle();
      CheckpointFailure first = client.database().condition().checkpoint().orElseThrow();
      assertThat(first.revision()).isEqualTo(client.database().head());
      assertThat(first.reason()).isNotEmpty();

      assertAcknowledged(scene.append(client, "insert-2", 11));
      client.engine().fixture().awaitIdle();
      CheckpointFailure second =
          client.database().status(TESTER).condition().checkpoint().orElseThrow();
      assertThat(second.since()).isEqualTo(first.since());
      assertThat(second.revision()).isGreaterThan(first.revision());

      client.engine().store().clear();
      assertAcknowledged(scene.append(client, "insert-3", 12));
      client.engine().fixture().awaitIdle();
      assertThat(client.database().condition().checkpoint()).isEmpty();
      scene.judge(client);
    }
  }

  @ParameterizedTest
  @EnumSource
  void open_withItsPagesGone_goesByTheLog_andWritesThemAnew(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client first = scene.open("first", Options.checkpointEvery(1));
      assertAcknowledged(scene.append(first, "insert", 10));
      assertAcknowledged(scene.append(first, "insert-2", 11));
      first.engine().fixture().awaitIdle();
      String home = home(first);
      first.engine().close();
      List<String> pages = scene.metadata().list(home + "/pages/", "", 100);
      assertThat(pages).isNotEmpty();
      pages.forEach(scene.metadata()::delete);

      Client next = scene.open("next", Options.checkpointEvery(1));

      assertThat(ids(next, "person")).containsExactly(1L, 2L, 3L, 10L, 11L);
      assertAcknowledged(scene.append(next, "insert-3", 12));
      next.engine().fixture().awaitIdle();
      CheckpointStore checkpoints =
          new CheckpointStore(scene.metadata(), home, FailureInjector.NONE);
      long newest = next.database().head();
      assertThat(checkpoints.flaws(newest, new HashMap<>())).isEmpty();
      // What older ones alone name isn't written anew.
      checkpoints.deleteBelow(checkpoints.read(newest).orElseThrow());
      scene.judge(next);
    }
  }

  @ParameterizedTest
  @EnumSource
  void commit_toADatabaseDroppedMeanwhile_isToldSo(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client other = scene.open("other");
      Client stalled = scene.open("stalled");
      Gate gate = holdsAt(stalled, FailPoint.COMMIT_AFTER_INTENT);
      CompletableFuture<Answer> slow = scene.later(() -> scene.append(stalled, "insert", 10));
      gate.awaitReached();
      other.engine().fixture().databases().drop(TESTER, Client.DATABASE, true);
      gate.release();
      assertThat(slow.join())
          .isInstanceOfSatisfying(
              Answer.Refused.class,
              refused -> assertThat(refused.reason()).isEqualTo(ErrorReason.DATABASE_NOT_FOUND));
    }
  }

  @ParameterizedTest
  @EnumSource
  void retry_rightAfterAFailure_isTriedAgain(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      for (int i = 0; i < 50; i++) {
        String request = "insert-" + i;
        failsAt(client, FailPoint.COMMIT_BEFORE_INTENT);
        scene.append(client, request, 10 + i);
        assertThat(client.database().outcome(TESTER, request, false))
            .isEqualTo(new Outcome.NotFound());
        assertAcknowledged(scene.append(client, request, 10 + i));
      }
      scene.judge(client);
    }
  }

  @ParameterizedTest
  @MethodSource("leavings")
  void commit_whoseCallerLeavesWhileItIsPublished_hasADefiniteOutcome(
      BackendKind kind, ErrorReason why) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      Database database = client.database();
      Gate gate = holdsAt(client, FailPoint.COMMIT_BEFORE_PUBLISH);
      CancelSignal signal = new CancelSignal();
      CallContext leaving = new CallContext("tester", "", signal);
      client.stage("joe", joe());
      CompletableFuture<SlipwayException> call =
          scene.later(() -> leave(database, leaving, "joe", "leaving"));
      gate.awaitReached();
      signal.cancel(why);
      SlipwayException told = call.join();
      assertThat(told.reason()).isEqualTo(why);
      assertThat(told.metadata()).containsEntry("request_id", "leaving");
      assertThat(database.outcome(TESTER, "leaving", false)).isEqualTo(new Outcome.InProgress());
      gate.release();
      client.engine().fixture().awaitIdle();
      assertThat(database.outcome(TESTER, "leaving", false)).isEqualTo(new Outcome.Committed(5));
      assertThat(
              scene.ask(
                  client,
                  "leaving",
                  Model.put("person", joe().rows()),
                  () -> client.commitStaged("leaving", List.of("joe"))))
          .isEqualTo(new Answer.Acknowledged(5));
      scene.judge(client);
    }
  }

  @ParameterizedTest
  @EnumSource
  void commit_whoseCallerLeavesWhileItWaits_isNotDone(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      Database database = client.database();
      Gate gate = holdsAt(client, FailPoint.COMMIT_BEFORE_PUBLISH);
      client.stage("joe", joe());
      CompletableFuture<Answer> ahead = scene.later(() -> scene.append(client, "ahead", 20));
      gate.awaitReached();
      CancelSignal signal = new CancelSignal();
      CallContext leaving = new CallContext("tester", "", signal);
      CompletableFuture<SlipwayException> call =
          scene.later(() -> leave(database, leaving, "joe", "leaving"));
      awaitInProgress(client.database(), "leaving");
      signal.cancel(ErrorReason.CANCELLED);
      assertThat(call.join().reason()).isEqualTo(ErrorReason.CANCELLED);
      gate.release();
      assertAcknowledged(ahead.join());
      client.engine().fixture().awaitIdle();
      assertThat(database.outcome(TESTER, "leaving", false)).isEqualTo(new Outcome.NotFound());
      scene.judge(client);
    }
  }

  private static Staging joe() {
    return new Staging("person", new WriteOperation.Append(false), List.of(person(10, "Joe", 1)));
  }

  private static SlipwayException leave(
      Database database, CallContext context, String staged, String request) {
    return catchThrowableOfType(
        SlipwayException.class,
        () -> database.commit(context, ReadAt.MAIN, List.of(staged), Client.options(request)));
  }
}
