package dev.slipway.engine;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.awaitInProgress;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.patient;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.fault.Faults;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.FaultyStorage;
import dev.slipway.engine.fault.TableCall;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageOperation;
import dev.slipway.storage.TableId;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The tables of one commit are written at once. */
@Timeout(120)
class ParallelTablesTest {
  private static final int TABLES = 2;

  @TempDir Path folder;

  /** Memory is quick enough for the two to meet in every way there is. */
  private static int commits(BackendKind kind) {
    return kind == BackendKind.MEMORY ? 1_000 : 60;
  }

  @ParameterizedTest
  @EnumSource
  void commit_whoseTablesAreMadeAtTheSameMoment_namesThemAll(BackendKind kind) {
    try (BufferAllocator allocator = new RootAllocator();
        StorageBackend backend = kind.open(folder, allocator, new Together(TABLES))) {
      try (EngineFixture engine =
          EngineFixture.over(
              allocator,
              backend,
              FailureInjector.NONE,
              InstantSource.system(),
              EngineOptions.DEFAULT,
              "engine-1")) {
        Database crm = engine.create("crm");
        for (int table = 0; table < TABLES; table++) {
          createPeople(crm, "t" + table);
        }
        for (int id = 0; id < commits(kind); id++) {
          List<String> staged = new ArrayList<>();
          for (int table = 0; table < TABLES; table++) {
            staged.add(
                engine
                    .stage(
                        crm,
                        "t" + table,
                        new WriteOperation.Append(false),
                        List.of(person(id, "Ada", 36)))
                    .id());
          }
          assertThat(crm.commit(TESTER, ReadAt.MAIN, staged, CommitOptions.NONE).commit().tables())
              .hasSize(TABLES);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void version_madeBesideOneThatFailed_isForcedBeforeItIsNamed(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine engine = storage.start("first");
      EngineFixture fixture = engine.fixture();
      Database crm = fixture.create("crm");
      createPeople(crm, "good");
      createPeople(crm, "bad");
      String good = crm.table(TESTER, "good", ReadAt.HEAD).value().id();
      String bad = crm.table(TESTER, "bad", ReadAt.HEAD).value().id();
      List<Map<String, @Nullable Object>> rows = List.of(person(1, "Ada", 36));
      StagedWriteInfo one = fixture.stage(crm, "good", new WriteOperation.Append(false), rows);
      StagedWriteInfo other = fixture.stage(crm, "bad", new WriteOperation.Append(false), rows);
      engine
          .tables()
          .before()
          .once(
              call ->
                  call.operation() == StorageOperation.COMMIT && call.table().table().equals(bad),
              Effect.fail());
      Faults.Armed<TableCall> forced =
          engine
              .tables()
              .before()
              .once(
                  call ->
                      call.operation() == StorageOperation.FORCE
                          && call.table().table().equals(good),
                  Effect.run(() -> {}));
      CompletableFuture<CommitResult> waiting =
          CompletableFuture.supplyAsync(
              () -> crm.commit(TESTER, ReadAt.MAIN, List.of(one.id()), patient("r-good")));
      awaitInProgress(crm, "r-good");

      SlipwayException refused =
          catchThrowableOfType(
              SlipwayException.class,
              () -> crm.commit(TESTER, ReadAt.MAIN, List.of(other.id()), CommitOptions.NONE));

      assertThat(refused.reason().kind()).isEqualTo(ErrorReason.Kind.UNAVAILABLE);
      assertThat(waiting.join().commit().revision()).isPositive();
      assertThat(forced.wasHit()).as("the good table's version was forced").isTrue();
    }
  }

  /** Lets the commits of several tables end only together: spinning, so that they end close by. */
  private static final class Together implements StorageHooks {
    private final int tables;
    private final AtomicInteger arrived = new AtomicInteger();

    Together(int tables) {
      this.tables = tables;
    }

    @Override
    public void after(StorageOperation operation, TableId table) {
      if (operation != StorageOperation.COMMIT) {
        return;
      }
      int number = arrived.getAndIncrement();
      int all = (number / tables + 1) * tables;
      while (arrived.get() < all) {
        Thread.onSpinWait();
      }
    }
  }
}
