package dev.slipway.engine.cleanup;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static dev.slipway.engine.testkit.EngineFixture.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CleanupReport;
import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.Database;
import dev.slipway.engine.EngineOptions;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.FaultyStorage;
import dev.slipway.engine.fault.StoreCall;
import dev.slipway.engine.log.Settings;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.ManualClock;
import dev.slipway.engine.testkit.QuietLogs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cleanups and writes that stand still while another cleanup goes by. */
@ExtendWith(QuietLogs.class)
class SleepersTest {
  private static final WriteOperation UPSERT = new WriteOperation.Upsert(false);
  private static final CleanupPolicy HOUR =
      new CleanupPolicy(1, Duration.ZERO, Duration.ofHours(1));

  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();

  private FaultyEngine start(FaultyStorage storage, String instance) {
    return storage.start(instance, EngineOptions.DEFAULT, clock);
  }

  /** Remembers requests for six revisions, and writes a checkpoint every three. */
  private FaultyEngine forgetful(FaultyStorage storage, String instance) {
    EngineOptions all = EngineOptions.DEFAULT;
    return storage.start(
        instance,
        new EngineOptions(
            new Settings(0, 6, 86_400),
            3,
            all.maxBatchCommits(),
            all.maxBatchBytes(),
            all.maxStagedWritesPerCommit(),
            all.maxTablesPerCommit(),
            all.publishAttempts(),
            all.answerAttempts(),
            all.refreshInterval(),
            EngineFixture.SMALL_PAGES),
        clock);
  }

  private static Database create(FaultyEngine engine) {
    Database database = engine.fixture().create("crm");
    createPeople(database, "person");
    write(engine, 1);
    return database;
  }

  private static List<Map<String, @Nullable Object>> one(long id) {
    return List.of(person(id, "p" + id, id));
  }

  private static void write(FaultyEngine engine, long id) {
    var unused = engine.fixture().write(engine.database("crm"), "person", UPSERT, one(id));
    engine.fixture().awaitIdle();
  }

  private static CleanupReport clean(FaultyEngine engine, CleanupPolicy policy) {
    CleanupReport report =
        engine
            .database("crm")
            .cleanup(TESTER, policy, false, row -> assertThat(row.failure()).isEmpty());
    assertThat(report.problems()).isEmpty();
    return report;
  }

  /** Nothing older is readable, and nothing that was under way can land. */
  private void reclaimAllBut(FaultyEngine cleaner, long newest) {
    clock.advance(Duration.ofHours(2));
    var unused =
        cleaner
            .fixture()
            .write(cleaner.database("crm"), "person", new WriteOperation.Overwrite(), one(newest));
    for (int i = 0; i < 3; i++) {
      clean(cleaner, CleanupPolicy.EVERYTHING);
    }
  }

  private static void isExpired(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SlipwayException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.STAGED_WRITE_EXPIRED));
  }

  @ParameterizedTest
  @EnumSource
  void write_whoseBaseIsReclaimedWhileItUploads_isExpiredAndNotLost(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine client = start(storage, "client");
      Database database = create(client);
      FaultyEngine cleaner = start(storage, "cleaner");
      client
          .windows()
          .once(FailPoint.STAGE_BEFORE_FILES::equals, Effect.run(() -> reclaimAllBut(cleaner, 2)));

      isExpired(() -> client.fixture().write(database, "person", UPSERT, one(1), request("q")));

      assertThat(client.fixture().rows(database, "person")).isEqualTo(one(2));
    }
  }

  @ParameterizedTest
  @EnumSource
  void commit_whoseFilesAreReclaimedBeforeItsIntent_isExpiredAndNotLost(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine client = start(storage, "client");
      Database database = create(client);
      FaultyEngine cleaner = start(storage, "cleaner");
      client
          .windows()
          .once(
              FailPoint.COMMIT_BEFORE_INTENT::equals, Effect.run(() -> reclaimAllBut(cleaner, 2)));

      isExpired(() -> client.fixture().write(database, "person", UPSERT, one(1), request("q")));

      assertThat(client.fixture().rows(database, "person")).isEqualTo(one(2));
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_asATableIsCreatedAfterHomesWereListed_leavesItAlone(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine client = start(storage, "client");
      Database database = create(client);
      FaultyEngine cleaner = start(storage, "cleaner");
      cleaner.database("crm");
      cleaner
          .store()
          .once(
              StoreCall.of(StoreCall.Kind.LIST, "/intents/"),
              Effect.run(() -> createPeople(database, "young")));

      clean(cleaner, HOUR);

      assertThat(client.fixture().rows(database, "young")).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_asAnotherPurgesAHome_findsNothingToDo(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine slow = start(storage, "slow");
      Database database = create(slow);
      database.dropTable(TESTER, ReadAt.MAIN, "person", Optional.empty());
      FaultyEngine other = start(storage, "other");
      clock.advance(Duration.ofHours(2));
      createPeople(database, "another");
      clock.advance(Duration.ofHours(2));
      createPeople(database, "third");
      clean(other, HOUR);
      clock.advance(Duration.ofHours(2));
      createPeople(database, "fourth");
      clock.advance(Duration.ofHours(2));
      createPeople(database, "fifth");
      slow.windows()
          .once(
              FailPoint.CLEANUP_TABLE::equals,
              Effect.run(() -> assertThat(clean(other, HOUR).purgedHomes()).isOne()));

      assertThat(clean(slow, HOUR).purgedHomes()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_asAnotherGoesFurther_reportsNoLoss(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine slow = start(storage, "slow");
      create(slow);
      FaultyEngine other = start(storage, "other");
      for (long id = 2; id < 12; id++) {
        write(slow, id);
      }
      slow.windows()
          .once(FailPoint.CLEANUP_TABLE::equals, Effect.run(() -> reclaimAllBut(other, 3)));

      slow.database("crm")
          .cleanup(
              TESTER,
              new CleanupPolicy(20, Duration.ZERO, Duration.ofHours(1)),
              false,
              row ->
                  row.failure()
                      .ifPresent(e -> assertThat(e.reason()).isEqualTo(ErrorReason.OVERLOADED)));

      clean(slow, HOUR);
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_asAnotherTrimsTheLog_reportsNoProblem(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine slow = forgetful(storage, "slow");
      create(slow);
      for (long id = 2; id < 20; id++) {
        write(slow, id);
      }
      FaultyEngine other = forgetful(storage, "other");
      var trimming =
          slow.store()
              .once(
                  StoreCall.of(StoreCall.Kind.GET, "/decided/"),
                  Effect.run(() -> clean(other, CleanupPolicy.EVERYTHING)));

      clean(slow, CleanupPolicy.EVERYTHING);

      assertThat(trimming.wasHit()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void write_ofARequestThatAnotherCommittedAndForgot_hasAnUnknownOutcome(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine slow = forgetful(storage, "slow");
      Database database = create(slow);
      FaultyEngine other = forgetful(storage, "other");
      CommitOptions options = request("q");
      slow.windows()
          .once(
              FailPoint.STAGE_BEFORE_FILES::equals,
              Effect.run(
                  () -> {
                    var unused =
                        other
                            .fixture()
                            .write(other.database("crm"), "person", UPSERT, one(2), options);
                    for (long id = 3; id < 12; id++) {
                      clock.advance(Duration.ofSeconds(1));
                      write(other, id);
                    }
                  }));

      assertThatThrownBy(() -> slow.fixture().write(database, "person", UPSERT, one(2), options))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              e -> assertThat(e.reason()).isEqualTo(ErrorReason.OUTCOME_UNKNOWN));

      slow.fixture().awaitIdle();
      assertThat(database.outcome(TESTER, "q", false)).isEqualTo(new Outcome.NotFound());
      assertThat(slow.fixture().rows(database, "person")).hasSize(11);
    }
  }
}
