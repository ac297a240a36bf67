package dev.slipway.engine.cleanup;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static dev.slipway.engine.testkit.EngineFixture.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CleanupRow;
import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.Database;
import dev.slipway.engine.EngineOptions;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.StagedWriteInfo;
import dev.slipway.engine.Upload;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.WriteTarget;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.FaultyStorage;
import dev.slipway.engine.fault.Gate;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.ManualClock;
import dev.slipway.engine.testkit.Options;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.TableId;
import dev.slipway.storage.testkit.Rows;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.LongStream;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Scenarios 18a, 18f, 20 and 21: what goes on beside cleanups. */
@ExtendWith(QuietLogs.class)
class CleanupScenariosTest {
  private static final WriteOperation OVERWRITE = new WriteOperation.Overwrite();
  private static final WriteOperation APPEND = new WriteOperation.Append(false);
  private static final CleanupPolicy HOUR =
      new CleanupPolicy(1, Duration.ZERO, Duration.ofHours(1));

  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();

  private FaultyEngine start(FaultyStorage storage, String instance, EngineOptions options) {
    return storage.start(instance, options, clock);
  }

  private FaultyEngine start(FaultyStorage storage, String instance) {
    return start(storage, instance, EngineOptions.DEFAULT);
  }

  private static Database create(FaultyEngine engine) {
    Database database = engine.fixture().create("crm");
    createPeople(database, "person");
    engine.fixture().append(database, "person", one(1));
    engine.fixture().awaitIdle();
    return database;
  }

  private static List<Map<String, @Nullable Object>> one(long id) {
    return List.of(person(id, "p" + id, id));
  }

  private static Set<Long> ids(FaultyEngine engine) {
    Set<Long> ids = new TreeSet<>();
    engine
        .fixture()
        .rows(engine.database("crm"), "person")
        .forEach(row -> assertThat(ids.add((Long) row.get("id"))).as("row %s", row).isTrue());
    return ids;
  }

  private static void clean(Database database, CleanupPolicy policy) {
    database.cleanup(TESTER, policy, false, row -> assertThat(row.failure()).isEmpty());
  }

  private static void assertExpired(Throwable thrown) {
    assertReason(ErrorReason.STAGED_WRITE_EXPIRED, thrown);
  }

  private static void assertReason(ErrorReason reason, Throwable thrown) {
    assertThat(thrown)
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private static Throwable failure(CompletableFuture<?> future) {
    try {
      var unused = future.join();
      throw new AssertionError("it succeeded");
    } catch (java.util.concurrent.CompletionException e) {
      return Optional.ofNullable(e.getCause()).orElse(e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario18a_sleeperBelowARealCleanup_readsTheTrueHeadAndPublishesNothingBelow(
      BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine other = start(storage, "other", Options.forgetful());
      Database database = create(other);
      FaultyEngine sleeper = start(storage, "sleeper");
      Database asleep = sleeper.database("crm");
      Gate gate = new Gate();
      sleeper.windows().once(FailPoint.COMMIT_BEFORE_PUBLISH::equals, gate);
      CompletableFuture<?> slow =
          CompletableFuture.supplyAsync(() -> sleeper.fixture().append(asleep, "person", one(2)));
      gate.awaitReached();
      long next = asleep.head() + 1;
      LongStream.range(100, 125)
          .forEach(
              id -> {
                other.fixture().append(database, "person", one(id));
                other.fixture().awaitIdle();
              });
      ReclaimOracle.clean(database);
      ReclaimOracle.clean(database);
      assertThat(new LogStore(storage.metadata(), "db/" + database.info().id()).isHollow(next))
          .as("the key that the sleeper is about to put")
          .isTrue();
      gate.release();

      // Somebody may have completed its intent, and what was decided then is forgotten by now.
      assertReason(ErrorReason.OUTCOME_UNKNOWN, failure(slow));
      sleeper.fixture().awaitIdle();
      assertThat(ids(sleeper)).hasSize(26).doesNotContain(2L);
      assertThat(asleep.head()).isEqualTo(database.head());
      sleeper.fixture().append(asleep, "person", one(3));
      assertThat(ids(other)).hasSize(27).contains(3L);
      new ReclaimOracle(other.fixture().backend()).check(database);
      assertThat(ids(start(storage, "late"))).hasSize(27);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario18f_uploadLongerThanTheGracePeriod_isRefused(BackendKind kind) throws IOException {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine engine = start(storage, "first");
      Database database = create(engine);
      FaultyEngine other = start(storage, "other");
      WriteTarget target = new WriteTarget(ReadAt.MAIN, "person", APPEND);
      try (Upload inOneCall = database.upload(TESTER, target);
          Upload staged = database.upload(TESTER, target);
          ArrowReader first = source(engine, inOneCall, 10);
          ArrowReader second = source(engine, staged, 11)) {
        for (int i = 0; i < 3; i++) {
          clock.advance(Duration.ofMinutes(40));
          other.fixture().append(other.database("crm"), "person", one(100 + i));
          clean(other.database("crm"), HOUR);
        }
        assertExpired(
            catchThrowableOfType(
                SlipwayException.class,
                () -> inOneCall.write(CommitOptions.NONE, Optional.of(first))));
        StagedWriteInfo late = staged.stage(Optional.empty(), () -> "digest", Optional.of(second));
        assertExpired(
            catchThrowableOfType(
                SlipwayException.class,
                () ->
                    database.commit(TESTER, ReadAt.MAIN, List.of(late.id()), CommitOptions.NONE)));
      }
      assertThat(ids(engine)).containsExactly(1L, 100L, 101L, 102L);
      engine.fixture().awaitIdle();
      new ReclaimOracle(engine.fixture().backend()).check(database);
      assertThat(ids(engine)).containsExactly(1L, 100L, 101L, 102L);
    }
  }

  private static ArrowReader source(FaultyEngine engine, Upload upload, long id) {
    return Rows.reader(engine.fixture().allocator(), upload.schema().columns(), one(id));
  }

  @ParameterizedTest
  @EnumSource
  void scenario18f_committerPausedWithinTheGracePeriod_commitsWithAllItsFiles(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine slow = start(storage, "slow");
      Database database = create(slow);
      FaultyEngine other = start(storage, "other");
      other.database("crm");
      clock.advance(Duration.ofHours(5));
      Gate gate = new Gate();
      slow.windows().once(FailPoint.COMMIT_BEFORE_PUBLISH::equals, gate);
      CompletableFuture<?> committing =
          CompletableFuture.supplyAsync(() -> slow.fixture().append(database, "person", one(2)));
      gate.awaitReached();
      for (int i = 0; i < 3; i++) {
        clock.advance(Duration.ofMinutes(15));
        other.fixture().append(other.database("crm"), "person", one(100 + i));
        clean(other.database("crm"), HOUR);
      }
      gate.release();
      var unused = committing.join();
      slow.fixture().awaitIdle();

      assertThat(ids(slow)).containsExactly(1L, 2L, 100L, 101L, 102L);
      new ReclaimOracle(slow.fixture().backend()).check(database);
      assertThat(ids(other)).containsExactly(1L, 2L, 100L, 101L, 102L);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario18f_committerPausedForLonger_isRefusedAndLeavesNothing(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine slow = start(storage, "slow");
      Database database = create(slow);
      FaultyEngine other = start(storage, "other");
      other.database("crm");
      Gate gate = new Gate();
      slow.windows().once(FailPoint.COMMIT_AFTER_TABLES::equals, gate);
      CompletableFuture<?> committing =
          CompletableFuture.supplyAsync(() -> slow.fixture().append(database, "person", one(2)));
      gate.awaitReached();
      for (int i = 0; i < 3; i++) {
        clock.advance(Duration.ofMinutes(70));
        other.fixture().append(other.database("crm"), "person", one(100 + i));
        clean(other.database("crm"), HOUR);
      }
      gate.release();

      assertExpired(failure(committing));
      slow.fixture().awaitIdle();
      assertThat(ids(slow)).containsExactly(1L, 100L, 101L, 102L);
      assertThat(storage.metadata().list("db/" + database.info().id() + "/intents/", "", 10))
          .isEmpty();
      new ReclaimOracle(slow.fixture().backend()).check(database);
      assertThat(ids(other)).containsExactly(1L, 100L, 101L, 102L);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario18f_discardedAndExpiredStagedWrites_areGoneBesideALiveOne(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine engine = start(storage, "first");
      Database database = create(engine);
      StagedWriteInfo discarded = engine.fixture().stage(database, "person", APPEND, one(10));
      StagedWriteInfo expired = engine.fixture().stage(database, "person", APPEND, one(11));
      database.discard(TESTER, discarded.id());
      engine.fixture().append(database, "person", one(3));
      clock.advance(Duration.ofHours(30));
      engine.fixture().append(database, "person", one(2));
      StagedWriteInfo live = engine.fixture().stage(database, "person", APPEND, one(12));
      for (int i = 0; i < 3; i++) {
        clean(database, HOUR);
        clock.advance(Duration.ofMinutes(10));
      }
      assertThat(storage.metadata().list("db/" + database.info().id() + "/staged/", "", 10))
          .singleElement()
          .asString()
          .contains(live.id());
      for (StagedWriteInfo dead : List.of(discarded, expired)) {
        assertThatThrownBy(
                () -> database.commit(TESTER, ReadAt.MAIN, List.of(dead.id()), CommitOptions.NONE))
            .isInstanceOf(SlipwayException.class);
      }
      database.commit(TESTER, ReadAt.MAIN, List.of(live.id()), CommitOptions.NONE);

      assertThat(ids(engine)).containsExactly(1L, 2L, 3L, 12L);
      engine.fixture().awaitIdle();
      new ReclaimOracle(engine.fixture().backend()).check(database);
      assertThat(ids(engine)).containsExactly(1L, 2L, 3L, 12L);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario20_oneTableFails_theOthersAreDoneAndASecondRunConverges(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine engine = start(storage, "first");
      Database database = engine.fixture().create("crm");
      List<String> tables = List.of("a", "b", "c", "d");
      for (String table : tables) {
        createPeople(database, table);
        for (long id = 0; id < 3; id++) {
          engine.fixture().write(database, table, OVERWRITE, one(id));
        }
      }
      engine.fixture().awaitIdle();
      ReclaimOracle.clean(database);
      engine.windows().after(1, FailPoint.CLEANUP_TABLE::equals, Effect.fail());
      List<CleanupRow> rows = new ArrayList<>();

      var report = database.cleanup(TESTER, CleanupPolicy.EVERYTHING, false, rows::add);

      assertThat(report.tables()).isEqualTo(4);
      assertThat(report.failedTables()).isEqualTo(1);
      assertThat(rows).extracting(CleanupRow::table).containsExactlyInAnyOrderElementsOf(tables);
      assertThat(rows).filteredOn(row -> row.failure().isPresent()).hasSize(1);
      assertThat(rows)
          .filteredOn(row -> row.failure().isEmpty())
          .allSatisfy(row -> assertThat(row.deleted()).isNotEmpty());
      new ReclaimOracle(engine.fixture().backend()).check(database);
      for (String table : tables) {
        assertThat(engine.fixture().rows(database, table)).isEqualTo(one(2));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario20_oneTableHasLostAFile_itsRowSaysSoAndNothingOfItIsDeleted(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine engine = start(storage, "first");
      Database database = create(engine);
      createPeople(database, "hurt");
      engine.fixture().append(database, "hurt", one(1));
      engine.fixture().awaitIdle();
      String hurt = database.table(TESTER, "hurt", ReadAt.HEAD).value().id();
      var residual = engine.fixture().backend().inlineResidual();
      var table = new TableId(database.info().id(), hurt);
      residual.deleteFiles(
          table,
          residual.listFiles(table).stream().filter(file -> file.contains("_versions/")).toList());
      List<CleanupRow> rows = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        rows.clear();
        database.cleanup(TESTER, CleanupPolicy.EVERYTHING, false, rows::add);
      }
      assertThat(rows)
          .filteredOn(row -> row.failure().isPresent())
          .singleElement()
          .satisfies(
              row -> {
                assertThat(row.tableId()).isEqualTo(hurt);
                assertThat(row.deleted()).isEmpty();
                assertThat(row.candidates()).isEmpty();
              });
      assertThat(ids(engine)).containsExactly(1L);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario21_cleanupUnderLoad_losesNothingThatIsReferredTo(BackendKind kind) {
    int writers = 3;
    int each = kind == BackendKind.MEMORY ? 40 : 12;
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine cleaner = start(storage, "cleaner");
      Database database = create(cleaner);
      StagedWriteInfo renewed = cleaner.fixture().stage(database, "person", APPEND, one(2));
      database.renew(TESTER, renewed.id());
      Set<Long> acknowledged = new ConcurrentSkipListSet<>(Set.of(1L));
      List<CompletableFuture<Void>> working = new ArrayList<>();
      for (int w = 0; w < writers; w++) {
        FaultyEngine engine = w == 0 ? cleaner : start(storage, "writer-" + w);
        long base = 1_000L * (w + 1);
        working.add(
            CompletableFuture.runAsync(
                () -> {
                  for (long id = base; id < base + each; id++) {
                    append(engine, id, acknowledged);
                  }
                }));
      }
      CompletableFuture<Void> all =
          CompletableFuture.allOf(working.toArray(CompletableFuture[]::new));
      int cleanups = 0;
      while (!all.isDone() || cleanups < 2) {
        clean(database, CleanupPolicy.EVERYTHING);
        cleanups++;
      }
      all.join();

      assertThat(ids(cleaner)).isEqualTo(acknowledged);
      database.commit(TESTER, ReadAt.MAIN, List.of(renewed.id()), request("renewed"));
      acknowledged.add(2L);
      assertThat(ids(cleaner)).isEqualTo(acknowledged);
      cleaner.fixture().awaitIdle();
      new ReclaimOracle(cleaner.fixture().backend()).check(database);
      assertThat(ids(start(storage, "late"))).isEqualTo(acknowledged);
    }
  }

  /** In one call or in two; with no grace it may be refused, and then it isn't there. */
  private static void append(FaultyEngine engine, long id, Set<Long> acknowledged) {
    Database database = engine.database("crm");
    try {
      if (id % 2 == 0) {
        engine.fixture().append(database, "person", one(id));
      } else {
        StagedWriteInfo staged = engine.fixture().stage(database, "person", APPEND, one(id));
        database.commit(TESTER, ReadAt.MAIN, List.of(staged.id()), CommitOptions.NONE);
      }
      acknowledged.add(id);
    } catch (SlipwayException e) {
      assertThat(e.reason())
          .as("why %d was refused: %s", id, e)
          .isIn(ErrorReason.STAGED_WRITE_EXPIRED, ErrorReason.STAGED_WRITE_NOT_FOUND);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario21_intentLeftByACrash_isCompletedAfterCleanupsWithinTheGracePeriod(
      BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine other = start(storage, "other");
      Database database = create(other);
      clock.advance(Duration.ofHours(5));
      FaultyEngine crashing = start(storage, "crashing");
      Database open = crashing.database("crm");
      crashing.windows().once(FailPoint.COMMIT_AFTER_TABLES::equals, crashing.dies());
      assertThatThrownBy(() -> crashing.fixture().append(open, "person", one(2)))
          .isInstanceOf(SlipwayException.class);
      crashing.close();
      for (int i = 0; i < 3; i++) {
        clock.advance(Duration.ofMinutes(15));
        other.fixture().append(database, "person", one(100 + i));
        clean(database, HOUR);
      }

      assertThat(database.recover(TESTER).resolved()).isEqualTo(1);

      assertThat(ids(other)).containsExactly(1L, 2L, 100L, 101L, 102L);
      other.fixture().awaitIdle();
      new ReclaimOracle(other.fixture().backend()).check(database);
      assertThat(ids(other)).containsExactly(1L, 2L, 100L, 101L, 102L);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario21_intentLeftByACrash_belowTheFloorIsNoLongerInProgress(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine other = start(storage, "other");
      Database database = create(other);
      FaultyEngine crashing = start(storage, "crashing");
      Database open = crashing.database("crm");
      crashing.windows().once(FailPoint.COMMIT_AFTER_TABLES::equals, crashing.dies());
      assertThatThrownBy(
              () ->
                  crashing.fixture().write(open, "person", APPEND, one(2), request("left-behind")))
          .isInstanceOf(SlipwayException.class);
      crashing.close();
      assertThat(database.outcome(TESTER, "left-behind", false))
          .isEqualTo(new Outcome.InProgress());
      for (int i = 0; i < 2; i++) {
        clock.advance(Duration.ofMinutes(70));
        other.fixture().append(database, "person", one(100 + i));
        clean(database, HOUR);
      }

      Outcome before = database.outcome(TESTER, "left-behind", false);
      assertThat(database.recover(TESTER).quarantined()).hasSize(1);

      assertThat(before).isEqualTo(new Outcome.NotFound());
      assertThat(database.outcome(TESTER, "left-behind", false)).isEqualTo(new Outcome.NotFound());
      assertThat(database.outcome(TESTER, "left-behind", true)).isInstanceOf(Outcome.Aborted.class);
      assertThat(ids(other)).containsExactly(1L, 100L, 101L);
    }
  }
}
