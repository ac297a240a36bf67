package dev.slipway.engine.cleanup;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CleanupRow;
import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.ReclaimReport;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.Upload;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.WriteTarget;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.FaultyStorage;
import dev.slipway.engine.fault.Gate;
import dev.slipway.engine.fault.StoreCall;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.ManualClock;
import dev.slipway.engine.testkit.Options;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.TableId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(QuietLogs.class)
class DroppedDatabasesTest {
  private static final Duration NONE = Duration.ZERO;

  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();

  private FaultyEngine start(FaultyStorage storage, String instance) {
    return storage.start(instance, EngineOptions.DEFAULT, clock);
  }

  private static ReclaimReport reclaim(FaultyEngine engine, Duration grace) {
    return engine.fixture().databases().reclaim(TESTER, grace, false);
  }

  /** Gives what held the database open. */
  private static Database fillAndDrop(FaultyEngine engine, String name) {
    Database database = engine.fixture().create(name);
    createPeople(database, "person");
    engine.fixture().append(database, "person", List.of(person(1, "Ada", 36)));
    engine.fixture().awaitIdle();
    engine.fixture().databases().drop(TESTER, name, true);
    return database;
  }

  private static List<String> keys(MetadataStore store, String id) {
    return store.list("db/" + id + "/", "", 1_000);
  }

  @ParameterizedTest
  @EnumSource
  void reclaim_whileReadingTheCatalogTakesLong_isNotRefusedForItsClock(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine engine = start(storage, "first");
      FaultyEngine other = start(storage, "other");
      engine.fixture().create("crm");
      Runnable meanwhile =
          () -> {
            clock.advance(Duration.ofMinutes(20));
            other.fixture().create("newer");
          };
      engine.store().once(StoreCall.of(StoreCall.Kind.GET, "catalog/log/"), Effect.run(meanwhile));

      assertThat(reclaim(engine, NONE).failed()).isEmpty();

      assertThat(other.fixture().databases().list(TESTER, "", 10)).hasSize(2);
    }
  }

  @ParameterizedTest
  @EnumSource
  void reclaim_ofADroppedDatabase_freesAllButItsLogKeys(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine engine = start(storage, "first");
      Database alive = engine.fixture().create("alive");
      createPeople(alive, "person");
      FaultyEngine sleeper = start(storage, "sleeper");
      Database dropped = engine.fixture().create("crm");
      createPeople(dropped, "person");
      Database asleep = sleeper.database("crm");
      long seen = asleep.head();
      engine.fixture().append(dropped, "person", List.of(person(1, "Ada", 36)));
      engine.fixture().databases().drop(TESTER, "crm", true);
      engine.fixture().awaitIdle();
      String id = dropped.info().id();

      assertThat(reclaim(engine, NONE).candidates()).containsExactly(id);
      List<String> before = keys(storage.metadata(), id);
      assertThat(engine.fixture().databases().reclaim(TESTER, NONE, true).reclaimed())
          .containsExactly(id);
      assertThat(keys(storage.metadata(), id)).isEqualTo(before);
      ReclaimReport second = reclaim(engine, NONE);

      assertThat(second.reclaimed()).containsExactly(id);
      assertThat(second.failed()).isEmpty();
      assertThat(engine.fixture().backend().inlineResidual().homes(id)).isEmpty();
      LogStore log = new LogStore(storage.metadata(), "db/" + id);
      for (long revision = 1; revision <= seen + 2; revision++) {
        assertThat(log.isHollow(revision)).as("log record %d", revision).isTrue();
      }
      assertThat(keys(storage.metadata(), id)).hasSize((int) seen + 2 + 1);
      // Whoever slept with it open neither reads nor writes it.
      assertThatThrownBy(
              () -> sleeper.fixture().append(asleep, "person", List.of(person(2, "Bob", 40))))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              e -> assertThat(e.reason()).isEqualTo(ErrorReason.DATABASE_NOT_FOUND));
      assertThatThrownBy(() -> asleep.tables(TESTER, ReadAt.HEAD, "", 10))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              e -> assertThat(e.reason()).isEqualTo(ErrorReason.DATABASE_NOT_FOUND));
      ReclaimReport third = reclaim(engine, NONE);
      assertThat(third.reclaimed()).isEmpty();
      assertThat(third.candidates()).isEmpty();
      assertThat(storage.metadata().list("catalog/cleanup/", "", 10)).isEmpty();
      engine.fixture().append(alive, "person", List.of(person(1, "Ada", 36)));
      assertThat(engine.fixture().create("crm").info().id()).isNotEqualTo(id);
    }
  }

  @ParameterizedTest
  @EnumSource
  void reclaim_ofWhatASleeperWroteAfterwards_deletesThatToo(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine engine = start(storage, "first");
      FaultyEngine sleeper = start(storage, "sleeper");
      String id = dropUnder(engine, sleeper, "/staged/");

      // Its files were there, and its record came too late.
      assertThat(keys(storage.metadata(), id)).anyMatch(key -> key.contains("/staged/"));
      assertThat(reclaim(engine, NONE).failed()).isEmpty();

      assertThat(keys(storage.metadata(), id)).noneMatch(key -> key.contains("/staged/"));
      assertThat(engine.fixture().backend().inlineResidual().homes(id)).isEmpty();
    }
  }

  /** Drops and reclaims a database while another process is about to put a key in it. */
  private static String dropUnder(FaultyEngine engine, FaultyEngine sleeper, String key) {
    Database database = engine.fixture().create("crm");
    createPeople(database, "person");
    Database asleep = sleeper.database("crm");
    Runnable meanwhile =
        () -> {
          engine.fixture().databases().drop(TESTER, "crm", true);
          engine.fixture().awaitIdle();
          reclaim(engine, NONE);
          assertThat(reclaim(engine, NONE).reclaimed()).hasSize(1);
        };
    sleeper.store().once(StoreCall.of(StoreCall.Kind.PUT, key), Effect.run(meanwhile));
    assertThatThrownBy(
            () ->
                sleeper
                    .fixture()
                    .stage(
                        asleep,
                        "person",
                        new WriteOperation.Append(false),
                        List.of(person(1, "Ada", 36))))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.DATABASE_NOT_FOUND));
    return database.info().id();
  }

  @ParameterizedTest
  @EnumSource
  void upload_toADatabaseReclaimedMeanwhile_isToldThatItIsGone(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine engine = start(storage, "first");
      Database database = engine.fixture().create("crm");
      createPeople(database, "person");
      engine.fixture().append(database, "person", List.of(person(1, "Ada", 36)));
      Database asleep = start(storage, "sleeper").database("crm");
      try (Upload upload =
          asleep.upload(
              TESTER,
              new WriteTarget(
                  ReadAt.MAIN, "person", new WriteOperation.Delete(Optional.of("id = 1"))))) {
        engine.fixture().databases().drop(TESTER, "crm", true);
        engine.fixture().awaitIdle();
        reclaim(engine, NONE);
        reclaim(engine, NONE);

        assertThatThrownBy(() -> upload.stage(Optional.empty(), () -> "digest", Optional.empty()))
            .isInstanceOfSatisfying(
                SlipwayException.class,
                e -> assertThat(e.reason()).isEqualTo(ErrorReason.DATABASE_NOT_FOUND));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_ofADatabaseReclaimedMeanwhile_findsNothingLost(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine engine = start(storage, "first");
      Database database = engine.fixture().create("crm");
      createPeople(database, "person");
      engine.fixture().append(database, "person", List.of(person(1, "Ada", 36)));
      FaultyEngine sleeper = start(storage, "sleeper");
      Database asleep = sleeper.database("crm");
      Runnable meanwhile =
          () -> {
            engine.fixture().databases().drop(TESTER, "crm", true);
            engine.fixture().awaitIdle();
            reclaim(engine, NONE);
            reclaim(engine, NONE);
          };
      sleeper.windows().once(FailPoint.CLEANUP_TABLE::equals, Effect.run(meanwhile));
      List<CleanupRow> rows = new ArrayList<>();

      var unused = asleep.cleanup(TESTER, CleanupPolicy.EVERYTHING, false, rows::add);

      assertThat(rows)
          .singleElement()
          .satisfies(
              row ->
                  assertThat(row.failure().map(SlipwayException::reason))
                      .contains(ErrorReason.DATABASE_NOT_FOUND));
    }
  }

  @ParameterizedTest
  @EnumSource
  void reclaim_withGrace_waitsForIt(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine engine = start(storage, "first");
      String id = fillAndDrop(engine, "crm").info().id();
      Duration grace = Duration.ofHours(1);
      for (int i = 0; i < 3; i++) {
        ReclaimReport early = reclaim(engine, grace);
        assertThat(early.candidates()).containsExactly(id);
        assertThat(early.reclaimed()).isEmpty();
      }
      clock.advance(Duration.ofHours(2));
      reclaim(engine, grace);
      clock.advance(Duration.ofHours(2));
      reclaim(engine, grace);

      assertThat(engine.fixture().backend().inlineResidual().homes(id)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void reclaim_brokenOffAnywhere_isFinishedByTheNext(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      String id = fillAndDrop(start(storage, "first"), "crm").info().id();
      for (int calls = 1; ; calls++) {
        FaultyEngine engine = start(storage, "engine-" + calls);
        // Every attempt lengthens the catalog: reading it doesn't count.
        var unused = engine.fixture().databases().list(TESTER, "", 10);
        engine.store().after(calls, StoreCall.any(), engine.dies());
        try {
          ReclaimReport report = reclaim(engine, NONE);
          if (!engine.life().isOver() && report.candidates().isEmpty()) {
            break;
          }
        } catch (SlipwayException e) {
          assertThat(engine.life().isOver()).as("died, and only then failed: %s", e).isTrue();
        }
        engine.close();
      }
      FaultyEngine last = start(storage, "last");
      assertThat(reclaim(last, NONE).reclaimed()).isEmpty();
      assertThat(last.fixture().backend().inlineResidual().homes(id)).isEmpty();
      assertThat(new LogStore(storage.metadata(), "db/" + id).isHollow(1)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario22_createDatabaseFailsHalfWay_theNameIsUsableAndTheRestIsReclaimed(
      BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine engine = start(storage, "first");
      engine.store().always(StoreCall.of(StoreCall.Kind.PUT, "catalog/log/"), Effect.fail());
      assertThatThrownBy(() -> engine.fixture().create("crm")).isInstanceOf(SlipwayException.class);
      engine.clearFaults();
      List<String> left = storage.metadata().list("db/", "", 10);

      Database again = engine.fixture().create("crm");
      assertThatThrownBy(() -> engine.fixture().databases().create(TESTER, "CRM", Optional.empty()))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              e -> assertThat(e.reason()).isEqualTo(ErrorReason.DATABASE_EXISTS));
      createPeople(again, "person");
      reclaim(engine, NONE);
      reclaim(engine, NONE);

      engine.fixture().append(again, "person", List.of(person(1, "Ada", 36)));
      assertThat(storage.metadata().list("db/", "", 100))
          .doesNotContainAnyElementsOf(left)
          .contains("db/" + again.info().id() + "/format.json");
    }
  }

  @ParameterizedTest
  @EnumSource
  void reclaim_ofABrokenOffCreationBrokenOffItself_isFinishedByTheNext(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine engine = start(storage, "first");
      breakCreationOff(storage);
      reclaim(engine, NONE);
      engine.store().once(StoreCall.of(StoreCall.Kind.DELETE, "/format.json"), Effect.fail());
      assertThat(reclaim(engine, NONE).failed()).hasSize(1);

      ReclaimReport report = reclaim(engine, NONE);

      assertThat(report.failed()).isEmpty();
      assertThat(report.reclaimed()).hasSize(1);
      new ReclaimOracle(engine.fixture().backend()).checkFolders(engine.fixture().databases());
    }
  }

  /** With settings of its own: its log has a record before any name means it. Gives its id. */
  private String breakCreationOff(FaultyStorage storage) {
    FaultyEngine engine = storage.start("creator", Options.forgetful(), clock);
    engine.store().always(StoreCall.of(StoreCall.Kind.PUT, "catalog/log/"), Effect.fail());
    assertThatThrownBy(() -> engine.fixture().create("crm")).isInstanceOf(SlipwayException.class);
    engine.close();
    return storage.metadata().list("db/", "", 1).get(0).split("/", -1)[1];
  }

  @ParameterizedTest
  @EnumSource
  void reclaim_ofAnEmptiedLogBesideATable_leavesItAloneAndSaysSo(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine engine = start(storage, "first");
      String id = breakCreationOff(storage);
      new LogStore(storage.metadata(), "db/" + id).hollow(1);
      engine
          .fixture()
          .backend()
          .inlineResidual()
          .createHome(new TableId(id, "t"), EngineFixture.PEOPLE);

      reclaim(engine, NONE);

      assertThat(reclaim(engine, NONE).failed()).containsOnlyKeys(id);
      assertThat(engine.fixture().backend().inlineResidual().homes(id)).containsExactly("t");
    }
  }

  @ParameterizedTest
  @EnumSource
  void create_slowerThanTheGracePeriod_isRefusedAndNeverHalfReclaimed(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine slow = start(storage, "slow");
      FaultyEngine other = start(storage, "other");
      Gate gate = new Gate();
      slow.store().once(StoreCall.of(StoreCall.Kind.PUT, "catalog/log/"), gate);
      CompletableFuture<Database> creating =
          CompletableFuture.supplyAsync(() -> slow.fixture().create("crm"));
      gate.awaitReached();
      reclaim(other, NONE);
      reclaim(other, NONE);
      gate.release();

      assertThat(creating)
          .failsWithin(Duration.ofSeconds(30))
          .withThrowableThat()
          .havingCause()
          .isInstanceOfSatisfying(
              SlipwayException.class,
              e -> assertThat(e.reason()).isEqualTo(ErrorReason.OVERLOADED));
      Database again = slow.fixture().create("crm");
      createPeople(again, "person");
      assertThat(other.database("crm").info().id()).isEqualTo(again.info().id());
    }
  }

  @ParameterizedTest
  @EnumSource
  void reclaim_ofADatabaseWhoseDropIsHalfDone_leavesItAlone(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine engine = start(storage, "first");
      Database database = engine.fixture().create("crm");
      createPeople(database, "person");
      engine.windows().once(FailPoint.DATABASE_DELETE_AFTER_MARK::equals, engine.dies());
      assertThatThrownBy(() -> engine.fixture().databases().drop(TESTER, "crm", true))
          .isInstanceOf(SlipwayException.class);
      engine.close();
      FaultyEngine other = start(storage, "other");
      reclaim(other, NONE);
      assertThat(reclaim(other, NONE).reclaimed()).isEmpty();
      // Whoever meets the mark writes the rest.
      assertThatThrownBy(() -> other.database("crm")).isInstanceOf(SlipwayException.class);
      reclaim(other, NONE);
      assertThat(reclaim(other, NONE).reclaimed()).containsExactly(database.info().id());
    }
  }
}
