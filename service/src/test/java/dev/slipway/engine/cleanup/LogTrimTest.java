package dev.slipway.engine.cleanup;

import static dev.slipway.engine.cleanup.CleanupScene.OVERWRITE;
import static dev.slipway.engine.cleanup.CleanupScene.crm;
import static dev.slipway.engine.cleanup.CleanupScene.home;
import static dev.slipway.engine.cleanup.CleanupScene.one;
import static dev.slipway.engine.cleanup.CleanupScene.overwrite;
import static dev.slipway.engine.cleanup.CleanupScene.people;
import static dev.slipway.engine.cleanup.CleanupScene.rows;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.Refusals.reasonOf;
import static dev.slipway.engine.testkit.Refusals.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CleanupReport;
import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.state.CheckpointStore;
import dev.slipway.engine.state.PageLayout;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.Options;
import dev.slipway.storage.MetadataStore;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a cleanup does to the log and its checkpoints, and what it needs of them. */
class LogTrimTest {
  @TempDir Path folder;

  /** A cleanup that may find problems. */
  private static CleanupReport clean(Database database, CleanupPolicy policy) {
    return database.cleanup(TESTER, policy, false, row -> {});
  }

  /** The newest page up to the revision, of the newest checkpoint there. */
  private static String pageBefore(MetadataStore store, Database database, long revision) {
    return store.list(home(database) + "/pages/", "", 1_000).stream()
        .filter(key -> Long.parseLong(key.substring(key.length() - 19)) <= revision)
        .max(java.util.Comparator.comparing(key -> key.substring(key.length() - 19)))
        .orElseThrow();
  }

  private static void damage(MetadataStore store, String key) {
    byte[] bytes = store.get(key).orElseThrow();
    bytes[bytes.length / 2] ^= 1;
    store.delete(key);
    assertThat(store.putIfAbsent(key, bytes)).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_pastACheckpoint_hollowsTheLogAndFreesNoKey(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine engine = scene.start("first", Options.forgetful());
      Database database = people(engine);
      overwrite(engine, 0, 20);
      String log = home(database) + "/log/";
      int keys = scene.metadata().list(log, "", 1_000).size();

      CleanupReport report = ReclaimOracle.clean(database);

      assertThat(report.logRecords()).isGreaterThan(10);
      assertThat(report.checkpoints()).isPositive();
      assertThat(scene.metadata().list(log, "", 1_000)).hasSize(keys + 1);
      LogStore store = new LogStore(scene.metadata(), home(database));
      assertThat(store.isHollow(1)).isTrue();
      assertThat(store.isHollow(report.floor())).isFalse();
      try (FaultyEngine other = scene.start("other", Options.forgetful())) {
        assertThat(rows(other)).isEqualTo(one(19));
        other.fixture().append(crm(other), "person", one(100));
      }
      assertThat(rows(engine)).hasSize(2);
      assertThat(ReclaimOracle.clean(database).logRecords()).isLessThan(report.logRecords());
    }
  }

  @ParameterizedTest
  @EnumSource
  void hollowRecord_aboveTheNewestCheckpoint_isDataLoss(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine engine = scene.start("first");
      Database database = people(engine);
      engine.fixture().append(database, "person", one(1));
      engine.fixture().append(database, "person", one(2));
      engine.fixture().awaitIdle();
      new LogStore(scene.metadata(), home(database)).hollow(2);

      assertThat(reasonOf(() -> database.commitAt(TESTER, 2)))
          .isEqualTo(ErrorReason.CORRUPT_RECORD);
      try (FaultyEngine late = scene.start("late", Options.forgetful())) {
        Database reopened = crm(late);
        assertThat(reasonOf(() -> late.fixture().append(reopened, "person", one(3))))
            .isEqualTo(ErrorReason.CORRUPT_RECORD);
        assertThat(reasonOf(() -> clean(reopened, CleanupPolicy.EVERYTHING)))
            .isEqualTo(ErrorReason.CORRUPT_RECORD);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_withDamagedPagesThatTheLogStillSays_writesThemAnewBeforeItTrims(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine engine = scene.start("first", Options.forgetful());
      Database database = people(engine);
      overwrite(engine, 0, 20);
      MetadataStore store = scene.metadata();
      for (String folder : List.of("/pages/", "/decided/")) {
        store.list(home(database) + folder, "", 1_000).forEach(key -> damage(store, key));
      }

      CleanupReport report = clean(database, CleanupPolicy.EVERYTHING);

      assertThat(report.problems()).isEmpty();
      assertThat(report.logRecords()).isGreaterThan(10);
      CheckpointStore checkpoints =
          new CheckpointStore(store, home(database), FailureInjector.NONE);
      assertThat(checkpoints.flaws(checkpoints.revisions().get(0), new HashMap<>())).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_withADamagedPageThatTheLogNoLongerSays_trimsNothingMoreAndSaysSo(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine engine = scene.start("first", Options.forgetful(new PageLayout(4, 2, 5)));
      Database database = people(engine);
      overwrite(engine, 0, 20);
      assertThat(clean(database, CleanupPolicy.EVERYTHING).logRecords()).isGreaterThan(10);
      overwrite(engine, 20, 30);
      MetadataStore store = scene.metadata();
      String key = pageBefore(store, database, 16);
      damage(store, key);

      try (FaultyEngine other = scene.start("other", Options.forgetful())) {
        Database seen = crm(other);
        CleanupReport report = clean(seen, CleanupPolicy.EVERYTHING);

        assertThat(report.logRecords()).isZero();
        assertThat(report.checkpoints()).isZero();
        assertThat(report.problems()).singleElement().asString().contains(key);
        other.fixture().write(seen, "person", OVERWRITE, one(99));
        assertThat(rows(other)).isEqualTo(one(99));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void read_fromAnUnreadableCheckpointOverAHollowLog_isDataLossThatNamesIt(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine engine = scene.start("first", Options.forgetful());
      Database database = people(engine);
      overwrite(engine, 0, 20);
      long floor = clean(database, CleanupPolicy.EVERYTHING).floor();
      overwrite(engine, 0, 10);
      MetadataStore store = scene.metadata();
      List<String> all = store.list(home(database) + "/checkpoints/", "", 1_000);
      List<String> below =
          all.stream()
              .filter(key -> Long.parseLong(key.substring(key.length() - 19)) <= floor)
              .toList();
      assertThat(all).hasSizeGreaterThan(below.size());
      below.forEach(key -> damage(store, key));
      String newest = below.get(below.size() - 1);
      try (FaultyEngine other = scene.start("other", Options.forgetful())) {
        Database seen = crm(other);

        for (ThrowingCallable needsIt :
            List.<ThrowingCallable>of(
                () -> other.fixture().rows(seen, "person", ReadAt.revision(floor)),
                () -> clean(seen, CleanupPolicy.DEFAULT))) {
          SlipwayException refusal = refusal(needsIt);
          assertThat(refusal.reason()).isEqualTo(ErrorReason.CORRUPT_RECORD);
          assertThat(refusal).hasMessageContaining(newest);
        }
        assertThat(clean(seen, CleanupPolicy.EVERYTHING).problems()).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_whenTheLogDoesNotLeadToTheCheckpoint_leavesBothAndSaysSo(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine engine = scene.start("first", Options.forgetful());
      Database database = people(engine);
      overwrite(engine, 0, 20);
      scene.metadata().delete(home(database) + "/log/" + LogStore.digits(14));

      CleanupReport report = clean(database, CleanupPolicy.EVERYTHING);

      assertThat(report.logRecords()).isZero();
      assertThat(report.checkpoints()).isZero();
      assertThat(report.problems()).singleElement().asString().contains("is gone");
    }
  }
}
