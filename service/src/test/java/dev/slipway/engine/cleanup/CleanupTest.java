package dev.slipway.engine.cleanup;

import static dev.slipway.engine.cleanup.CleanupScene.APPEND;
import static dev.slipway.engine.cleanup.CleanupScene.HOUR;
import static dev.slipway.engine.cleanup.CleanupScene.OVERWRITE;
import static dev.slipway.engine.cleanup.CleanupScene.clean;
import static dev.slipway.engine.cleanup.CleanupScene.crm;
import static dev.slipway.engine.cleanup.CleanupScene.home;
import static dev.slipway.engine.cleanup.CleanupScene.one;
import static dev.slipway.engine.cleanup.CleanupScene.overwrite;
import static dev.slipway.engine.cleanup.CleanupScene.people;
import static dev.slipway.engine.cleanup.CleanupScene.rows;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.request;
import static dev.slipway.engine.testkit.Refusals.reasonOf;
import static dev.slipway.engine.testkit.Refusals.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CleanupReport;
import dev.slipway.engine.CleanupRow;
import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.StagedWriteInfo;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.Options;
import dev.slipway.storage.TableId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CleanupTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void cleanup_twiceWithoutGrace_leavesExactlyWhatTheHeadNeeds(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine engine = scene.start("first");
      Database database = people(engine);
      createPeople(database, "gone");
      engine.fixture().append(database, "gone", one(1));
      overwrite(engine, 0, 4);
      engine.fixture().stage(database, "person", APPEND, one(9));
      database.dropTable(TESTER, ReadAt.MAIN, "gone", Optional.empty());

      CleanupReport first = ReclaimOracle.clean(database);
      CleanupReport second = ReclaimOracle.clean(database);

      assertThat(first.deletedFiles()).isZero();
      assertThat(first.candidateFiles()).isPositive();
      assertThat(second.deletedFiles()).isPositive();
      new ReclaimOracle(engine.fixture().backend()).exactlyTheReferencedIsThere(database);
      assertThat(rows(engine)).isEqualTo(one(3));
      CleanupReport third = ReclaimOracle.clean(database);
      assertThat(third.deletedFiles() + third.candidateFiles()).isZero();
      assertThat(scene.metadata().list(home(database) + "/cleanup/", "", 10)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_belowTheFloor_readsAreExpiredAndNameIt(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine engine = scene.start("first");
      Database database = people(engine);
      overwrite(engine, 0, 5);
      CleanupReport report = clean(engine, new CleanupPolicy(3, Duration.ZERO, Duration.ZERO));
      clean(engine, new CleanupPolicy(4, Duration.ZERO, Duration.ZERO));

      assertThat(report.floor()).isEqualTo(4);
      assertThat(engine.fixture().rows(database, "person", ReadAt.revision(4))).isEqualTo(one(2));
      assertThat(database.commitAt(TESTER, 4).revision()).isEqualTo(4);
      SlipwayException expired =
          refusal(() -> engine.fixture().rows(database, "person", ReadAt.revision(3)));
      assertThat(expired.reason()).isEqualTo(ErrorReason.REVISION_EXPIRED);
      assertThat(expired.metadata()).containsEntry("floor", "4");
      assertThat(reasonOf(() -> database.commitAt(TESTER, 3)))
          .isEqualTo(ErrorReason.REVISION_EXPIRED);
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_withGrace_leavesAloneWhatIsYounger(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine engine = scene.start("first");
      Database database = people(engine);
      engine.fixture().write(database, "person", OVERWRITE, one(1));
      engine.fixture().write(database, "person", OVERWRITE, one(2));
      StagedWriteInfo staged = engine.fixture().stage(database, "person", APPEND, one(3));

      CleanupReport early = clean(engine, HOUR);
      assertThat(early.floor()).isZero();
      assertThat(early.stagedFloor()).isZero();

      scene.advance(Duration.ofHours(2));
      StagedWriteInfo young = engine.fixture().stage(database, "person", APPEND, one(4));
      engine.fixture().append(database, "person", one(5));
      CleanupReport late = clean(engine, HOUR);

      assertThat(late.floor()).isEqualTo(3);
      assertThat(late.stagedFloor()).isEqualTo(3);
      database.commit(TESTER, ReadAt.MAIN, List.of(staged.id(), young.id()), request("both"));
      assertThat(rows(engine)).hasSize(4);
      for (int i = 0; i < 3; i++) {
        scene.advance(Duration.ofHours(2));
        clean(engine, HOUR);
      }
      assertThat(rows(engine)).hasSize(4);
      new ReclaimOracle(engine.fixture().backend()).exactlyTheReferencedIsThere(database);
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_ofARenewedStagedWrite_keepsItsFilesUntilItIsCommitted(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine engine = scene.start("first");
      Database database = people(engine);
      StagedWriteInfo kept = engine.fixture().stage(database, "person", APPEND, one(1));
      StagedWriteInfo dead = engine.fixture().stage(database, "person", APPEND, one(2));
      for (int i = 0; i < 4; i++) {
        engine.fixture().write(database, "person", OVERWRITE, one(i));
        scene.advance(Duration.ofHours(10));
        database.renew(TESTER, kept.id());
        clean(engine, HOUR);
      }
      assertThat(database.stagedWrites(TESTER, Optional.empty(), "", 10))
          .extracting(StagedWriteInfo::id)
          .containsExactly(kept.id());
      assertThat(
              reasonOf(
                  () ->
                      database.commit(
                          TESTER, ReadAt.MAIN, List.of(dead.id()), request("of-the-dead"))))
          .isEqualTo(ErrorReason.STAGED_WRITE_NOT_FOUND);

      // The commit itself is begun now: what it names may be older.
      database.commit(TESTER, ReadAt.MAIN, List.of(kept.id()), request("of-the-kept"));

      assertThat(rows(engine)).hasSize(2);
      for (int i = 0; i < 3; i++) {
        scene.advance(Duration.ofHours(10));
        clean(engine, HOUR);
      }
      assertThat(rows(engine)).hasSize(2);
      new ReclaimOracle(engine.fixture().backend()).exactlyTheReferencedIsThere(database);
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_dryRun_listsWhatTheRunDoesAndChangesNothing(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine engine = scene.start("first", Options.forgetful());
      Database database = people(engine);
      createPeople(database, "gone");
      overwrite(engine, 0, 12);
      database.dropTable(TESTER, ReadAt.MAIN, "gone", Optional.empty());
      engine.fixture().awaitIdle();
      for (int round = 0; round < 3; round++) {
        // A cleanup publishes too, and its checkpoint is written in the background.
        engine.fixture().awaitIdle();
        List<String> before = everything(scene, engine, database);
        List<CleanupRow> dry = new ArrayList<>();
        CleanupReport dryReport =
            database.cleanup(TESTER, CleanupPolicy.EVERYTHING, true, dry::add);
        assertThat(everything(scene, engine, database)).isEqualTo(before);
        List<CleanupRow> wet = new ArrayList<>();
        CleanupReport report = database.cleanup(TESTER, CleanupPolicy.EVERYTHING, false, wet::add);

        assertThat(wet).isEqualTo(dry);
        assertThat(dryReport.dryRun()).isTrue();
        assertThat(report.floor()).isEqualTo(dryReport.floor());
        assertThat(report.stagedFloor()).isEqualTo(dryReport.stagedFloor());
        assertThat(report.logRecords()).isEqualTo(dryReport.logRecords());
        assertThat(report.checkpoints()).isEqualTo(dryReport.checkpoints());
      }
    }
  }

  /** Every key and every file there is. */
  private static List<String> everything(
      CleanupScene scene, FaultyEngine engine, Database database) {
    List<String> all = new ArrayList<>(scene.metadata().list(home(database) + "/", "", 10_000));
    String id = database.info().id();
    for (String table : engine.fixture().backend().inlineResidual().homes(id)) {
      engine
          .fixture()
          .backend()
          .inlineResidual()
          .listFiles(new TableId(id, table))
          .forEach(file -> all.add(table + "/" + file));
    }
    return all;
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_ofARequestStillRemembered_answersItAsBefore(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine engine = scene.start("first");
      Database database = people(engine);
      StagedWriteInfo staged = engine.fixture().stage(database, "person", APPEND, one(1));
      var first = database.commit(TESTER, ReadAt.MAIN, List.of(staged.id()), request("once"));
      engine.fixture().append(database, "person", one(2));
      ReclaimOracle.clean(database);
      ReclaimOracle.clean(database);

      assertThat(database.outcome(TESTER, "once", false))
          .isEqualTo(new Outcome.Committed(first.commit().revision()));
      var again = database.commit(TESTER, ReadAt.MAIN, List.of(staged.id()), request("once"));
      assertThat(again.commit()).isEqualTo(first.commit());
      assertThat(again.replayed()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void scan_ofARevisionWhoseFilesWereReclaimedMeanwhile_isExpired(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine engine = scene.start("first");
      Database database = people(engine);
      engine.fixture().write(database, "person", OVERWRITE, one(1));
      try (FaultyEngine reader = scene.start("reader", Options.forgetful())) {
        Database seen = crm(reader);
        assertThat(reader.fixture().rows(seen, "person", ReadAt.revision(2))).isEqualTo(one(1));
        engine.fixture().write(database, "person", OVERWRITE, one(2));
        ReclaimOracle.clean(database);
        ReclaimOracle.clean(database);
        assertThat(reasonOf(() -> reader.fixture().rows(seen, "person", ReadAt.revision(2))))
            .isEqualTo(ErrorReason.REVISION_EXPIRED);
        assertThat(rows(reader)).isEqualTo(one(2));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_whenTheClockIsFarBehind_refuses(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine engine = scene.start("first");
      Database database = people(engine);
      scene.advance(Duration.ofMinutes(-9));
      clean(engine, CleanupPolicy.EVERYTHING);
      scene.advance(Duration.ofMinutes(-2));
      long head = database.head();

      assertThat(reasonOf(() -> clean(engine, CleanupPolicy.EVERYTHING)))
          .isEqualTo(ErrorReason.CLOCK_SKEW);
      assertThat(database.head()).isEqualTo(head);
    }
  }
}
