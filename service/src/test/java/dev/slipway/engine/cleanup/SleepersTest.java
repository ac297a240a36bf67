package dev.slipway.engine.cleanup;

import static dev.slipway.engine.cleanup.CleanupScene.APPEND;
import static dev.slipway.engine.cleanup.CleanupScene.HOUR;
import static dev.slipway.engine.cleanup.CleanupScene.OVERWRITE;
import static dev.slipway.engine.cleanup.CleanupScene.UPSERT;
import static dev.slipway.engine.cleanup.CleanupScene.clean;
import static dev.slipway.engine.cleanup.CleanupScene.createCrm;
import static dev.slipway.engine.cleanup.CleanupScene.crm;
import static dev.slipway.engine.cleanup.CleanupScene.one;
import static dev.slipway.engine.cleanup.CleanupScene.rows;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.request;
import static dev.slipway.engine.testkit.Refusals.reasonOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.StoreCall;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.Options;
import dev.slipway.engine.testkit.QuietLogs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cleanups and writes that stand still while another cleanup goes by. */
@ExtendWith(QuietLogs.class)
class SleepersTest {

  @TempDir Path folder;

  private static void upsert(FaultyEngine engine, long id) {
    var unused = engine.fixture().write(crm(engine), "person", UPSERT, one(id));
    engine.fixture().awaitIdle();
  }

  /** Nothing older is readable, and nothing that was under way can land. */
  private static void reclaimAllBut(CleanupScene scene, FaultyEngine cleaner, long newest) {
    scene.advance(Duration.ofHours(2));
    var unused = cleaner.fixture().write(crm(cleaner), "person", OVERWRITE, one(newest));
    for (int i = 0; i < 3; i++) {
      clean(cleaner, CleanupPolicy.EVERYTHING);
    }
  }

  @ParameterizedTest
  @EnumSource
  void write_whoseBaseIsReclaimedWhileItUploads_isExpiredAndNotLost(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine client = scene.start("client");
      Database database = createCrm(client);
      FaultyEngine cleaner = scene.start("cleaner");
      client
          .windows()
          .once(
              FailPoint.STAGE_BEFORE_FILES::equals,
              Effect.run(() -> reclaimAllBut(scene, cleaner, 2)));

      assertThat(
              reasonOf(
                  () -> client.fixture().write(database, "person", UPSERT, one(1), request("q"))))
          .isEqualTo(ErrorReason.STAGED_WRITE_EXPIRED);

      assertThat(rows(client)).isEqualTo(one(2));
    }
  }

  @ParameterizedTest
  @EnumSource
  void stage_passedByTheFloorsBeforeItsRecord_isExpiredAndLeavesNone(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine client = scene.start("client");
      Database database = createCrm(client);
      FaultyEngine cleaner = scene.start("cleaner");
      client
          .windows()
          .once(
              FailPoint.STAGE_AFTER_FILES_BEFORE_RECORD::equals,
              Effect.run(() -> reclaimAllBut(scene, cleaner, 2)));

      assertThat(reasonOf(() -> client.fixture().stage(database, "person", APPEND, one(1))))
          .isEqualTo(ErrorReason.STAGED_WRITE_EXPIRED);

      assertThat(scene.metadata().list("db/", "", 1_000))
          .noneMatch(key -> key.contains("/staged/"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void commit_whoseFilesAreReclaimedBeforeItsIntent_isExpiredAndNotLost(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine client = scene.start("client");
      Database database = createCrm(client);
      FaultyEngine cleaner = scene.start("cleaner");
      client
          .windows()
          .once(
              FailPoint.COMMIT_BEFORE_INTENT::equals,
              Effect.run(() -> reclaimAllBut(scene, cleaner, 2)));

      assertThat(
              reasonOf(
                  () -> client.fixture().write(database, "person", UPSERT, one(1), request("q"))))
          .isEqualTo(ErrorReason.STAGED_WRITE_EXPIRED);

      assertThat(rows(client)).isEqualTo(one(2));
    }
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_asATableIsCreatedAfterHomesWereListed_leavesItAlone(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine client = scene.start("client");
      Database database = createCrm(client);
      FaultyEngine cleaner = scene.start("cleaner");
      crm(cleaner);
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
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine slow = scene.start("slow");
      Database database = createCrm(slow);
      database.dropTable(TESTER, ReadAt.MAIN, "person", Optional.empty());
      FaultyEngine other = scene.start("other");
      scene.advance(Duration.ofHours(2));
      createPeople(database, "another");
      scene.advance(Duration.ofHours(2));
      createPeople(database, "third");
      clean(other, HOUR);
      scene.advance(Duration.ofHours(2));
      createPeople(database, "fourth");
      scene.advance(Duration.ofHours(2));
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
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine slow = scene.start("slow");
      createCrm(slow);
      FaultyEngine other = scene.start("other");
      for (long id = 2; id < 12; id++) {
        upsert(slow, id);
      }
      slow.windows()
          .once(FailPoint.CLEANUP_TABLE::equals, Effect.run(() -> reclaimAllBut(scene, other, 3)));

      crm(slow)
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
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine slow = scene.start("slow", Options.forgetful());
      createCrm(slow);
      for (long id = 2; id < 20; id++) {
        upsert(slow, id);
      }
      FaultyEngine other = scene.start("other", Options.forgetful());
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
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine slow = scene.start("slow", Options.forgetful());
      Database database = createCrm(slow);
      FaultyEngine other = scene.start("other", Options.forgetful());
      CommitOptions options = request("q");
      slow.windows()
          .once(
              FailPoint.STAGE_BEFORE_FILES::equals,
              Effect.run(
                  () -> {
                    var unused =
                        other.fixture().write(crm(other), "person", UPSERT, one(2), options);
                    for (long id = 3; id < 12; id++) {
                      scene.advance(Duration.ofSeconds(1));
                      upsert(other, id);
                    }
                  }));

      assertThat(reasonOf(() -> slow.fixture().write(database, "person", UPSERT, one(2), options)))
          .isEqualTo(ErrorReason.OUTCOME_UNKNOWN);

      slow.fixture().awaitIdle();
      assertThat(database.outcome(TESTER, "q", false)).isEqualTo(new Outcome.NotFound());
      assertThat(rows(slow)).hasSize(11);
    }
  }
}
