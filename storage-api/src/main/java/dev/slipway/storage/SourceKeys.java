package dev.slipway.storage;

import java.util.List;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * The keys of one upsert's source: reads them from batches and refuses duplicates. Also reads the
 * keys of stored rows, to match them. PLACEHOLDER.
 */
public final class SourceKeys {
  /**
   * @param keyColumns top-level columns
   * @param maxRows more rows than this are refused with {@code RESOURCE_EXHAUSTED}
   */
  public SourceKeys(List<String> keyColumns, long maxRows) {}

  /**
   * Takes in the keys of a source batch.
   *
   * @throws StorageException {@code ROW_INVALID} naming the row and the key if it is there already
   */
  public void add(VectorSchemaRoot batch) {}

  /** The source row number (over all batches, from 0) that has the key of {@code row}, or -1. */
  public long find(VectorSchemaRoot stored, int row) {
    return -1;
  }

  public long size() {
    return 0;
  }
}
