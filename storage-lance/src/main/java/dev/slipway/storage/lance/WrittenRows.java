package dev.slipway.storage.lance;

import dev.slipway.storage.TableId;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.jspecify.annotations.Nullable;
import org.lance.file.LanceFileReader;

/** Reads fragments that were written and belong to no version, in the order they were written. */
final class WrittenRows implements AutoCloseable {
  private static final int BATCH_ROWS = 8_192;

  private final TableHomes homes;
  private final TableId table;
  private final List<String> columns;
  private final BufferAllocator allocator;
  private final Iterator<StoredFile> files;
  private @Nullable LanceFileReader file;
  private @Nullable ArrowReader reader;

  WrittenRows(
      TableHomes homes,
      TableId table,
      List<StoredFragment> fragments,
      List<String> columns,
      BufferAllocator allocator) {
    this.homes = homes;
    this.table = table;
    this.columns = columns;
    this.allocator = allocator;
    this.files = fragments.stream().flatMap(fragment -> fragment.files().stream()).iterator();
  }

  /** The next batch, good until the one after it is asked for. */
  Optional<VectorSchemaRoot> next() {
    return LanceErrors.run("read rows staged for table " + table, this::load);
  }

  @Override
  public void close() {
    LanceErrors.run(
        "close rows staged for table " + table,
        () -> {
          closeFile();
          return true;
        });
  }

  private Optional<VectorSchemaRoot> load() throws Exception {
    while (true) {
      ArrowReader batches = reader;
      if (batches == null) {
        if (!files.hasNext()) {
          return Optional.empty();
        }
        batches = open(files.next());
      }
      if (batches.loadNextBatch()) {
        return Optional.of(batches.getVectorSchemaRoot());
      }
      closeFile();
    }
  }

  private ArrowReader open(StoredFile stored) throws Exception {
    String path = homes.home(table).resolve(TableHomes.data(stored)).toString();
    LanceFileReader opened = LanceFileReader.open(path, allocator);
    file = opened;
    ArrowReader batches = opened.readAll(columns, null, BATCH_ROWS);
    reader = batches;
    return batches;
  }

  private void closeFile() throws Exception {
    ArrowReader batches = reader;
    LanceFileReader opened = file;
    reader = null;
    file = null;
    try {
      if (batches != null) {
        batches.close();
      }
    } finally {
      if (opened != null) {
        opened.close();
      }
    }
  }
}
