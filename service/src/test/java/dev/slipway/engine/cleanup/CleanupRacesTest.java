package dev.slipway.engine.cleanup;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CleanupReport;
import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.Database;
import dev.slipway.engine.EngineOptions;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.StagedWriteInfo;
import dev.slipway.engine.Upload;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.WriteTarget;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.Faults;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.FaultyStorage;
import dev.slipway.engine.fault.Gate;
import dev.slipway.engine.fault.StoreCall;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.ManualClock;
import dev.slipway.engine.testkit.Options;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.engine.verify.Checked;
import dev.slipway.storage.testkit.Rows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What clients do with staged writes between two steps of a cleanup. */
@ExtendWith(QuietLogs.class)
class CleanupRacesTest {
  private static final WriteOperation APPEND = new WriteOperation.Append(false);
  private static final CleanupPolicy HOUR =
      new CleanupPolicy(1, Duration.ZERO, Duration.ofHours(1));

  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();

  private FaultyEngine start(FaultyStorage storage, String instance) {
    return storage.start(instance, EngineOptions.DEFAULT, clock);
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

  private static void clean(FaultyEngine engine, CleanupPolicy policy) {
    engine
        .database("crm")
        .cleanup(TESTER, policy, false, row -> assertThat(row.failure()).isEmpty());
  }

  private void later(FaultyEngine engine, Duration by, long id) {
    clock.advance(by);
    engine.fixture().append(engine.database("crm"), "person", one(id));
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_ofARenewedWriteCommittedAndDiscardedAtOnce_leavesTheCommitItsFiles(
      BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine client = start(storage, "client");
      Database database = create(client);
      FaultyEngine cleaner = start(storage, "cleaner");
      clock.advance(Duration.ofHours(2));
      Gate staging = new Gate();
      client.windows().once(FailPoint.STAGE_AFTER_FILES_BEFORE_RECORD::equals, staging);
      CompletableFuture<StagedWriteInfo> uploading =
          CompletableFuture.supplyAsync(
              () -> client.fixture().stage(database, "person", APPEND, one(2)));
      staging.awaitReached();
      // Its files are there and nothing says whose they are.
      clean(cleaner, HOUR);
      staging.release();
      StagedWriteInfo staged = uploading.join();
      later(cleaner, Duration.ofHours(2), 3);
      database.renew(TESTER, staged.id());
      later(cleaner, Duration.ofHours(2), 4);

      Gate publishing = new Gate();
      client.windows().once(FailPoint.COMMIT_BEFORE_PUBLISH::equals, publishing);
      CompletableFuture<?>[] committing = new CompletableFuture<?>[1];
      cleaner
          .windows()
          .once(
              FailPoint.CLEANUP_AFTER_FLOOR::equals,
              Effect.run(
                  () -> {
                    committing[0] =
                        CompletableFuture.runAsync(
                            () ->
                                database.commit(
                                    TESTER, ReadAt.MAIN, List.of(staged.id()), CommitOptions.NONE));
                    publishing.awaitReached();
                    database.discard(TESTER, staged.id());
                  }));
      clean(cleaner, HOUR);
      publishing.release();
      var unused = committing[0].join();
      client.fixture().awaitIdle();

      assertThat(client.fixture().rows(database, "person")).hasSize(4);
      new ReclaimOracle(cleaner.fixture().backend()).check(database);
      assertThat(client.fixture().rows(database, "person")).hasSize(4);
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_ofADeadWriteStagedAnewMeanwhile_leavesTheNewOne(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine client = start(storage, "client");
      Database database = create(client);
      FaultyEngine cleaner = start(storage, "cleaner");
      stage(client, "mine", 2);
      later(client, Duration.ofHours(2), 3);
      later(client, Duration.ofHours(2), 4);
      cleaner
          .windows()
          .once(
              FailPoint.CLEANUP_TABLE::equals,
              Effect.run(
                  () -> {
                    database.discard(TESTER, "mine");
                    stage(client, "mine", 5);
                  }));

      clean(cleaner, HOUR);

      database.commit(TESTER, ReadAt.MAIN, List.of("mine"), CommitOptions.NONE);
      assertThat(client.fixture().rows(database, "person")).hasSize(4).containsAll(one(5));
      assertThat(client.fixture().rows(database, "person")).doesNotContainAnyElementsOf(one(2));
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_thatLostARaceToARenewal_keepsWhatWasRenewed(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine client = start(storage, "client");
      Database database = create(client);
      FaultyEngine cleaner = start(storage, "cleaner");
      stage(client, "mine", 2);
      later(client, Duration.ofHours(2), 3);
      later(client, Duration.ofHours(2), 4);
      cleaner
          .store()
          .once(
              StoreCall.of(StoreCall.Kind.PUT, "/log/"),
              Effect.run(
                  () -> {
                    database.renew(TESTER, "mine");
                    client.fixture().append(database, "person", one(5));
                  }));

      clean(cleaner, HOUR);

      database.commit(TESTER, ReadAt.MAIN, List.of("mine"), CommitOptions.NONE);
      assertThat(client.fixture().rows(database, "person")).hasSize(5);
    }
  }

  @ParameterizedTest
  @EnumSource
  void renew_betweenACleanupsLookAtRenewalsAndItsEntry_isKept(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine client = start(storage, "client");
      Database database = create(client);
      FaultyEngine cleaner = start(storage, "cleaner");
      stage(client, "mine", 2);
      later(client, Duration.ofHours(2), 3);
      later(client, Duration.ofHours(2), 4);
      Gate publishing = new Gate();
      cleaner.store().once(StoreCall.of(StoreCall.Kind.PUT, "/log/"), publishing);
      CompletableFuture<Void> cleaning = CompletableFuture.runAsync(() -> clean(cleaner, HOUR));
      publishing.awaitReached();
      database.renew(TESTER, "mine");
      publishing.release();
      cleaning.join();

      clean(cleaner, HOUR);

      database.commit(TESTER, ReadAt.MAIN, List.of("mine"), CommitOptions.NONE);
      assertThat(client.fixture().rows(database, "person")).hasSize(4).containsAll(one(2));
    }
  }

  @ParameterizedTest
  @EnumSource
  void renew_asItsOwnServerPublishesFloors_isToldThatTheyPassedIt(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine server = start(storage, "server");
      Database database = create(server);
      stage(server, "mine", 2);
      later(server, Duration.ofHours(2), 3);
      later(server, Duration.ofHours(2), 4);
      Gate publishing = new Gate();
      server.store().once(StoreCall.of(StoreCall.Kind.PUT, "/log/"), publishing);
      CompletableFuture<Void> cleaning = CompletableFuture.runAsync(() -> clean(server, HOUR));
      publishing.awaitReached();
      // Its entry waits in turn behind the floors.
      Faults.Armed<StoreCall> written =
          server
              .store()
              .once(StoreCall.of(StoreCall.Kind.PUT, "/staged/mine/"), Effect.run(() -> {}));
      CompletableFuture<StagedWriteInfo> renewing =
          CompletableFuture.supplyAsync(() -> database.renew(TESTER, "mine"));
      written.awaitHit();
      publishing.release();
      cleaning.join();

      assertThatThrownBy(renewing::join)
          .hasCauseInstanceOf(SlipwayException.class)
          .hasMessageContaining("expired");
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_asAServerBehindRenewsAWriteAtItsEnd_keepsIt(BackendKind kind) {
    ManualClock slowClock = new ManualClock();
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine cleaner = start(storage, "cleaner");
      create(cleaner);
      FaultyEngine behind = storage.start("behind", EngineOptions.DEFAULT, slowClock);
      for (String id : List.of("mine", "left")) {
        stage(cleaner, id, 2);
        cleaner.database("crm").renew(TESTER, id);
      }
      later(cleaner, Duration.ofHours(2), 3);
      later(cleaner, Duration.ofHours(2), 4);
      clean(cleaner, HOUR);
      later(cleaner, Duration.ofHours(20).plusMinutes(1), 5);
      slowClock.advance(Duration.ofHours(24).minusMinutes(1));
      cleaner
          .store()
          .once(
              StoreCall.of(StoreCall.Kind.PUT, "/log/"),
              Effect.run(() -> behind.database("crm").renew(TESTER, "mine")));

      clean(cleaner, HOUR);

      later(cleaner, Duration.ofHours(2), 6);
      clean(cleaner, HOUR);
      assertThat(storage.metadata().list("db/", "", 1_000))
          .anyMatch(key -> key.contains("/staged/mine/"))
          .noneMatch(key -> key.contains("/staged/left/"));
      cleaner.database("crm").commit(TESTER, ReadAt.MAIN, List.of("mine"), CommitOptions.NONE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_asATableIsCreatedRightAfterHomesWereListed_findsNothingWrongWithIt(
      BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine client = start(storage, "client");
      Database database = create(client);
      FaultyEngine cleaner = start(storage, "cleaner");
      onceHomesAreListed(
          cleaner,
          () -> {
            createPeople(database, "late");
            client.fixture().append(database, "late", one(2));
          });

      clean(cleaner, HOUR);

      assertThat(client.fixture().rows(database, "late")).isEqualTo(one(2));
      new ReclaimOracle(cleaner.fixture().backend()).check(database);
    }
  }

  /** A cleanup reads staged writes next. */
  private static void onceHomesAreListed(FaultyEngine cleaner, Runnable action) {
    cleaner
        .windows()
        .once(
            FailPoint.CLEANUP_AFTER_FLOOR::equals,
            Effect.run(
                () ->
                    cleaner
                        .store()
                        .once(StoreCall.of(StoreCall.Kind.LIST, "/staged/"), Effect.run(action))));
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_asAnotherPurgesAHomeRightAfterHomesWereListed_findsNothingWrong(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine client = start(storage, "client");
      Database database = create(client);
      createPeople(database, "gone");
      database.dropTable(TESTER, ReadAt.MAIN, "gone", Optional.empty());
      FaultyEngine cleaner = start(storage, "cleaner");
      clean(cleaner, CleanupPolicy.EVERYTHING);
      onceHomesAreListed(cleaner, () -> clean(client, CleanupPolicy.EVERYTHING));

      clean(cleaner, CleanupPolicy.EVERYTHING);

      new ReclaimOracle(cleaner.fixture().backend()).exactlyTheReferencedIsThere(database);
    }
  }

  /** Engines that forget requests and write checkpoints, so that cleanups trim the log. */
  private FaultyEngine startForgetful(FaultyStorage storage, String instance) {
    return storage.start(instance, Options.forgetful(), clock);
  }

  private static void appendMany(FaultyEngine engine) {
    for (long id = 0; id < 12; id++) {
      engine.fixture().append(engine.database("crm"), "person", one(id));
      engine.fixture().awaitIdle();
    }
  }

  private static Effect trimMore(FaultyEngine engine) {
    return Effect.run(
        () -> {
          appendMany(engine);
          clean(engine, CleanupPolicy.EVERYTHING);
        });
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_asAnotherDeletesTheCheckpointsItCompares_findsNothingWrong(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine client = startForgetful(storage, "client");
      Database database = create(client);
      appendMany(client);
      FaultyEngine cleaner = startForgetful(storage, "cleaner");
      cleaner.store().once(StoreCall.of(StoreCall.Kind.GET, "/pages/"), trimMore(client));

      CleanupReport report = ReclaimOracle.clean(cleaner.database("crm"));

      assertThat(report.problems()).isEmpty();
      assertThat(Checked.of(database).problems()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void verify_asACleanupDeletesTheCheckpointsItCompares_findsNothingWrong(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine client = startForgetful(storage, "client");
      create(client);
      appendMany(client);
      clean(client, CleanupPolicy.EVERYTHING);
      appendMany(client);
      FaultyEngine checker = startForgetful(storage, "checker");
      Database checked = checker.database("crm");
      for (int calls = 0; calls < 3; calls++) {
        checker.store().after(calls, StoreCall.of(StoreCall.Kind.GET, "/pages/"), trimMore(client));

        assertThat(Checked.of(checked).problems()).isEmpty();
        checker.clearFaults();
      }
    }
  }

  private static void stage(FaultyEngine engine, String id, long row) {
    WriteTarget target = new WriteTarget(ReadAt.MAIN, "person", APPEND);
    try (Upload upload = engine.database("crm").upload(TESTER, target);
        ArrowReader source =
            Rows.reader(engine.fixture().allocator(), upload.schema().columns(), one(row))) {
      upload.stage(Optional.of(id), () -> "digest of " + row, Optional.of(source));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
