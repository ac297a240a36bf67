package dev.slipway.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.storage.Assignment;
import dev.slipway.storage.Cancellation;
import dev.slipway.storage.Rebase;
import dev.slipway.storage.ScanRequest;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableSnapshot;
import dev.slipway.storage.TableStorage;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.VersionRef;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.testkit.Rows;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;

/**
 * One open backend over an allocator of its own, and the few steps every test takes. Closing it
 * closes both, so a leaked buffer fails the test that leaked it.
 */
public final class BackendFixture implements AutoCloseable {
  static final TableId TABLE = new TableId("db-1", "table-1");

  private final BufferAllocator allocator = new RootAllocator();
  private final Path folder;
  private final Opener opener;
  private final StorageHooks hooks;
  private StorageBackend backend;

  /** How a suite's subclass opens its backend. */
  @FunctionalInterface
  public interface Opener {
    StorageBackend open(Path folder, BufferAllocator allocator, StorageHooks hooks);
  }

  public BackendFixture(Path folder, Opener opener, StorageHooks hooks) {
    this.folder = folder;
    this.opener = opener;
    this.hooks = hooks;
    this.backend = opener.open(folder, allocator, hooks);
  }

  public BufferAllocator allocator() {
    return allocator;
  }

  public StorageBackend backend() {
    return backend;
  }

  public TableStorage tables() {
    return backend.tables();
  }

  /** Another backend over a folder of its own. */
  public StorageBackend another(String name) {
    return opener.open(folder.resolve(name), allocator, StorageHooks.NONE);
  }

  /** Closes the backend and opens it again over the same folder: for backends that keep files. */
  public void reopen() {
    backend.close();
    backend = opener.open(folder, allocator, hooks);
  }

  public TableVersion create(Schema schema) {
    return create(TABLE, schema);
  }

  public TableVersion create(TableId table, Schema schema) {
    return backend.inlineResidual().createHome(table, schema);
  }

  public TableVersion create(Schema schema, List<Map<String, @Nullable Object>> rows) {
    return append(create(schema), rows);
  }

  public TableSnapshot open(TableVersion version) {
    return tables().open(version.table(), version.ref());
  }

  /** Opens the version for the length of a call. */
  public <T> T on(TableVersion version, Function<TableSnapshot, T> work) {
    try (TableSnapshot snapshot = open(version)) {
      return work.apply(snapshot);
    }
  }

  public ArrowReader reader(Schema schema, List<Map<String, @Nullable Object>> rows) {
    return Rows.reader(allocator, schema, rows);
  }

  /** Hands a reader over the rows to the work, and closes it. */
  public <T> T reading(
      Schema schema, List<Map<String, @Nullable Object>> rows, Function<ArrowReader, T> work) {
    ArrowReader reader = reader(schema, rows);
    try {
      return work.apply(reader);
    } finally {
      close(reader);
    }
  }

  public static void close(ArrowReader reader) {
    try {
      reader.close();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  public StagedWrite stageAppend(TableVersion base, List<Map<String, @Nullable Object>> rows) {
    return on(base, s -> reading(s.schema(), rows, reader -> tables().stageAppend(s, reader)));
  }

  public StagedWrite stageOverwrite(TableVersion base, List<Map<String, @Nullable Object>> rows) {
    return on(base, s -> reading(s.schema(), rows, reader -> tables().stageOverwrite(s, reader)));
  }

  public StagedWrite stageUpsert(
      TableVersion base, List<String> keys, List<Map<String, @Nullable Object>> rows) {
    return on(
        base,
        s ->
            reading(
                s.schema(),
                rows,
                reader -> tables().stageUpsert(s, keys, reader, false, Cancellation.NONE)));
  }

  /** An upsert of the given columns alone. */
  public StagedWrite stagePartialUpsert(
      TableVersion base,
      List<String> keys,
      Schema given,
      List<Map<String, @Nullable Object>> rows) {
    return on(
        base,
        s ->
            reading(
                given,
                rows,
                reader -> tables().stageUpsert(s, keys, reader, true, Cancellation.NONE)));
  }

  public StagedWrite stageDelete(TableVersion base, Predicate predicate) {
    return on(base, s -> tables().stageDelete(s, predicate, Cancellation.NONE));
  }

  public StagedWrite stageUpdate(
      TableVersion base, Optional<Predicate> predicate, Assignment... assignments) {
    return on(
        base, s -> tables().stageUpdate(s, List.of(assignments), predicate, Cancellation.NONE));
  }

  public TableVersion append(TableVersion base, List<Map<String, @Nullable Object>> rows) {
    return tables().commit(stageAppend(base, rows));
  }

  public StagedWrite rebased(StagedWrite staged, TableVersion newBase) {
    return on(newBase, s -> tables().rebase(staged, s, Cancellation.NONE))
        .fold(
            Rebase.Moved::staged,
            refused -> {
              throw new AssertionError("expected a moved write, found: " + refused.reason());
            });
  }

  public List<Map<String, @Nullable Object>> rows(TableVersion version) {
    return rows(version, ScanRequest.ALL);
  }

  public List<Map<String, @Nullable Object>> rows(TableVersion version, ScanRequest request) {
    return on(version, s -> Rows.read(tables().scan(s, request)));
  }

  public long count(TableVersion version, Optional<Predicate> filter) {
    return on(version, s -> tables().count(s, filter, Cancellation.NONE));
  }

  /** A version by its reference, as a log record would name it. */
  public boolean opens(TableId table, VersionRef ref) {
    try (TableSnapshot snapshot = tables().open(table, ref)) {
      return snapshot.ref().equals(ref);
    } catch (StorageException e) {
      assertThat(e.code())
          .isIn(StorageErrorCode.VERSION_NOT_FOUND, StorageErrorCode.TABLE_NOT_FOUND);
      return false;
    }
  }

  /** The call fails with this code; gives the exception for a closer look at its message. */
  public static StorageException fails(StorageErrorCode code, ThrowingCallable call) {
    StorageException failure = catchThrowableOfType(StorageException.class, call);
    assertThat(failure).as("expected a failure with code %s", code).isNotNull();
    assertThat(failure.code()).as("code of: %s", failure.getMessage()).isEqualTo(code);
    assertThat(failure.getMessage()).isNotBlank().hasSizeLessThan(1024);
    return failure;
  }

  @Override
  public void close() {
    backend.close();
    allocator.close();
  }
}
