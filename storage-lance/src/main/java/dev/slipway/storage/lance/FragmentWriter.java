package dev.slipway.storage.lance;

import dev.slipway.storage.TableId;
import java.util.List;
import java.util.function.Consumer;
import org.apache.arrow.c.ArrowArrayStream;
import org.apache.arrow.c.Data;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.lance.Fragment;
import org.lance.FragmentMetadata;
import org.lance.LanceConstants;
import org.lance.WriteFragmentBuilder;
import org.lance.WriteParams;

/**
 * Writes rows as new fragments that no version has yet. Their fields are numbered in preorder from
 * 0; whoever commits them gives them the ids of the base.
 */
final class FragmentWriter {
  /** Pinned, so that another release of Lance doesn't change what is written. */
  static final String FILE_FORMAT = LanceConstants.FILE_FORMAT_VERSION_2_1;

  private final TableHomes homes;
  private final BufferAllocator allocator;

  FragmentWriter(TableHomes homes, BufferAllocator allocator) {
    this.homes = homes;
    this.allocator = allocator;
  }

  /**
   * What was written.
   *
   * @param fragments none if there were no rows
   */
  record Written(List<StoredFragment> fragments, long rows) {
    long bytes() {
      return fragments.stream().mapToLong(StoredFragment::dataBytes).sum();
    }
  }

  Written write(TableId table, ArrowReader source) {
    return write(table, source, batch -> {});
  }

  /**
   * Pulls batches one at a time until the source ends.
   *
   * @param onBatch sees each batch before it is written
   */
  Written write(TableId table, ArrowReader source, Consumer<VectorSchemaRoot> onBatch) {
    // Lance would make a folder that is gone anew.
    homes.root().require();
    SourceTap tap = new SourceTap(source, allocator, onBatch);
    try {
      List<FragmentMetadata> written =
          switch (tap.peek()) {
            case NONE -> List.of();
            case ONE -> fragments(table).data(tap.first()).execute();
            case MORE -> stream(table, tap);
          };
      return new Written(written.stream().map(StoredFragment::of).toList(), tap.rows());
    } catch (Exception e) {
      Exception cause = tap.failure();
      throw LanceErrors.translate("write rows of table " + table, cause == null ? e : cause);
    } finally {
      tap.free();
    }
  }

  private List<FragmentMetadata> stream(TableId table, SourceTap tap) {
    try (ArrowArrayStream stream = ArrowArrayStream.allocateNew(allocator)) {
      Data.exportArrayStream(allocator, tap, stream);
      try {
        return fragments(table).data(stream).execute();
      } finally {
        tap.detach();
        stream.release();
      }
    }
  }

  private WriteFragmentBuilder fragments(TableId table) {
    return Fragment.write()
        .datasetUri(homes.uri(table))
        .allocator(allocator)
        // APPEND would take field ids from the dataset's head, which stays at genesis.
        .mode(WriteParams.WriteMode.CREATE)
        .dataStorageVersion(FILE_FORMAT)
        .enableStableRowIds(false);
  }
}
