package dev.slipway.engine.recovery;

import static dev.slipway.engine.recovery.Scene.assertAcknowledged;
import static dev.slipway.engine.recovery.Scene.holdsAt;
import static dev.slipway.engine.recovery.Scene.home;
import static dev.slipway.engine.recovery.Scene.ids;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static dev.slipway.engine.testkit.Options.checkpointEvery;
import static dev.slipway.engine.testkit.Refusals.reasonOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.cleanup.ReclaimOracle;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.fault.Gate;
import dev.slipway.engine.log.Settings;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.matrix.Client.Staging;
import dev.slipway.engine.matrix.Ledger.Answer;
import dev.slipway.engine.matrix.LogReader;
import dev.slipway.engine.matrix.Model;
import dev.slipway.engine.state.CheckpointStore;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.QuietLogs;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Scenarios 18h, 18k and 18l: checkpoints beside batches, clocks that jump, differing options. */
@ExtendWith(QuietLogs.class)
class LogScenariosTest {
  private static final Duration YEAR = Duration.ofDays(365);
  private static final CleanupPolicy HOUR =
      new CleanupPolicy(1, Duration.ZERO, Duration.ofHours(1));

  @TempDir Path folder;

  static Stream<Arguments> checkpointWindows() {
    return Stream.of(BackendKind.values())
        .flatMap(
            backend ->
                Stream.of(
                        FailPoint.CHECKPOINT_BEFORE_WRITE,
                        FailPoint.CHECKPOINT_AFTER_PAGES,
                        FailPoint.CHECKPOINT_AFTER_WRITE)
                    .map(window -> Arguments.of(backend, window)));
  }

  @ParameterizedTest
  @MethodSource("checkpointWindows")
  void scenario18h_checkpointWhileBatchesLand_opensToTheSameLogAtEveryPoint(
      BackendKind backend, FailPoint window) {
    try (Scene scene = new Scene(backend, folder)) {
      Client writer = scene.open("writer", checkpointEvery(1));
      Gate gate = holdsAt(writer, window);
      assertAcknowledged(scene.append(writer, "first", 10));
      gate.awaitReached();
      List<CompletableFuture<Answer>> more = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int client = i;
        more.add(scene.later(() -> scene.append(writer, "more-" + client, 20 + client)));
      }
      more.forEach(answer -> assertAcknowledged(answer.join()));
      // A process that opens while the checkpoint is still being written.
      Client early = scene.open("early");
      assertThat(early.database().head()).isEqualTo(13);
      assertAcknowledged(scene.append(early, "early", 30));
      gate.release();
      writer.engine().fixture().awaitIdle();
      assertAcknowledged(scene.append(writer, "last", 31));
      writer.engine().fixture().awaitIdle();

      opensAtEveryPoint(scene, writer);
      scene.judge(early);
    }
  }

  private static void opensAtEveryPoint(Scene scene, Client writer) {
    String home = home(writer);
    LogReader log = scene.log(writer);
    CheckpointStore checkpoints = new CheckpointStore(scene.metadata(), home, FailureInjector.NONE);
    assertThat(checkpoints.revisions()).hasSizeGreaterThan(2).contains(5L);
    for (long checkpoint : checkpoints.revisions()) {
      for (long head = checkpoint; head <= log.head().revision(); head++) {
        if (!log.endsABatchAt(head)) {
          continue;
        }
        StoreAsOf past = new StoreAsOf(scene.metadata(), home, head, checkpoint);
        try (EngineFixture engine =
            EngineFixture.over(
                scene.storage().allocator(),
                BackendKind.with(writer.engine().fixture().backend(), past),
                FailureInjector.NONE,
                scene,
                EngineOptions.DEFAULT,
                "past")) {
          Database database = engine.database(Client.DATABASE);
          assertThat(database.head()).isEqualTo(head);
          assertThat(engine.rows(database, "person"))
              .as("rows at revision %d, opened from checkpoint %d", head, checkpoint)
              .hasSameElementsAs(
                  writer
                      .engine()
                      .fixture()
                      .rows(writer.database(), "person", ReadAt.revision(head)));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario18k_clockThatJumpsAYearAheadForOneRecord_spoilsNothing(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      scene.advance(Duration.ofSeconds(1));
      Instant before = scene.instant();
      client.stage("before", joe(10));
      assertAcknowledged(scene.append(client, "usual", 20));
      Gate uploading = holdsAt(client, FailPoint.STAGE_BEFORE_FILES);
      CompletableFuture<Boolean> upload =
          scene.later(
              () -> {
                client.stage("across", joe(12));
                return true;
              });
      uploading.awaitReached();
      scene.advance(YEAR);
      assertAcknowledged(scene.append(client, "year-ahead", 21));
      client.stage("meanwhile", joe(11));
      scene.advance(YEAR.negated());
      uploading.release();
      assertThat(upload.join()).isTrue();

      // Times go on from the jump, and never back.
      assertAcknowledged(scene.append(client, "after", 22));
      Instant jump = client.database().commitAt(TESTER, 6).time();
      assertThat(jump).isEqualTo(before.plus(YEAR));
      assertThat(client.database().commitAt(TESTER, 7).time()).isEqualTo(jump.plusNanos(1_000));
      // Floors are picked by times, so nothing is reclaimed meanwhile.
      assertThat(reasonOf(() -> client.database().cleanup(TESTER, HOUR, false, row -> {})))
          .isEqualTo(ErrorReason.CLOCK_SKEW);
      // What was staged before, during and across it can be committed.
      assertAcknowledged(commitStaged(scene, client, "before", 10));
      assertAcknowledged(commitStaged(scene, client, "meanwhile", 11));
      assertAcknowledged(commitStaged(scene, client, "across", 12));
      // Requests from before it are remembered.
      assertThat(scene.append(client, "usual", 20)).isEqualTo(new Answer.Acknowledged(5));
      // Time travel goes by the times in the log.
      assertThat(idsAt(client, before)).containsExactly(1L, 2L, 3L, 20L);
      assertThat(idsAt(client, before.plus(YEAR.dividedBy(2)))).containsExactly(1L, 2L, 3L, 20L);
      assertThat(idsAt(client, jump)).containsExactly(1L, 2L, 3L, 20L, 21L);
      assertThat(idsAt(client, jump.plusSeconds(1))).hasSize(9);

      client.engine().close();
      Client next = scene.open("next");
      assertThat(ids(next, "person")).hasSize(9);
      assertAcknowledged(scene.append(next, "next", 23));
      scene.judge(next);

      // Once the clock has caught up, what is older than that goes, and nothing else.
      scene.advance(YEAR.plus(Duration.ofHours(2)));
      assertAcknowledged(scene.append(next, "later", 24));
      next.engine().fixture().awaitIdle();
      long floor =
          next.database()
              .cleanup(TESTER, HOUR, false, row -> assertThat(row.failure()).isEmpty())
              .floor();
      assertThat(floor).as("the newest revision an hour old").isEqualTo(11);
      assertThat(reasonOf(() -> idsAt(next, jump))).isEqualTo(ErrorReason.REVISION_EXPIRED);
      assertThat(ids(next, "person")).hasSize(11);
      new ReclaimOracle(next.engine().fixture().backend()).check(next.database());
      assertThat(ids(next, "person")).hasSize(11);
    }
  }

  private static Staging joe(long id) {
    return new Staging("person", new WriteOperation.Append(false), List.of(person(id, "Joe", 1)));
  }

  private static Answer commitStaged(Scene scene, Client client, String staged, long id) {
    return scene.ask(
        client,
        "commit-" + staged,
        Model.put("person", joe(id).rows()),
        () -> client.commitStaged("commit-" + staged, List.of(staged)));
  }

  private static List<Long> idsAt(Client client, Instant time) {
    return client
        .engine()
        .fixture()
        .rows(client.database(), "person", new ReadAt(ReadAt.MAIN, new ReadAt.Point.Time(time), 0))
        .stream()
        .map(row -> (Long) row.get("id"))
        .sorted()
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void scenario18l_processesWithDifferentOptions_foldTheSameState(BackendKind kind) {
    // The first creates the database, so its window of two commits is the log's.
    EngineOptions forgetful = options(new Settings(0, 2, 60), 2, 3);
    EngineOptions other = options(new Settings(86_400, 10_000, 86_400), 3, 100);
    try (Scene scene = new Scene(kind, folder, forgetful)) {
      Client first = scene.open("first", forgetful);
      Client second = scene.open("second", other);
      for (int i = 0; i < 12; i++) {
        Client client = i % 2 == 0 ? first : second;
        scene.advance(Duration.ofSeconds(1));
        assertAcknowledged(scene.append(client, "insert-" + i, 10 + i));
        client.engine().fixture().awaitIdle();
      }
      for (int i = 0; i < 12; i++) {
        Outcome expected = i < 9 ? new Outcome.NotFound() : new Outcome.Committed(6 + i);
        for (Client client : List.of(first, second)) {
          assertThat(client.database().outcome(TESTER, "insert-" + i, false))
              .as("the outcome of the insert at revision %d", 6 + i)
              .isEqualTo(expected);
        }
      }
      CheckpointStore checkpoints =
          new CheckpointStore(scene.metadata(), home(first), FailureInjector.NONE);
      assertThat(checkpoints.revisions()).hasSizeGreaterThan(4);
      for (long revision : checkpoints.revisions()) {
        DatabaseState state = checkpoints.read(revision).orElseThrow();
        LogReader log =
            LogReader.read(scene.metadata(), first.database().info().id(), state.layout());
        assertThat(CheckpointStore.encode(state))
            .isEqualTo(CheckpointStore.encode(log.at(revision)));
      }
    }
  }

  private static EngineOptions options(Settings settings, int checkpointEvery, int batch) {
    EngineOptions defaults = EngineOptions.DEFAULT;
    return new EngineOptions(
        settings,
        checkpointEvery,
        batch,
        defaults.maxBatchBytes(),
        defaults.maxStagedWritesPerCommit(),
        defaults.maxTablesPerCommit(),
        defaults.publishAttempts(),
        defaults.answerAttempts(),
        defaults.refreshInterval(),
        EngineFixture.SMALL_PAGES);
  }
}
