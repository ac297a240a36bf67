package dev.slipway.storage.lance;

import dev.slipway.storage.VersionRef;
import dev.slipway.storage.testkit.Rows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.lance.CommitBuilder;
import org.lance.Dataset;
import org.lance.Fragment;
import org.lance.FragmentMetadata;
import org.lance.ReadOptions;
import org.lance.Transaction;
import org.lance.ipc.LanceScanner;
import org.lance.ipc.ScanOptions;
import org.lance.operation.Append;
import org.lance.operation.Operation;

/** A dataset used as the backend uses Lance, without the backend. */
final class RawDataset implements AutoCloseable {
  private final BufferAllocator allocator = new RootAllocator();
  private final Path home;
  private final Schema schema;
  private final List<Dataset> open = new ArrayList<>();
  private final Dataset genesis;

  RawDataset(Path home, Schema schema) {
    this.home = home;
    this.schema = schema;
    Dataset.write().uri(home.toString()).allocator(allocator).schema(schema).execute().close();
    this.genesis = open(1);
  }

  BufferAllocator allocator() {
    return allocator;
  }

  Dataset genesis() {
    return genesis;
  }

  Dataset open(long version) {
    return keep(
        Dataset.open()
            .uri(home.toString())
            .allocator(allocator)
            .readOptions(new ReadOptions.Builder().setVersion(version).build())
            .build());
  }

  List<FragmentMetadata> write(List<Map<String, @Nullable Object>> rows) {
    return write(schema, rows);
  }

  List<FragmentMetadata> write(Schema columns, List<Map<String, @Nullable Object>> rows) {
    try (VectorSchemaRoot root = Rows.root(allocator, columns, rows)) {
      return Fragment.write().datasetUri(home.toString()).allocator(allocator).data(root).execute();
    }
  }

  Dataset append(Dataset base, List<Map<String, @Nullable Object>> rows) {
    return commit(base, Append.builder().fragments(write(rows)).build());
  }

  Dataset commit(Dataset base, Operation operation) {
    try (Transaction transaction =
        new Transaction.Builder().readVersion(base.version()).operation(operation).build()) {
      return keep(new CommitBuilder(base).detached(true).execute(transaction));
    }
  }

  List<Map<String, @Nullable Object>> rows(Dataset version) {
    return scan(version, new ScanOptions.Builder().build());
  }

  List<Map<String, @Nullable Object>> filtered(Dataset version, String filter) {
    return scan(version, new ScanOptions.Builder().filter(filter).build());
  }

  List<Map<String, @Nullable Object>> scan(Dataset version, ScanOptions options) {
    return LanceErrors.run(
        "scan",
        () -> {
          LanceScanner scanner = version.newScan(options);
          try (ArrowReader reader = scanner.scanBatches()) {
            List<Map<String, @Nullable Object>> rows = new ArrayList<>();
            while (reader.loadNextBatch()) {
              rows.addAll(Rows.read(reader.getVectorSchemaRoot()));
            }
            return rows;
          } finally {
            scanner.close();
          }
        });
  }

  static VersionRef ref(Dataset version) {
    Optional<Transaction> maker = version.readTransaction();
    try (Transaction found = maker.orElseThrow()) {
      return new VersionRef(version.version(), found.uuid());
    }
  }

  @Override
  public void close() {
    open.forEach(Dataset::close);
    allocator.close();
  }

  private Dataset keep(Dataset dataset) {
    open.add(dataset);
    return dataset;
  }
}
