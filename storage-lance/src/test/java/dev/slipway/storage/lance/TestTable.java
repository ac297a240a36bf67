package dev.slipway.storage.lance;

import dev.slipway.storage.Assignment;
import dev.slipway.storage.Cancellation;
import dev.slipway.storage.ScanRequest;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageLimits;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableSnapshot;
import dev.slipway.storage.TableStorage;
import dev.slipway.storage.VersionRef;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.testkit.Rows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** One table on a backend of its own, through the SPI alone. Closing it checks for leaks. */
final class TestTable implements AutoCloseable {
  static final TableId ID = new TableId("db", "t");

  private Schema schema;
  private final LanceOptions options;
  private final BufferAllocator allocator = new RootAllocator();
  private StorageBackend backend;
  private final VersionRef genesis;

  TestTable(LanceOptions options, Schema schema) {
    this.schema = schema;
    this.options = options;
    this.backend = openBackend();
    this.genesis = backend.inlineResidual().createHome(ID, schema).ref();
  }

  /** Without forcing anything to disk. */
  TestTable(Path root, Schema schema) {
    this(LanceOptions.at(root).withFsync(false), schema);
  }

  /** Rows have these columns from now on. */
  TestTable withSchema(Schema wanted) {
    schema = wanted;
    return this;
  }

  BufferAllocator allocator() {
    return allocator;
  }

  StorageBackend backend() {
    return backend;
  }

  TableStorage tables() {
    return backend.tables();
  }

  VersionRef genesis() {
    return genesis;
  }

  Path home() {
    return options.root().resolve("db/db/tables/t");
  }

  /** As after a restart. */
  void reopen() {
    backend.close();
    backend = openBackend();
  }

  StagedWrite stageAppend(VersionRef base, List<Map<String, @Nullable Object>> rows) {
    return on(base, snapshot -> sourced(rows, source -> tables().stageAppend(snapshot, source)));
  }

  VersionRef append(VersionRef base, List<Map<String, @Nullable Object>> rows) {
    return commit(stageAppend(base, rows));
  }

  VersionRef overwrite(VersionRef base, List<Map<String, @Nullable Object>> rows) {
    return commit(
        on(base, snapshot -> sourced(rows, source -> tables().stageOverwrite(snapshot, source))));
  }

  VersionRef upsert(VersionRef base, List<String> keys, List<Map<String, @Nullable Object>> rows) {
    return commit(
        on(
            base,
            snapshot ->
                sourced(
                    rows,
                    source ->
                        tables().stageUpsert(snapshot, keys, source, false, Cancellation.NONE))));
  }

  VersionRef delete(VersionRef base, Predicate predicate) {
    return commit(
        on(base, snapshot -> tables().stageDelete(snapshot, predicate, Cancellation.NONE)));
  }

  VersionRef update(VersionRef base, List<Assignment> assignments, Optional<Predicate> predicate) {
    return commit(
        on(
            base,
            snapshot -> tables().stageUpdate(snapshot, assignments, predicate, Cancellation.NONE)));
  }

  VersionRef commit(StagedWrite staged) {
    return tables().commit(staged).ref();
  }

  List<Map<String, @Nullable Object>> rows(VersionRef ref) {
    return scan(ref, ScanRequest.ALL);
  }

  List<Map<String, @Nullable Object>> scan(VersionRef ref, ScanRequest request) {
    return on(ref, snapshot -> Rows.read(tables().scan(snapshot, request)));
  }

  long count(VersionRef ref, Predicate filter) {
    return on(ref, s -> tables().count(s, Optional.of(filter), Cancellation.NONE));
  }

  <T> T on(VersionRef ref, Function<TableSnapshot, T> work) {
    try (TableSnapshot snapshot = tables().open(ID, ref)) {
      return work.apply(snapshot);
    }
  }

  <T> T sourced(List<Map<String, @Nullable Object>> rows, Function<ArrowReader, T> work) {
    try (ArrowReader source = Rows.reader(allocator, schema, rows)) {
      return work.apply(source);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    backend.close();
    allocator.close();
  }

  private StorageBackend openBackend() {
    return LanceStorage.open(options, allocator, StorageHooks.NONE, StorageLimits.DEFAULT);
  }
}
