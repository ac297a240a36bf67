package dev.slipway.engine.cleanup;

import static dev.slipway.engine.cleanup.CleanupScene.APPEND;
import static dev.slipway.engine.cleanup.CleanupScene.HOUR;
import static dev.slipway.engine.cleanup.CleanupScene.OVERWRITE;
import static dev.slipway.engine.cleanup.CleanupScene.UPSERT;
import static dev.slipway.engine.cleanup.CleanupScene.ages;
import static dev.slipway.engine.cleanup.CleanupScene.append;
import static dev.slipway.engine.cleanup.CleanupScene.assertExactly;
import static dev.slipway.engine.cleanup.CleanupScene.clean;
import static dev.slipway.engine.cleanup.CleanupScene.createCrm;
import static dev.slipway.engine.cleanup.CleanupScene.crm;
import static dev.slipway.engine.cleanup.CleanupScene.holdsAt;
import static dev.slipway.engine.cleanup.CleanupScene.one;
import static dev.slipway.engine.cleanup.CleanupScene.source;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.Refusals.reasonOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.StagedWriteInfo;
import dev.slipway.engine.Upload;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.WriteTarget;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.Gate;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.QuietLogs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Scenario 18f: what takes longer than the grace period of cleanups beside it, and what doesn't.
 */
@ExtendWith(QuietLogs.class)
class GraceScenariosTest {
  @TempDir Path folder;

  /** What a client writes beside cleanups, over row 1. */
  private enum Slow {
    APPENDED(APPEND, 1L, 2L, 100L, 101L, 102L),
    /** Others have written meanwhile. */
    OVERWRITTEN(OVERWRITE, 1L, 100L, 101L, 102L),
    UPSERTED(UPSERT, 1L, 2L, 100L, 101L, 102L),
    DELETED(new WriteOperation.Delete(Optional.of("id = 1")), 100L, 101L, 102L),
    UPDATED(
        new WriteOperation.Update(Map.of("age", "5"), Optional.of("id = 1")), 1L, 100L, 101L, 102L);

    private final WriteOperation operation;
    private final Long[] idsInTime;

    /**
     * @param idsInTime if it comes through: its own and those of others
     */
    Slow(WriteOperation operation, Long... idsInTime) {
      this.operation = operation;
      this.idsInTime = idsInTime;
    }
  }

  static Stream<Arguments> slow() {
    return Stream.of(BackendKind.values())
        .flatMap(kind -> Stream.of(Slow.values()).map(slow -> Arguments.of(kind, slow)));
  }

  @ParameterizedTest
  @MethodSource("slow")
  void scenario18f_uploadLongerThanTheGracePeriod_isRefused(BackendKind kind, Slow slow)
      throws IOException {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine engine = scene.start("first");
      Database database = createCrm(engine);
      FaultyEngine other = scene.start("other");
      WriteTarget target = new WriteTarget(ReadAt.MAIN, "person", slow.operation);
      try (Upload inOneCall = database.upload(TESTER, target);
          Upload staged = database.upload(TESTER, target);
          ArrowReader first = source(engine, inOneCall, 10);
          ArrowReader second = source(engine, staged, 11)) {
        scene.goOn(other, Duration.ofMinutes(40));

        assertThat(reasonOf(() -> inOneCall.write(CommitOptions.NONE, data(slow, first))))
            .isEqualTo(ErrorReason.STAGED_WRITE_EXPIRED);
        assertThat(
                reasonOf(() -> staged.stage(Optional.empty(), () -> "digest", data(slow, second))))
            .isEqualTo(ErrorReason.STAGED_WRITE_EXPIRED);
      }
      assertExactly(engine, 1L, 100L, 101L, 102L);
    }
  }

  private static Optional<ArrowReader> data(Slow slow, ArrowReader source) {
    return slow.operation.takesData() ? Optional.of(source) : Optional.empty();
  }

  /** Where a write pauses: with its files, its intent or its versions as the last that is there. */
  static Stream<Arguments> pauses() {
    return slow()
        .flatMap(
            it ->
                Stream.of(
                        FailPoint.STAGE_AFTER_FILES_BEFORE_RECORD,
                        FailPoint.COMMIT_BEFORE_INTENT,
                        FailPoint.COMMIT_BEFORE_PUBLISH)
                    .map(window -> Arguments.of(it.get()[0], it.get()[1], window)));
  }

  @ParameterizedTest
  @MethodSource("pauses")
  void scenario18f_writePausedWithinTheGracePeriod_commitsWithAllItsFilesOrIsRefused(
      BackendKind kind, Slow slow, FailPoint window) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine engine = scene.start("slow");
      createCrm(engine);
      FaultyEngine other = scene.start("other");
      crm(other);
      scene.advance(Duration.ofHours(5));
      Gate gate = holdsAt(engine, window);
      CompletableFuture<?> committing =
          window == FailPoint.STAGE_AFTER_FILES_BEFORE_RECORD
              ? stageAndCommit(engine, slow)
              : write(engine, slow);
      gate.awaitReached();
      scene.goOn(other, Duration.ofMinutes(15));
      gate.release();

      if (slow == Slow.OVERWRITTEN) {
        assertThat(reasonOf(committing::join)).isEqualTo(ErrorReason.COMMIT_CONFLICT);
      } else {
        var unused = committing.join();
      }
      assertExactly(engine, slow.idsInTime);
      if (slow == Slow.UPDATED) {
        assertThat(ages(other)).containsEntry(1L, 5L);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("slow")
  void scenario18f_committerPausedForLonger_isRefusedAndLeavesNothing(BackendKind kind, Slow slow) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine engine = scene.start("slow");
      createCrm(engine);
      FaultyEngine other = scene.start("other");
      crm(other);
      Gate gate = holdsAt(engine, FailPoint.COMMIT_AFTER_TABLES);
      CompletableFuture<?> committing = write(engine, slow);
      gate.awaitReached();
      scene.goOn(other, Duration.ofMinutes(70));
      gate.release();

      assertThat(reasonOf(committing::join)).isEqualTo(ErrorReason.STAGED_WRITE_EXPIRED);
      engine.fixture().awaitIdle();
      assertThat(scene.metadata().list("db/", "", 1_000))
          .noneMatch(key -> key.contains("/intents/"));
      assertExactly(engine, 1L, 100L, 101L, 102L);
      assertThat(ages(other)).containsEntry(1L, 1L);
    }
  }

  private static CompletableFuture<?> write(FaultyEngine engine, Slow slow) {
    return CompletableFuture.supplyAsync(
        () -> engine.fixture().write(crm(engine), "person", slow.operation, one(2)));
  }

  private static CompletableFuture<?> stageAndCommit(FaultyEngine engine, Slow slow) {
    Database database = crm(engine);
    return CompletableFuture.supplyAsync(
            () -> engine.fixture().stage(database, "person", slow.operation, one(2)))
        .thenApply(
            staged ->
                database.commit(TESTER, ReadAt.MAIN, List.of(staged.id()), CommitOptions.NONE));
  }

  @ParameterizedTest
  @EnumSource
  void scenario18f_discardedAndExpiredStagedWrites_areGoneBesideALiveOne(BackendKind kind) {
    try (CleanupScene scene = new CleanupScene(kind, folder)) {
      FaultyEngine engine = scene.start("first");
      Database database = createCrm(engine);
      StagedWriteInfo discarded = engine.fixture().stage(database, "person", APPEND, one(10));
      StagedWriteInfo expired = engine.fixture().stage(database, "person", APPEND, one(11));
      database.discard(TESTER, discarded.id());
      append(engine, 3);
      scene.advance(Duration.ofHours(30));
      append(engine, 2);
      StagedWriteInfo live = engine.fixture().stage(database, "person", APPEND, one(12));
      for (int i = 0; i < 3; i++) {
        clean(engine, HOUR);
        scene.advance(Duration.ofMinutes(10));
      }
      assertThat(scene.metadata().list("db/" + database.info().id() + "/staged/", "", 10))
          .singleElement()
          .asString()
          .contains(live.id());
      for (StagedWriteInfo dead : List.of(discarded, expired)) {
        assertThat(
                reasonOf(
                    () ->
                        database.commit(
                            TESTER, ReadAt.MAIN, List.of(dead.id()), CommitOptions.NONE)))
            .isEqualTo(ErrorReason.STAGED_WRITE_NOT_FOUND);
      }
      database.commit(TESTER, ReadAt.MAIN, List.of(live.id()), CommitOptions.NONE);

      assertExactly(engine, 1L, 2L, 3L, 12L);
    }
  }
}
