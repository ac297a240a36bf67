package dev.slipway.storage.lance;

import dev.slipway.storage.TableId;
import java.util.Iterator;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;
import org.lance.file.LanceFileReader;

/** Reads fragments that were written and belong to no version, in the order they were written. */
final class WrittenRows implements AutoCloseable {
  private final TableHomes homes;
  private final TableId table;
  private final List<String> columns;
  private final int batchRows;
  private final BufferAllocator allocator;
  private final Iterator<StoredFile> files;
  private @Nullable NativeBatches file;

  /**
   * @param beside bytes of a row of something else that is read in step
   */
  WrittenRows(
      TableHomes homes,
      TableId table,
      List<StoredFragment> fragments,
      List<String> columns,
      long beside,
      BufferAllocator allocator) {
    this.homes = homes;
    this.table = table;
    this.columns = columns;
    this.batchRows = BatchRows.of(BatchRows.storedBytes(fragments) + beside, BatchRows.DEFAULT);
    this.allocator = allocator;
    this.files = fragments.stream().flatMap(fragment -> fragment.files().stream()).iterator();
  }

  /** The next batch, good until the one after it is asked for; null after the last. */
  @Nullable VectorSchemaRoot next() {
    while (true) {
      NativeBatches current = file;
      if (current == null) {
        if (!files.hasNext()) {
          return null;
        }
        current = open(files.next());
        file = current;
      }
      VectorSchemaRoot batch = current.next();
      if (batch != null) {
        return batch;
      }
      close();
    }
  }

  @Override
  public void close() {
    NativeBatches current = file;
    file = null;
    if (current != null) {
      current.close();
    }
  }

  private NativeBatches open(StoredFile stored) {
    String path = homes.home(table).resolve(TableHomes.data(stored)).toString();
    return NativeBatches.open(
        "read rows staged for table " + table,
        () -> LanceFileReader.open(path, allocator),
        opened -> opened.readAll(columns, null, batchRows));
  }
}
