package dev.slipway.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.arrow.c.ArrowArrayStream;
import org.apache.arrow.c.Data;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.lance.CommitBuilder;
import org.lance.Dataset;
import org.lance.Fragment;
import org.lance.FragmentMetadata;
import org.lance.Transaction;
import org.lance.WriteParams;
import org.lance.ipc.LanceScanner;
import org.lance.ipc.ScanOptions;
import org.lance.operation.Append;

/** A dataset written and read with lance-java alone, as its own documentation does it. */
final class DirectLance implements AutoCloseable {
  private final BufferAllocator allocator;
  private final Path home;
  private final boolean forced;
  private Dataset head;

  /**
   * @param forced also force every new file and its folder to disk, which Lance doesn't
   */
  DirectLance(BufferAllocator allocator, Path home, boolean forced) {
    this.allocator = allocator;
    this.home = home;
    this.forced = forced;
    this.head =
        Dataset.write()
            .uri(home.toString())
            .allocator(allocator)
            .schema(BenchRows.SCHEMA)
            .mode(WriteParams.WriteMode.CREATE)
            .execute();
  }

  /** Appends one row on the newest version this object knows. */
  void appendOne(int id) {
    advance(writeOne(id));
  }

  /** Appends one row as one of many writers: Lance rebases the commit by itself. */
  void appendOneConcurrently(int id) {
    List<FragmentMetadata> fragments = writeOne(id);
    try (Dataset base = open()) {
      commit(base, fragments).close();
    }
  }

  private List<FragmentMetadata> writeOne(int id) {
    try (VectorSchemaRoot row = VectorSchemaRoot.create(BenchRows.SCHEMA, allocator)) {
      BenchRows.fill(row, id, 1);
      return Fragment.write().datasetUri(home.toString()).allocator(allocator).data(row).execute();
    }
  }

  void append(ArrowReader rows) {
    List<FragmentMetadata> fragments;
    try (ArrowArrayStream stream = ArrowArrayStream.allocateNew(allocator)) {
      Data.exportArrayStream(allocator, rows, stream);
      fragments = Fragment.write().datasetUri(home.toString()).data(stream).execute();
    }
    advance(fragments);
  }

  private void advance(List<FragmentMetadata> fragments) {
    Dataset next = commit(head, fragments);
    head.close();
    head = next;
  }

  private Dataset commit(Dataset base, List<FragmentMetadata> fragments) {
    try (Transaction transaction =
        new Transaction.Builder()
            .readVersion(base.version())
            .operation(Append.builder().fragments(fragments).build())
            .build()) {
      Dataset made = new CommitBuilder(base).execute(transaction);
      if (forced) {
        force(fragments, base.version() + "-" + transaction.uuid() + ".txn", made.version());
      }
      return made;
    }
  }

  long scan(int batchRows) throws Exception {
    long rows = 0;
    LanceScanner scanner = head.newScan(new ScanOptions.Builder().batchSize(batchRows).build());
    try (ArrowReader reader = scanner.scanBatches()) {
      while (reader.loadNextBatch()) {
        rows += reader.getVectorSchemaRoot().getRowCount();
      }
    } finally {
      scanner.close();
    }
    return rows;
  }

  private Dataset open() {
    return Dataset.open().uri(home.toString()).allocator(allocator).build();
  }

  long rows() {
    try (Dataset newest = open()) {
      return newest.countRows();
    }
  }

  /** Exactly the files that an append wrote, and their folders. */
  private void force(List<FragmentMetadata> fragments, String transaction, long version) {
    Set<Path> files = new LinkedHashSet<>();
    for (FragmentMetadata fragment : fragments) {
      fragment.getFiles().forEach(file -> files.add(home.resolve("data").resolve(file.getPath())));
    }
    files.add(home.resolve("_transactions").resolve(transaction));
    files.add(home.resolve("_versions").resolve(manifest(version)));
    for (String folder : List.of("data", "_transactions", "_versions")) {
      files.add(home.resolve(folder));
    }
    try {
      for (Path file : files) {
        forceOne(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lance names manifests so that the newest comes first. */
  private static String manifest(long version) {
    return Long.toUnsignedString(-1L - version) + ".manifest";
  }

  private static void forceOne(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public void close() {
    head.close();
  }
}
