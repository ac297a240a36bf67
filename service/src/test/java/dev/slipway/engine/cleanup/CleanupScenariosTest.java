package dev.slipway.engine.cleanup;

import static dev.slipway.engine.cleanup.CleanupScene.APPEND;
import static dev.slipway.engine.cleanup.CleanupScene.HOUR;
import static dev.slipway.engine.cleanup.CleanupScene.OVERWRITE;
import static dev.slipway.engine.cleanup.CleanupScene.UPSERT;
import static dev.slipway.engine.cleanup.CleanupScene.ages;
import static dev.slipway.engine.cleanup.CleanupScene.assertExactly;
import static dev.slipway.engine.cleanup.CleanupScene.clean;
import static dev.slipway.engine.cleanup.CleanupScene.createCrm;
import static dev.slipway.engine.cleanup.CleanupScene.crm;
import static dev.slipway.engine.cleanup.CleanupScene.ids;
import static dev.slipway.engine.cleanup.CleanupScene.one;
import static dev.slipway.engine.cleanup.CleanupScene.rows;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static dev.slipway.engine.testkit.EngineFixture.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CleanupReport;
import dev.slipway.engine.CleanupRow;
import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.StagedWriteInfo;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.TableId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Scenarios 20 and 21: cleanups that fail in part, and what goes on beside them. */
@ExtendWith(QuietLogs.class)
class CleanupScenariosTest {
  @TempDir Path folder;

  static Stream<Arguments> tableWindows() {
    return Stream.of(BackendKind.values())
        .flatMap(
            kind ->
                Stream.of(FailPoint.CLEANUP_TABLE, FailPoint.CLEANUP_AFTER_FIRST_FILE)
                    .map(window -> Arguments.of(kind, window)));
  }

  @ParameterizedTest
  @MethodSource("tableWindows")
  void scenario20_oneTableFails_theOthersAreDoneAndASecondRunConverges(
      BackendKind kind, FailPoint window) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine engine = scene.start("first");
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
      engine.windows().after(1, window::equals, Effect.fail());
      List<CleanupRow> rows = new ArrayList<>();

      var report = database.cleanup(TESTER, CleanupPolicy.EVERYTHING, false, rows::add);

      assertThat(report.tables()).isEqualTo(4);
      assertThat(report.failedTables()).isEqualTo(1);
      assertThat(rows).extracting(CleanupRow::table).containsExactlyInAnyOrderElementsOf(tables);
      assertThat(rows).filteredOn(row -> row.failure().isPresent()).hasSize(1);
      assertThat(rows)
          .filteredOn(row -> row.failure().isEmpty())
          .allSatisfy(row -> assertThat(row.deleted()).isNotEmpty());
      // One more run does the rest, and the next finds nothing to do.
      assertThat(ReclaimOracle.clean(database).deletedFiles()).isPositive();
      new ReclaimOracle(engine.fixture().backend()).exactlyTheReferencedIsThere(database);
      CleanupReport third = ReclaimOracle.clean(database);
      assertThat(third.deletedFiles() + third.candidateFiles()).isZero();
      for (String table : tables) {
        assertThat(engine.fixture().rows(database, table)).isEqualTo(one(2));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario20_oneTableHasLostAFile_itsRowSaysSoAndNothingOfItIsDeleted(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine engine = scene.start("first");
      Database database = createCrm(engine);
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
    int each = kind == BackendKind.MEMORY ? 50 : 15;
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine cleaner = scene.start("cleaner");
      Database database = createCrm(cleaner);
      StagedWriteInfo renewed = cleaner.fixture().stage(database, "person", APPEND, one(2));
      database.renew(TESTER, renewed.id());
      SortedMap<Long, Long> expected = new ConcurrentSkipListMap<>(Map.of(1L, 1L));
      List<CompletableFuture<Void>> working = new ArrayList<>();
      for (int w = 0; w < writers; w++) {
        FaultyEngine engine = w == 0 ? cleaner : scene.start("writer-" + w);
        long base = 1_000L * (w + 1);
        working.add(
            CompletableFuture.runAsync(
                () -> {
                  for (long id = base; id < base + each; id++) {
                    work(engine, id, expected);
                  }
                }));
      }
      CompletableFuture<Void> all =
          CompletableFuture.allOf(working.toArray(CompletableFuture[]::new));
      int cleanups = 0;
      while (!all.isDone() || cleanups < 2) {
        clean(cleaner, CleanupPolicy.EVERYTHING);
        cleanups++;
      }
      all.join();

      assertThat(ages(cleaner)).isEqualTo(expected);
      database.commit(TESTER, ReadAt.MAIN, List.of(renewed.id()), request("renewed"));
      expected.put(2L, 2L);
      assertThat(ages(cleaner)).isEqualTo(expected);
      cleaner.fixture().awaitIdle();
      new ReclaimOracle(cleaner.fixture().backend()).check(database);
      assertThat(ages(scene.start("late"))).isEqualTo(expected);
    }
  }

  /**
   * One write of each kind in turn; with no grace it may be refused, and then it changes nothing.
   */
  private static void work(FaultyEngine engine, long id, Map<Long, Long> expected) {
    switch ((int) (id % 5)) {
      case 0 -> {
        if (isDone(engine, APPEND, one(id))) {
          expected.put(id, id);
        }
      }
      case 1 -> {
        if (isDoneInTwo(engine, APPEND, one(id))) {
          expected.put(id, id);
        }
      }
      case 2 -> {
        if (isDoneInTwo(
            engine, UPSERT, List.of(person(id - 1, "again", 77), person(id, "x", id)))) {
          expected.put(id - 1, 77L);
          expected.put(id, id);
        }
      }
      case 3 -> {
        var update =
            new WriteOperation.Update(Map.of("age", "99"), Optional.of("id = " + (id - 2)));
        if (isDone(engine, update, List.of())) {
          expected.computeIfPresent(id - 2, (key, age) -> 99L);
        }
      }
      default -> {
        var delete = new WriteOperation.Delete(Optional.of("id = " + (id - 4)));
        if (isDoneInTwo(engine, delete, List.of())) {
          expected.remove(id - 4);
        }
      }
    }
  }

  private static boolean isDone(
      FaultyEngine engine, WriteOperation operation, List<Map<String, @Nullable Object>> rows) {
    return isDone(() -> engine.fixture().write(crm(engine), "person", operation, rows));
  }

  private static boolean isDoneInTwo(
      FaultyEngine engine, WriteOperation operation, List<Map<String, @Nullable Object>> rows) {
    return isDone(
        () -> {
          Database database = crm(engine);
          String staged = engine.fixture().stage(database, "person", operation, rows).id();
          database.commit(TESTER, ReadAt.MAIN, List.of(staged), CommitOptions.NONE);
        });
  }

  private static boolean isDone(Runnable work) {
    try {
      work.run();
      return true;
    } catch (SlipwayException e) {
      assertThat(e.reason())
          .as("why it was refused: %s", e)
          .isIn(ErrorReason.STAGED_WRITE_EXPIRED, ErrorReason.STAGED_WRITE_NOT_FOUND);
      return false;
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario21_intentLeftByACrash_isCompletedAfterCleanupsWithinTheGracePeriod(
      BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine other = scene.start("other");
      Database database = createCrm(other);
      scene.advance(Duration.ofHours(5));
      FaultyEngine crashing = scene.start("crashing");
      Database open = crm(crashing);
      crashing.windows().once(FailPoint.COMMIT_AFTER_TABLES::equals, crashing.dies());
      assertThatThrownBy(() -> crashing.fixture().append(open, "person", one(2)))
          .isInstanceOf(SlipwayException.class);
      crashing.close();
      scene.goOn(other, Duration.ofMinutes(15));

      assertThat(database.recover(TESTER).resolved()).isEqualTo(1);

      assertExactly(other, 1L, 2L, 100L, 101L, 102L);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario21_intentLeftByACrash_belowTheFloorIsNoLongerInProgress(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine other = scene.start("other");
      Database database = createCrm(other);
      FaultyEngine crashing = scene.start("crashing");
      Database open = crm(crashing);
      crashing.windows().once(FailPoint.COMMIT_AFTER_TABLES::equals, crashing.dies());
      assertThatThrownBy(
              () ->
                  crashing.fixture().write(open, "person", APPEND, one(2), request("left-behind")))
          .isInstanceOf(SlipwayException.class);
      crashing.close();
      assertThat(database.outcome(TESTER, "left-behind", false))
          .isEqualTo(new Outcome.InProgress());
      for (int i = 0; i < 2; i++) {
        scene.later(other, Duration.ofMinutes(70), 100 + i);
        clean(other, HOUR);
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
