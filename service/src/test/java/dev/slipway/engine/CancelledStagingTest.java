package dev.slipway.engine;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageOperation;
import dev.slipway.storage.TableId;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A caller that leaves while its write is staged leaves no record; a commit goes on without it. */
@ExtendWith(QuietLogs.class)
class CancelledStagingTest {
  private static final WriteOperation DELETE = new WriteOperation.Delete(Optional.of("age > 10"));

  @TempDir Path folder;

  private final CancelSignal signal = new CancelSignal();
  private final CallContext leaving = new CallContext("tester", "", signal);

  /** Where the caller leaves. */
  private enum Leaving {
    BEFORE_LOOKING,
    AFTER_LOOKING,
    AFTER_FORCING
  }

  private StorageHooks leavesAt(Leaving when) {
    return new StorageHooks() {
      @Override
      public void before(StorageOperation operation, TableId table) {
        if (when == Leaving.BEFORE_LOOKING && operation == StorageOperation.STAGE_DELETE) {
          signal.cancel(ErrorReason.DEADLINE);
        }
      }

      @Override
      public void after(StorageOperation operation, TableId table) {
        boolean now =
            (when == Leaving.AFTER_LOOKING && operation == StorageOperation.STAGE_DELETE)
                || (when == Leaving.AFTER_FORCING && operation == StorageOperation.FORCE_STAGED);
        if (now) {
          signal.cancel(ErrorReason.DEADLINE);
        }
      }
    };
  }

  @ParameterizedTest
  @EnumSource
  void stage_whoseCallerLeaves_endsWithItsReasonAndLeavesNoRecord(Leaving when) {
    for (BackendKind kind : BackendKind.values()) {
      CancelledStagingTest fresh = new CancelledStagingTest();
      try (Storage storage = new Storage(kind, folder, fresh.leavesAt(when))) {
        Database database = storage.people();

        SlipwayException failure =
            catchThrowableOfType(
                SlipwayException.class,
                () -> {
                  try (Upload upload =
                      database.upload(
                          fresh.leaving, new WriteTarget(ReadAt.MAIN, "person", DELETE))) {
                    upload.stage(Optional.empty(), () -> "digest", Optional.empty());
                  }
                });

        assertThat(failure).as("on %s", kind).isNotNull();
        assertThat(failure.reason()).isEqualTo(ErrorReason.DEADLINE);
        assertThat(database.stagedWrites(TESTER, Optional.empty(), "", 10)).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void commit_whoseCallerLeavesWhileADeleteIsDoneAgain_isCarriedOut(BackendKind kind) {
    StorageHooks hooks =
        new StorageHooks() {
          @Override
          public void before(StorageOperation operation, TableId table) {
            if (operation == StorageOperation.REBASE) {
              signal.cancel(ErrorReason.CANCELLED);
            }
          }
        };
    try (Storage storage = new Storage(kind, folder, hooks)) {
      Database database = storage.people();
      StagedWriteInfo staged = storage.engine.stage(database, "person", DELETE, List.of());
      storage.engine.append(database, "person", List.of(person(3, "Cid", 50), person(4, "Di", 5)));

      SlipwayException answer =
          catchThrowableOfType(
              SlipwayException.class,
              () ->
                  database.commit(leaving, ReadAt.MAIN, List.of(staged.id()), CommitOptions.NONE));

      storage.engine.awaitIdle();
      assertThat(signal.isCancelled()).isTrue();
      assertThat(storage.engine.rows(database, "person"))
          .as("after the answer %s", answer)
          .extracting(row -> row.get("id"))
          .containsExactlyInAnyOrder(2L, 4L);
    }
  }

  private static final class Storage implements AutoCloseable {
    private final BufferAllocator allocator = new RootAllocator();
    private final StorageBackend backend;
    final EngineFixture engine;

    Storage(BackendKind kind, Path folder, StorageHooks hooks) {
      backend = kind.open(folder, allocator, hooks);
      engine =
          EngineFixture.over(
              allocator,
              backend,
              FailureInjector.NONE,
              InstantSource.system(),
              EngineOptions.DEFAULT,
              "engine-1");
    }

    /** Ada is 36, Bob 9. */
    Database people() {
      Database database = engine.create("crm");
      EngineFixture.createPeople(database, "person");
      engine.append(database, "person", List.of(person(1, "Ada", 36), person(2, "Bob", 9)));
      return database;
    }

    @Override
    public void close() {
      engine.close();
      backend.close();
      allocator.close();
    }
  }
}
