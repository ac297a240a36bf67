package dev.slipway.engine.disk;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageOperation;
import dev.slipway.storage.TableId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of commits, and of what is said of a database, when a force fails. */
@ExtendWith(QuietLogs.class)
class FailedForceTest {
  @TempDir Path folder;

  private final AtomicBoolean failing = new AtomicBoolean();
  private final AtomicReference<@Nullable String> broken = new AtomicReference<>();

  private final StorageHooks hooks =
      new StorageHooks() {
        @Override
        public void before(StorageOperation operation, TableId table) {
          if (operation == StorageOperation.FORCE && failing.getAndSet(false)) {
            throw StorageException.of(StorageErrorCode.UNAVAILABLE, "injected");
          }
        }
      };

  @Test
  void batch_whoseVersionsCannotBeForced_failsAsAWhole() {
    try (Storage storage = new Storage()) {
      Database database = storage.engine.create("crm");
      EngineFixture.createPeople(database, "person");
      EngineFixture.createPeople(database, "other");
      CommitOptions together =
          new CommitOptions(
              Optional.empty(), List.of(), "", Map.of(), false, Duration.ofSeconds(1));
      failing.set(true);

      List<CompletableFuture<SlipwayException>> failures = new ArrayList<>();
      for (String table : List.of("person", "other")) {
        failures.add(
            CompletableFuture.supplyAsync(
                () ->
                    catchThrowableOfType(
                        SlipwayException.class,
                        () ->
                            storage.engine.write(
                                database,
                                table,
                                new WriteOperation.Append(false),
                                List.of(person(1, "Ada", 36)),
                                together))));
      }

      for (CompletableFuture<SlipwayException> failure : failures) {
        assertThat(failure.join()).isNotNull();
        assertThat(failure.join().reason()).isEqualTo(ErrorReason.BACKEND_UNAVAILABLE);
      }
      assertThat(storage.engine.rows(database, "person")).isEmpty();
      assertThat(storage.engine.rows(database, "other")).isEmpty();
      storage.engine.append(database, "person", List.of(person(2, "Bob", 40)));
    }
  }

  @Test
  void condition_whileStorageTakesNoWrites_isReadOnlyAndSaysWhy() {
    try (Storage storage = new Storage()) {
      Database database = storage.engine.create("crm");
      assertThat(database.condition().readOnly()).isEmpty();

      broken.set("can't force /data/x to disk");

      assertThat(database.condition().readOnly())
          .contains("storage takes no writes since can't force /data/x to disk");
      assertThat(database.status(TESTER).condition()).isEqualTo(database.condition());
    }
  }

  private final class Storage implements AutoCloseable {
    private final BufferAllocator allocator = new RootAllocator();
    private final StorageBackend backend = BackendKind.LANCE.open(folder, allocator, hooks);
    final EngineFixture engine =
        EngineFixture.over(
            allocator,
            BackendKind.with(backend, backend.metadata(), () -> Optional.ofNullable(broken.get())),
            FailureInjector.NONE,
            InstantSource.system(),
            EngineOptions.DEFAULT,
            "engine-1");

    @Override
    public void close() {
      engine.close();
      backend.close();
      allocator.close();
    }
  }
}
