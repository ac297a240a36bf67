package dev.slipway.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
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
  private static final List<String> FOLDERS = List.of("data", "_versions", "_transactions");

  private final BufferAllocator allocator;
  private final Path home;
  private final boolean forced;
  private final Set<Path> known = ConcurrentHashMap.newKeySet();
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
    force();
  }

  /** Appends one row on the newest version this object knows. */
  void appendOne(int id) {
    List<FragmentMetadata> fragments = writeOne(id);
    Dataset next = commit(head, fragments);
    head.close();
    head = next;
    force();
  }

  /** Appends one row as one of many writers: Lance rebases the commit by itself. */
  void appendOneConcurrently(int id) {
    List<FragmentMetadata> fragments = writeOne(id);
    try (Dataset base = open()) {
      commit(base, fragments).close();
    }
    force();
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
    Dataset next = commit(head, fragments);
    head.close();
    head = next;
    force();
  }

  private static Dataset commit(Dataset base, List<FragmentMetadata> fragments) {
    try (Transaction transaction =
        new Transaction.Builder()
            .readVersion(base.version())
            .operation(Append.builder().fragments(fragments).build())
            .build()) {
      return new CommitBuilder(base).execute(transaction);
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

  private void force() {
    if (!forced) {
      return;
    }
    for (String folder : FOLDERS) {
      Path path = home.resolve(folder);
      if (!Files.isDirectory(path)) {
        continue;
      }
      boolean anyNew = false;
      try (Stream<Path> files = Files.list(path)) {
        for (Path file : files.toList()) {
          if (known.add(file)) {
            anyNew = true;
            forceOne(file);
          }
        }
        if (anyNew) {
          forceOne(path);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
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
