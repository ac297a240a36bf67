package dev.slipway.engine.recovery;

import static dev.slipway.engine.recovery.Scene.assertAcknowledged;
import static dev.slipway.engine.recovery.Scene.assertUnknown;
import static dev.slipway.engine.recovery.Scene.diesAt;
import static dev.slipway.engine.recovery.Scene.failsAt;
import static dev.slipway.engine.recovery.Scene.holdsAt;
import static dev.slipway.engine.recovery.Scene.ids;
import static dev.slipway.engine.recovery.Scene.newest;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.CommitInfo;
import dev.slipway.engine.CommitInfo.RecoveredInfo;
import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Expectation;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.RecoveryReport;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.Gate;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.matrix.Client.Staging;
import dev.slipway.engine.matrix.Ledger.Answer;
import dev.slipway.engine.matrix.Model;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.QuietLogs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Scenarios 1, 2 and 5 to 10: what a crash leaves, and who clears it up. */
@ExtendWith(QuietLogs.class)
class RecoveryScenariosTest {
  private static final WriteOperation APPEND = new WriteOperation.Append(false);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void scenario01_insertCrashedBeforePublishing_isThereOnceAfterTheNextOpen(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client first = scene.open("first");
      diesAt(first, FailPoint.COMMIT_AFTER_TABLES);
      assertUnknown(scene.append(first, "insert", 10));
      first.engine().close();
      assertThat(scene.metadata().list("db/", "", 1_000))
          .anyMatch(key -> key.contains("/intents/"));

      Client next = scene.open("next");

      CommitInfo commit = newest(next);
      assertThat(commit.requestId()).contains("insert");
      assertThat(commit.actor()).isEqualTo(TESTER.actor());
      assertThat(commit.recovered())
          .contains(new RecoveredInfo(RecoveredInfo.Outcome.ROLLED_FORWARD, "next", "first", 4));
      assertThat(scene.intents(next)).isEmpty();
      assertThat(ids(next, "person")).containsExactly(1L, 2L, 3L, 10L);
      assertAcknowledged(scene.append(next, "insert-2", 11));
      scene.judge(next);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario02_insertBrokenBeforePublishing_isCompletedByTheSameProcess(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client first = scene.open("first");
      Database handle = first.database();
      failsAt(first, FailPoint.COMMIT_AFTER_TABLES);
      assertUnknown(scene.append(first, "insert", 10));
      assertThat(handle.outcome(TESTER, "insert", false)).isEqualTo(new Outcome.InProgress());

      RecoveryReport report = handle.recover(CallContext.of("operator"));

      assertThat(report).isEqualTo(new RecoveryReport(1, Map.of(), Map.of()));
      assertThat(handle.outcome(TESTER, "insert", false)).isEqualTo(new Outcome.Committed(5));
      assertThat(newest(first).actor()).isEqualTo(TESTER.actor());
      assertAcknowledged(scene.append(first, "insert-2", 11));
      assertThat(ids(first, "person")).containsExactly(1L, 2L, 3L, 10L, 11L);
      scene.judge(first);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario05_commitOfTwoTablesCrashedBetweenThem_isThereInBothOrNone(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client watching = scene.open("watching");
      Client first = scene.open("first");
      Gate gate = holdsAt(first, FailPoint.COMMIT_AFTER_FIRST_TABLE);
      CompletableFuture<Answer> commit = scene.later(() -> twoTables(scene, first));
      gate.awaitReached();
      assertThat(ids(watching, "person")).containsExactly(1L, 2L, 3L);
      assertThat(ids(watching, "customer")).containsExactly(1L);
      first.engine().kill();
      gate.release();
      assertUnknown(commit.join());
      first.engine().close();

      Client next = scene.open("next");

      boolean there = ids(next, "person").contains(10L);
      assertThat(ids(next, "customer").contains(10L)).isEqualTo(there);
      scene.judge(next);
    }
  }

  private static Answer twoTables(Scene scene, Client client) {
    var rows = List.of(person(10, "Joe", 1));
    return scene.ask(
        client,
        "two",
        model -> Model.put("customer", rows).apply(Model.put("person", rows).apply(model)),
        () ->
            client.commit(
                "two",
                List.of(
                    new Staging("person", APPEND, rows), new Staging("customer", APPEND, rows))));
  }

  @ParameterizedTest
  @EnumSource
  void scenario06_intentThatCanNoLongerComplete_isAbortedInTheLog(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client other = scene.open("other");
      Client first = scene.open("first");
      diesAt(first, FailPoint.COMMIT_AFTER_INTENT);
      var rows = List.of(person(10, "Joe", 1));
      Answer broken =
          scene.ask(
              first,
              "expecting",
              Model.put("person", rows),
              () ->
                  first.commit(
                      "expecting",
                      List.of(new Staging("person", APPEND, rows)),
                      new Expectation.BranchAt(4)));
      assertUnknown(broken);
      first.engine().close();
      assertAcknowledged(scene.append(other, "meanwhile", "customer", 20));

      assertThat(other.database().recover(TESTER).resolved()).isEqualTo(1);

      SortedMap<Long, LogEntry> entries = scene.log(other).entries();
      LogEntry last = entries.get(entries.lastKey());
      assertThat(last).isInstanceOf(LogEntry.Abort.class);
      LogEntry.Abort abort = (LogEntry.Abort) java.util.Objects.requireNonNull(last);
      assertThat(abort.recovered())
          .isEqualTo(new LogEntry.Recovery("ROLLED_BACK", "other", "first"));
      assertThat(other.database().outcome(TESTER, "expecting", false))
          .isInstanceOfSatisfying(
              Outcome.Aborted.class,
              aborted -> assertThat(aborted.reason()).isEqualTo(ErrorReason.COMMIT_CONFLICT));
      assertThat(ids(other, "person")).containsExactly(1L, 2L, 3L);
      long head = other.database().head();
      assertThat(other.database().recover(TESTER).resolved()).isZero();
      assertThat(other.database().head()).isEqualTo(head);
      scene.judge(other);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario07_severalIntentsOnOneTable_areResolvedInOrderEachOnTheLast(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      List<Client> clients =
          List.of(scene.open("first"), scene.open("second"), scene.open("third"));
      List<WriteOperation> operations =
          List.of(
              APPEND,
              new WriteOperation.Update(Map.of("age", "88"), Optional.of("id = 10")),
              new WriteOperation.Delete(Optional.of("age = 88")));
      for (int i = 0; i < 3; i++) {
        Client client = clients.get(i);
        Staging staging =
            new Staging(
                "person", operations.get(i), i == 0 ? List.of(person(10, "Joe", 1)) : List.of());
        String request = "intent-" + i;
        diesAt(client, FailPoint.COMMIT_AFTER_INTENT);
        int step = i;
        assertUnknown(
            scene.ask(
                client,
                request,
                model -> effect(step, model),
                () -> client.write(request, staging)));
        client.engine().close();
        scene.advance(Duration.ofSeconds(1));
      }

      Client next = scene.open("next");

      SortedMap<Long, LogEntry> entries = scene.log(next).entries();
      assertThat(entries.tailMap(5L).values().stream().map(e -> e.header().request()).toList())
          .containsExactly("intent-0", "intent-1", "intent-2");
      assertThat(newest(next).tables().get(0).rowsRemoved()).isEqualTo(1);
      assertThat(ids(next, "person")).containsExactly(1L, 2L, 3L);
      scene.judge(next);
    }
  }

  private static Model effect(int step, Model model) {
    return model.change(
        "person",
        rows -> {
          if (step == 2) {
            rows.remove(10L);
          } else {
            rows.put(10L, person(10, "Joe", step == 0 ? 1 : 88));
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void scenario08_failedCommitOnOneTable_leavesTheOthersWritable(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client first = scene.open("first");
      failsAt(first, FailPoint.COMMIT_AFTER_TABLES);
      assertUnknown(scene.append(first, "broken", 10));

      assertAcknowledged(scene.append(first, "elsewhere", "customer", 20));
      assertAcknowledged(scene.append(first, "same-table", 21));
      assertThat(first.database().recover(TESTER).resolved()).isEqualTo(1);
      assertAcknowledged(scene.append(first, "after", 22));
      assertThat(ids(first, "person")).containsExactly(1L, 2L, 3L, 10L, 21L, 22L);
      scene.judge(first);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario09_pausedWriterAndAnother_bothLandInOrder(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client paused = scene.open("paused");
      Client other = scene.open("other");
      Gate gate = holdsAt(paused, FailPoint.COMMIT_BEFORE_PUBLISH);
      CompletableFuture<Answer> slow = scene.later(() -> delete(scene, paused));
      gate.awaitReached();
      assertAcknowledged(scene.append(other, "fast", 10));
      gate.release();

      assertThat(slow.join()).isEqualTo(new Answer.Acknowledged(6));
      assertThat(ids(other, "person")).containsExactly(2L, 3L, 10L);
      scene.judge(other);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario09_deleteThatLoses_removesNothing(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client paused = scene.open("paused");
      Client other = scene.open("other");
      Gate gate = holdsAt(paused, FailPoint.COMMIT_BEFORE_PUBLISH);
      CompletableFuture<Answer> slow =
          scene.later(() -> delete(scene, paused, new Expectation.UnchangedSince("person", 4)));
      gate.awaitReached();
      assertAcknowledged(scene.append(other, "fast", 10));
      gate.release();

      assertThat(slow.join())
          .isInstanceOfSatisfying(
              Answer.Refused.class,
              refused -> assertThat(refused.reason()).isEqualTo(ErrorReason.COMMIT_CONFLICT));
      assertThat(ids(other, "person")).containsExactly(1L, 2L, 3L, 10L);
      scene.judge(other);
    }
  }

  private static Answer delete(Scene scene, Client client, Expectation... expectations) {
    return scene.ask(
        client,
        "delete",
        model -> model.change("person", rows -> rows.remove(1L)),
        () ->
            client.commit(
                "delete",
                List.of(
                    new Staging(
                        "person", new WriteOperation.Delete(Optional.of("id = 1")), List.of())),
                expectations));
  }

  @ParameterizedTest
  @EnumSource
  void scenario10_recoveryBesideALiveWriter_undoesNothingOfIt(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client live = scene.open("live");
      Client first = scene.open("first");
      diesAt(first, FailPoint.COMMIT_AFTER_TABLES);
      assertUnknown(scene.append(first, "broken", 10));
      first.engine().close();

      Client recovering = scene.start("recovering");
      Gate gate = holdsAt(recovering, FailPoint.RECOVER_BEFORE_PUBLISH);
      CompletableFuture<Database> opening = scene.later(recovering::database);
      gate.awaitReached();
      assertAcknowledged(scene.append(live, "meanwhile", 20));
      assertAcknowledged(scene.append(live, "meanwhile-2", "customer", 20));
      gate.release();
      opening.join();

      assertThat(ids(recovering, "person")).containsExactly(1L, 2L, 3L, 10L, 20L);
      assertThat(recovering.database().outcome(TESTER, "broken", false))
          .isEqualTo(new Outcome.Committed(7));
      scene.judge(live);
    }
  }
}
