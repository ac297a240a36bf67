package dev.slipway.engine.cleanup;

import static dev.slipway.engine.cleanup.CleanupScene.APPEND;
import static dev.slipway.engine.cleanup.CleanupScene.HOUR;
import static dev.slipway.engine.cleanup.CleanupScene.append;
import static dev.slipway.engine.cleanup.CleanupScene.clean;
import static dev.slipway.engine.cleanup.CleanupScene.createCrm;
import static dev.slipway.engine.cleanup.CleanupScene.crm;
import static dev.slipway.engine.cleanup.CleanupScene.holdsAt;
import static dev.slipway.engine.cleanup.CleanupScene.one;
import static dev.slipway.engine.cleanup.CleanupScene.rows;
import static dev.slipway.engine.cleanup.CleanupScene.stage;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CleanupReport;
import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.Database;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.StagedWriteInfo;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.Faults;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.Gate;
import dev.slipway.engine.fault.StoreCall;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.ManualClock;
import dev.slipway.engine.testkit.Options;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.engine.verify.Checked;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What clients do with staged writes between two steps of a cleanup. */
@ExtendWith(QuietLogs.class)
class CleanupRacesTest {

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void cleanup_ofARenewedWriteCommittedAndDiscardedAtOnce_leavesTheCommitItsFiles(
      BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine client = scene.start("client");
      Database database = createCrm(client);
      FaultyEngine cleaner = scene.start("cleaner");
      scene.advance(Duration.ofHours(2));
      Gate staging = holdsAt(client, FailPoint.STAGE_AFTER_FILES_BEFORE_RECORD);
      CompletableFuture<StagedWriteInfo> uploading =
          CompletableFuture.supplyAsync(
              () -> client.fixture().stage(database, "person", APPEND, one(2)));
      staging.awaitReached();
      // Its files are there and nothing says whose they are.
      clean(cleaner, HOUR);
      staging.release();
      StagedWriteInfo staged = uploading.join();
      scene.later(cleaner, Duration.ofHours(2), 3);
      database.renew(TESTER, staged.id());
      scene.later(cleaner, Duration.ofHours(2), 4);

      Gate publishing = holdsAt(client, FailPoint.COMMIT_BEFORE_PUBLISH);
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

      assertThat(rows(client)).hasSize(4);
      new ReclaimOracle(cleaner.fixture().backend()).check(database);
      assertThat(rows(client)).hasSize(4);
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_ofADeadWriteStagedAnewMeanwhile_leavesTheNewOne(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine client = scene.start("client");
      Database database = createCrm(client);
      FaultyEngine cleaner = scene.start("cleaner");
      stage(client, "mine", 2);
      scene.later(client, Duration.ofHours(2), 3);
      scene.later(client, Duration.ofHours(2), 4);
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
      assertThat(rows(client)).hasSize(4).containsAll(one(5));
      assertThat(rows(client)).doesNotContainAnyElementsOf(one(2));
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_thatLostARaceToARenewal_keepsWhatWasRenewed(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine client = scene.start("client");
      Database database = createCrm(client);
      FaultyEngine cleaner = scene.start("cleaner");
      stage(client, "mine", 2);
      scene.later(client, Duration.ofHours(2), 3);
      scene.later(client, Duration.ofHours(2), 4);
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
      assertThat(rows(client)).hasSize(5);
    }
  }

  @ParameterizedTest
  @EnumSource
  void renew_betweenACleanupsLookAtRenewalsAndItsEntry_isKept(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine client = scene.start("client");
      Database database = createCrm(client);
      FaultyEngine cleaner = scene.start("cleaner");
      stage(client, "mine", 2);
      scene.later(client, Duration.ofHours(2), 3);
      scene.later(client, Duration.ofHours(2), 4);
      Gate publishing = new Gate();
      cleaner.store().once(StoreCall.of(StoreCall.Kind.PUT, "/log/"), publishing);
      CompletableFuture<Void> cleaning = CompletableFuture.runAsync(() -> clean(cleaner, HOUR));
      publishing.awaitReached();
      database.renew(TESTER, "mine");
      publishing.release();
      cleaning.join();

      clean(cleaner, HOUR);

      database.commit(TESTER, ReadAt.MAIN, List.of("mine"), CommitOptions.NONE);
      assertThat(rows(client)).hasSize(4).containsAll(one(2));
    }
  }

  @ParameterizedTest
  @EnumSource
  void renew_asItsOwnServerPublishesFloors_isToldThatTheyPassedIt(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine server = scene.start("server");
      Database database = createCrm(server);
      stage(server, "mine", 2);
      scene.later(server, Duration.ofHours(2), 3);
      scene.later(server, Duration.ofHours(2), 4);
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
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine cleaner = scene.start("cleaner");
      createCrm(cleaner);
      FaultyEngine behind = scene.startBehind("behind", slowClock);
      for (String id : List.of("mine", "left")) {
        stage(cleaner, id, 2);
        crm(cleaner).renew(TESTER, id);
      }
      scene.later(cleaner, Duration.ofHours(2), 3);
      scene.later(cleaner, Duration.ofHours(2), 4);
      clean(cleaner, HOUR);
      scene.later(cleaner, Duration.ofHours(20).plusMinutes(1), 5);
      slowClock.advance(Duration.ofHours(24).minusMinutes(1));
      cleaner
          .store()
          .once(
              StoreCall.of(StoreCall.Kind.PUT, "/log/"),
              Effect.run(() -> crm(behind).renew(TESTER, "mine")));

      clean(cleaner, HOUR);

      scene.later(cleaner, Duration.ofHours(2), 6);
      clean(cleaner, HOUR);
      assertThat(scene.metadata().list("db/", "", 1_000))
          .anyMatch(key -> key.contains("/staged/mine/"))
          .noneMatch(key -> key.contains("/staged/left/"));
      crm(cleaner).commit(TESTER, ReadAt.MAIN, List.of("mine"), CommitOptions.NONE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_asATableIsCreatedRightAfterHomesWereListed_findsNothingWrongWithIt(
      BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine client = scene.start("client");
      Database database = createCrm(client);
      FaultyEngine cleaner = scene.start("cleaner");
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
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine client = scene.start("client");
      Database database = createCrm(client);
      createPeople(database, "gone");
      database.dropTable(TESTER, ReadAt.MAIN, "gone", Optional.empty());
      FaultyEngine cleaner = scene.start("cleaner");
      clean(cleaner, CleanupPolicy.EVERYTHING);
      onceHomesAreListed(cleaner, () -> clean(client, CleanupPolicy.EVERYTHING));

      clean(cleaner, CleanupPolicy.EVERYTHING);

      new ReclaimOracle(cleaner.fixture().backend()).exactlyTheReferencedIsThere(database);
    }
  }

  /** Engines that forget requests and write checkpoints, so that cleanups trim the log. */
  private static FaultyEngine startForgetful(CleanupScene scene, String instance) {
    return scene.start(instance, Options.forgetful());
  }

  private static void appendMany(FaultyEngine engine) {
    for (long id = 0; id < 12; id++) {
      append(engine, id);
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
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine client = startForgetful(scene, "client");
      Database database = createCrm(client);
      appendMany(client);
      FaultyEngine cleaner = startForgetful(scene, "cleaner");
      cleaner.store().once(StoreCall.of(StoreCall.Kind.GET, "/pages/"), trimMore(client));

      CleanupReport report = ReclaimOracle.clean(crm(cleaner));

      assertThat(report.problems()).isEmpty();
      assertThat(Checked.of(database).problems()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void verify_asACleanupDeletesTheCheckpointsItCompares_findsNothingWrong(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine client = startForgetful(scene, "client");
      createCrm(client);
      appendMany(client);
      clean(client, CleanupPolicy.EVERYTHING);
      appendMany(client);
      FaultyEngine checker = startForgetful(scene, "checker");
      Database checked = crm(checker);
      for (int calls = 0; calls < 3; calls++) {
        checker.store().after(calls, StoreCall.of(StoreCall.Kind.GET, "/pages/"), trimMore(client));

        assertThat(Checked.of(checked).problems()).isEmpty();
        checker.clearFaults();
      }
    }
  }
}
