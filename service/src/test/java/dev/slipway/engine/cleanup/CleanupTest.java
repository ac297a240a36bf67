package dev.slipway.engine.cleanup;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static dev.slipway.engine.testkit.EngineFixture.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CleanupReport;
import dev.slipway.engine.CleanupRow;
import dev.slipway.engine.Database;
import dev.slipway.engine.EngineOptions;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.StagedWriteInfo;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.state.CheckpointStore;
import dev.slipway.engine.state.PageLayout;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.ManualClock;
import dev.slipway.engine.testkit.Options;
import dev.slipway.storage.MetadataStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CleanupTest {
  private static final WriteOperation OVERWRITE = new WriteOperation.Overwrite();
  private static final WriteOperation APPEND = new WriteOperation.Append(false);

  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();

  private EngineFixture open(BackendKind kind) {
    return open(kind, EngineOptions.DEFAULT);
  }

  private EngineFixture open(BackendKind kind, EngineOptions options) {
    return EngineFixture.open(kind, folder, FailureInjector.NONE, options, clock);
  }

  private EngineFixture another(EngineFixture fixture) {
    return EngineFixture.over(
        fixture.allocator(),
        fixture.backend(),
        FailureInjector.NONE,
        clock,
        Options.forgetful(),
        "other");
  }

  private static List<Map<String, @Nullable Object>> one(long id) {
    return List.of(person(id, "p" + id, id));
  }

  private static CleanupReport clean(Database database, CleanupPolicy policy) {
    return database.cleanup(TESTER, policy, false, row -> {});
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_twiceWithoutGrace_leavesExactlyWhatTheHeadNeeds(BackendKind kind) {
    try (EngineFixture fixture = open(kind)) {
      Database database = fixture.create("crm");
      createPeople(database, "person");
      createPeople(database, "gone");
      fixture.append(database, "gone", one(1));
      for (long id = 0; id < 4; id++) {
        fixture.write(database, "person", OVERWRITE, one(id));
      }
      fixture.stage(database, "person", APPEND, one(9));
      database.dropTable(TESTER, ReadAt.MAIN, "gone", Optional.empty());

      CleanupReport first = ReclaimOracle.clean(database);
      CleanupReport second = ReclaimOracle.clean(database);

      assertThat(first.deletedFiles()).isZero();
      assertThat(first.candidateFiles()).isPositive();
      assertThat(second.deletedFiles()).isPositive();
      new ReclaimOracle(fixture.backend()).exactlyTheReferencedIsThere(database);
      assertThat(fixture.rows(database, "person")).isEqualTo(one(3));
      CleanupReport third = ReclaimOracle.clean(database);
      assertThat(third.deletedFiles() + third.candidateFiles()).isZero();
      assertThat(fixture.backend().metadata().list(home(database) + "/cleanup/", "", 10)).isEmpty();
    }
  }

  private static String home(Database database) {
    return "db/" + database.info().id();
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_belowTheFloor_readsAreExpiredAndNameIt(BackendKind kind) {
    try (EngineFixture fixture = open(kind)) {
      Database database = fixture.create("crm");
      createPeople(database, "person");
      for (long id = 0; id < 5; id++) {
        fixture.write(database, "person", OVERWRITE, one(id));
      }
      CleanupReport report = clean(database, new CleanupPolicy(3, Duration.ZERO, Duration.ZERO));
      clean(database, new CleanupPolicy(4, Duration.ZERO, Duration.ZERO));

      assertThat(report.floor()).isEqualTo(4);
      assertThat(fixture.rows(database, "person", ReadAt.revision(4))).isEqualTo(one(2));
      assertThat(database.commitAt(TESTER, 4).revision()).isEqualTo(4);
      assertThatThrownBy(() -> fixture.rows(database, "person", ReadAt.revision(3)))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              e -> {
                assertThat(e.reason()).isEqualTo(ErrorReason.REVISION_EXPIRED);
                assertThat(e.metadata()).containsEntry("floor", "4");
              });
      assertThatThrownBy(() -> database.commitAt(TESTER, 3))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              e -> assertThat(e.reason()).isEqualTo(ErrorReason.REVISION_EXPIRED));
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_withGrace_leavesAloneWhatIsYounger(BackendKind kind) {
    CleanupPolicy policy = new CleanupPolicy(1, Duration.ZERO, Duration.ofHours(1));
    try (EngineFixture fixture = open(kind)) {
      Database database = fixture.create("crm");
      createPeople(database, "person");
      fixture.write(database, "person", OVERWRITE, one(1));
      fixture.write(database, "person", OVERWRITE, one(2));
      StagedWriteInfo staged = fixture.stage(database, "person", APPEND, one(3));

      CleanupReport early = clean(database, policy);
      assertThat(early.floor()).isZero();
      assertThat(early.stagedFloor()).isZero();

      clock.advance(Duration.ofHours(2));
      StagedWriteInfo young = fixture.stage(database, "person", APPEND, one(4));
      fixture.append(database, "person", one(5));
      CleanupReport late = clean(database, policy);

      assertThat(late.floor()).isEqualTo(3);
      assertThat(late.stagedFloor()).isEqualTo(3);
      database.commit(TESTER, ReadAt.MAIN, List.of(staged.id(), young.id()), request("both"));
      assertThat(fixture.rows(database, "person")).hasSize(4);
      for (int i = 0; i < 3; i++) {
        clock.advance(Duration.ofHours(2));
        clean(database, policy);
      }
      assertThat(fixture.rows(database, "person")).hasSize(4);
      new ReclaimOracle(fixture.backend()).exactlyTheReferencedIsThere(database);
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_ofARenewedStagedWrite_keepsItsFilesUntilItIsCommitted(BackendKind kind) {
    CleanupPolicy policy = new CleanupPolicy(1, Duration.ZERO, Duration.ofHours(1));
    try (EngineFixture fixture = open(kind)) {
      Database database = fixture.create("crm");
      createPeople(database, "person");
      StagedWriteInfo kept = fixture.stage(database, "person", APPEND, one(1));
      StagedWriteInfo dead = fixture.stage(database, "person", APPEND, one(2));
      for (int i = 0; i < 4; i++) {
        fixture.write(database, "person", OVERWRITE, one(i));
        clock.advance(Duration.ofHours(10));
        database.renew(TESTER, kept.id());
        clean(database, policy);
      }
      assertThat(database.stagedWrites(TESTER, Optional.empty(), "", 10))
          .extracting(StagedWriteInfo::id)
          .containsExactly(kept.id());
      assertThatThrownBy(
              () ->
                  database.commit(TESTER, ReadAt.MAIN, List.of(dead.id()), request("of-the-dead")))
          .isInstanceOf(SlipwayException.class);

      // The commit itself is begun now: what it names may be older.
      database.commit(TESTER, ReadAt.MAIN, List.of(kept.id()), request("of-the-kept"));

      assertThat(fixture.rows(database, "person")).hasSize(2);
      for (int i = 0; i < 3; i++) {
        clock.advance(Duration.ofHours(10));
        clean(database, policy);
      }
      assertThat(fixture.rows(database, "person")).hasSize(2);
      new ReclaimOracle(fixture.backend()).exactlyTheReferencedIsThere(database);
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_dryRun_listsWhatTheRunDoesAndChangesNothing(BackendKind kind) {
    try (EngineFixture fixture = open(kind, Options.forgetful())) {
      Database database = fixture.create("crm");
      createPeople(database, "person");
      createPeople(database, "gone");
      for (long id = 0; id < 12; id++) {
        fixture.write(database, "person", OVERWRITE, one(id));
        fixture.awaitIdle();
      }
      database.dropTable(TESTER, ReadAt.MAIN, "gone", Optional.empty());
      fixture.awaitIdle();
      for (int round = 0; round < 3; round++) {
        // A cleanup publishes too, and its checkpoint is written in the background.
        fixture.awaitIdle();
        List<String> before = everything(fixture, database);
        List<CleanupRow> dry = new ArrayList<>();
        CleanupReport dryReport =
            database.cleanup(TESTER, CleanupPolicy.EVERYTHING, true, dry::add);
        assertThat(everything(fixture, database)).isEqualTo(before);
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
  private static List<String> everything(EngineFixture fixture, Database database) {
    List<String> all =
        new ArrayList<>(fixture.backend().metadata().list(home(database) + "/", "", 10_000));
    String id = database.info().id();
    for (String table : fixture.backend().inlineResidual().homes(id)) {
      fixture
          .backend()
          .inlineResidual()
          .listFiles(new dev.slipway.storage.TableId(id, table))
          .forEach(file -> all.add(table + "/" + file));
    }
    return all;
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_pastACheckpoint_hollowsTheLogAndFreesNoKey(BackendKind kind) {
    try (EngineFixture fixture = open(kind, Options.forgetful())) {
      Database database = fixture.create("crm");
      createPeople(database, "person");
      for (long id = 0; id < 20; id++) {
        fixture.write(database, "person", OVERWRITE, one(id));
        fixture.awaitIdle();
      }
      String log = home(database) + "/log/";
      int keys = fixture.backend().metadata().list(log, "", 1_000).size();

      CleanupReport report = ReclaimOracle.clean(database);

      assertThat(report.logRecords()).isGreaterThan(10);
      assertThat(report.checkpoints()).isPositive();
      assertThat(fixture.backend().metadata().list(log, "", 1_000)).hasSize(keys + 1);
      LogStore store = new LogStore(fixture.backend().metadata(), home(database));
      assertThat(store.isHollow(1)).isTrue();
      assertThat(store.isHollow(report.floor())).isFalse();
      try (EngineFixture other = another(fixture)) {
        assertThat(other.rows(other.database("crm"), "person")).isEqualTo(one(19));
        other.append(other.database("crm"), "person", one(100));
      }
      assertThat(fixture.rows(database, "person")).hasSize(2);
      assertThat(ReclaimOracle.clean(database).logRecords()).isLessThan(report.logRecords());
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_ofARequestStillRemembered_answersItAsBefore(BackendKind kind) {
    try (EngineFixture fixture = open(kind)) {
      Database database = fixture.create("crm");
      createPeople(database, "person");
      StagedWriteInfo staged = fixture.stage(database, "person", APPEND, one(1));
      var first = database.commit(TESTER, ReadAt.MAIN, List.of(staged.id()), request("once"));
      fixture.append(database, "person", one(2));
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
  void hollowRecord_aboveTheNewestCheckpoint_isDataLoss(BackendKind kind) {
    try (EngineFixture fixture = open(kind)) {
      Database database = fixture.create("crm");
      createPeople(database, "person");
      fixture.append(database, "person", one(1));
      fixture.append(database, "person", one(2));
      fixture.awaitIdle();
      new LogStore(fixture.backend().metadata(), home(database)).hollow(2);

      assertThatThrownBy(() -> database.commitAt(TESTER, 2))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              e -> assertThat(e.reason()).isEqualTo(ErrorReason.CORRUPT_RECORD));
      try (EngineFixture late = another(fixture)) {
        Database reopened = late.database("crm");
        assertThatThrownBy(() -> late.append(reopened, "person", one(3)))
            .isInstanceOfSatisfying(
                SlipwayException.class,
                e -> assertThat(e.reason()).isEqualTo(ErrorReason.CORRUPT_RECORD));
        assertThatThrownBy(() -> clean(reopened, CleanupPolicy.EVERYTHING))
            .isInstanceOfSatisfying(
                SlipwayException.class,
                e -> assertThat(e.reason()).isEqualTo(ErrorReason.CORRUPT_RECORD));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void scan_ofARevisionWhoseFilesWereReclaimedMeanwhile_isExpired(BackendKind kind) {
    try (EngineFixture fixture = open(kind)) {
      Database database = fixture.create("crm");
      createPeople(database, "person");
      fixture.write(database, "person", OVERWRITE, one(1));
      try (EngineFixture reader = another(fixture)) {
        Database seen = reader.database("crm");
        assertThat(reader.rows(seen, "person", ReadAt.revision(2))).isEqualTo(one(1));
        fixture.write(database, "person", OVERWRITE, one(2));
        ReclaimOracle.clean(database);
        ReclaimOracle.clean(database);
        assertThatThrownBy(() -> reader.rows(seen, "person", ReadAt.revision(2)))
            .isInstanceOfSatisfying(
                SlipwayException.class,
                e -> assertThat(e.reason()).isEqualTo(ErrorReason.REVISION_EXPIRED));
        assertThat(reader.rows(seen, "person")).isEqualTo(one(2));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_whenTheClockIsFarBehind_refuses(BackendKind kind) {
    try (EngineFixture fixture = open(kind)) {
      Database database = fixture.create("crm");
      createPeople(database, "person");
      clock.advance(Duration.ofMinutes(-9));
      clean(database, CleanupPolicy.EVERYTHING);
      clock.advance(Duration.ofMinutes(-2));
      long head = database.head();

      assertThatThrownBy(() -> clean(database, CleanupPolicy.EVERYTHING))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              e -> assertThat(e.reason()).isEqualTo(ErrorReason.CLOCK_SKEW));
      assertThat(database.head()).isEqualTo(head);
    }
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
  void cleanup_withDamagedPagesThatTheLogStillSays_writesThemAnewBeforeItTrims(BackendKind kind) {
    try (EngineFixture fixture = open(kind, Options.forgetful())) {
      Database database = fixture.create("crm");
      createPeople(database, "person");
      for (long id = 0; id < 20; id++) {
        fixture.write(database, "person", OVERWRITE, one(id));
        fixture.awaitIdle();
      }
      MetadataStore store = fixture.backend().metadata();
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
    try (EngineFixture fixture = open(kind, Options.forgetful(new PageLayout(4, 2, 5)))) {
      Database database = fixture.create("crm");
      createPeople(database, "person");
      for (long id = 0; id < 20; id++) {
        fixture.write(database, "person", OVERWRITE, one(id));
        fixture.awaitIdle();
      }
      assertThat(clean(database, CleanupPolicy.EVERYTHING).logRecords()).isGreaterThan(10);
      for (long id = 20; id < 30; id++) {
        fixture.write(database, "person", OVERWRITE, one(id));
        fixture.awaitIdle();
      }
      MetadataStore store = fixture.backend().metadata();
      String key = pageBefore(store, database, 16);
      damage(store, key);

      try (EngineFixture other = another(fixture)) {
        Database seen = other.database("crm");
        CleanupReport report = clean(seen, CleanupPolicy.EVERYTHING);

        assertThat(report.logRecords()).isZero();
        assertThat(report.checkpoints()).isZero();
        assertThat(report.problems()).singleElement().asString().contains(key);
        other.write(seen, "person", OVERWRITE, one(99));
        assertThat(other.rows(seen, "person")).isEqualTo(one(99));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void read_fromAnUnreadableCheckpointOverAHollowLog_isDataLossThatNamesIt(BackendKind kind) {
    try (EngineFixture fixture = open(kind, Options.forgetful())) {
      Database database = fixture.create("crm");
      createPeople(database, "person");
      for (long id = 0; id < 20; id++) {
        fixture.write(database, "person", OVERWRITE, one(id));
        fixture.awaitIdle();
      }
      long floor = clean(database, CleanupPolicy.EVERYTHING).floor();
      for (long id = 0; id < 10; id++) {
        fixture.write(database, "person", OVERWRITE, one(id));
        fixture.awaitIdle();
      }
      MetadataStore store = fixture.backend().metadata();
      List<String> all = store.list(home(database) + "/checkpoints/", "", 1_000);
      List<String> below =
          all.stream()
              .filter(key -> Long.parseLong(key.substring(key.length() - 19)) <= floor)
              .toList();
      assertThat(all).hasSizeGreaterThan(below.size());
      below.forEach(key -> damage(store, key));
      String newest = below.get(below.size() - 1);
      try (EngineFixture other = another(fixture)) {
        Database seen = other.database("crm");

        assertThatThrownBy(() -> other.rows(seen, "person", ReadAt.revision(floor)))
            .isInstanceOfSatisfying(
                SlipwayException.class,
                e -> assertThat(e.reason()).isEqualTo(ErrorReason.CORRUPT_RECORD))
            .hasMessageContaining(newest);
        assertThatThrownBy(() -> clean(seen, CleanupPolicy.DEFAULT))
            .isInstanceOfSatisfying(
                SlipwayException.class,
                e -> assertThat(e.reason()).isEqualTo(ErrorReason.CORRUPT_RECORD))
            .hasMessageContaining(newest);
        assertThat(clean(seen, CleanupPolicy.EVERYTHING).problems()).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_whenTheLogDoesNotLeadToTheCheckpoint_leavesBothAndSaysSo(BackendKind kind) {
    try (EngineFixture fixture = open(kind, Options.forgetful())) {
      Database database = fixture.create("crm");
      createPeople(database, "person");
      for (long id = 0; id < 20; id++) {
        fixture.write(database, "person", OVERWRITE, one(id));
        fixture.awaitIdle();
      }
      fixture.backend().metadata().delete(home(database) + "/log/" + LogStore.digits(14));

      CleanupReport report = clean(database, CleanupPolicy.EVERYTHING);

      assertThat(report.logRecords()).isZero();
      assertThat(report.checkpoints()).isZero();
      assertThat(report.problems()).singleElement().asString().contains("is gone");
    }
  }
}
