package dev.slipway.engine.commit;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Ids;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.database.EngineParts;
import dev.slipway.engine.database.EngineThreads;
import dev.slipway.engine.database.OpenDatabases;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageHooks;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Commits when there is no thread to be had for them. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NoThreadTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void commit_thatTheExecutorRejects_failsAndLaterOnesGoOn(BackendKind kind) {
    commitWithoutThread(kind, RejectedExecutionException::new);
  }

  @ParameterizedTest
  @EnumSource
  void commit_thatNoThreadCanBeStartedFor_failsAndLaterOnesGoOn(BackendKind kind) {
    commitWithoutThread(kind, () -> new OutOfMemoryError("injected: no thread"));
  }

  private void commitWithoutThread(BackendKind kind, Supplier<? extends Throwable> trouble) {
    InstantSource clock = InstantSource.system();
    AtomicReference<@Nullable Supplier<? extends Throwable>> armed = new AtomicReference<>();
    try (RootAllocator allocator = new RootAllocator();
        StorageBackend backend = kind.open(folder, allocator, StorageHooks.NONE);
        EngineThreads threads = new EngineThreads(1)) {
      Committer.Work work = threads.work();
      try (OpenDatabases databases =
          new OpenDatabases(
              new EngineParts(
                  backend,
                  clock,
                  new Ids(new Random(1), clock),
                  EngineOptions.DEFAULT,
                  FailureInjector.NONE,
                  new Committer.Work(
                      task -> {
                        fail(armed.getAndSet(null));
                        work.runner().execute(task);
                      },
                      work.tables(),
                      work.delayer(),
                      work.waiter()),
                  threads.background(),
                  "engine-1"))) {
        databases.create(TESTER, "crm", Optional.empty());
        Database crm = databases.database(TESTER, "crm");
        armed.set(trouble);
        assertThat(
                catchThrowableOfType(SlipwayException.class, () -> createPeople(crm, "person"))
                    .reason())
            .isEqualTo(ErrorReason.OVERLOADED);
        createPeople(crm, "person");
        assertThat(crm.head()).isEqualTo(1);
      }
    }
  }

  private static void fail(@Nullable Supplier<? extends Throwable> trouble) {
    if (trouble == null) {
      return;
    }
    Throwable thrown = trouble.get();
    if (thrown instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) thrown;
  }
}
