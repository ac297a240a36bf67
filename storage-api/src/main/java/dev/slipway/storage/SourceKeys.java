package dev.slipway.storage;

import dev.slipway.storage.StorageException.Detail;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * The keys of one upsert's source: reads them from batches and refuses duplicates; then finds the
 * source row for stored rows. Keys are kept as canonical bytes, with some 20 bytes of bookkeeping
 * each. The zeroes of a float are one key. One thread.
 */
public final class SourceKeys {
  private static final int FIRST_PAGE = 1 << 12;
  private static final int DOUBLINGS = 8;

  private final long maxRows;
  private final RowKey key;
  private final List<byte[]> pages = new ArrayList<>();
  private int used;

  /** By row: where its key begins, as page and offset, and how long it is. */
  private int[] page = new int[64];

  private int[] offset = new int[64];
  private int[] length = new int[64];

  /** Open addressing; row number + 1, or 0. */
  private int[] slots = new int[256];

  private int rows;

  /**
   * @param keyColumns top-level columns of the types {@link SchemaRules#requireKeyType} lets pass
   * @param maxRows more rows than this are refused with {@code TOO_LARGE}
   */
  public SourceKeys(List<String> keyColumns, long maxRows) {
    this.maxRows = Math.min(maxRows, 1 << 29);
    this.key = new RowKey(keyColumns);
  }

  /**
   * Takes in the keys of a source batch, whose rows follow those of the batch before.
   *
   * @throws StorageException {@code ROW_INVALID} naming the rows (from 0, over all batches) and the
   *     key, if it is null or NaN or there already
   */
  public void add(VectorSchemaRoot batch) {
    if (rows + (long) batch.getRowCount() > maxRows) {
      throw StorageException.of(
              StorageErrorCode.TOO_LARGE,
              "an upsert takes at most %d rows at once, found more",
              maxRows)
          .with(Detail.LIMIT, maxRows);
    }
    for (int row = 0; row < batch.getRowCount(); row++) {
      if (!key.read(batch, row)) {
        throw refused("row %d: the key (%s) has a null or NaN", rows, key.shown(batch, row));
      }
      int slot = slot();
      if (slots[slot] != 0) {
        throw refused(
            "rows %d and %d have the same key (%s)", slots[slot] - 1, rows, key.shown(batch, row));
      }
      store();
      slots[slot] = ++rows;
      if (rows > slots.length / 2) {
        grow();
      }
    }
  }

  private StorageException refused(String format, Object... args) {
    return StorageException.of(StorageErrorCode.ROW_INVALID, format, args)
        .with(Detail.ROW, rows)
        .with(Detail.COLUMN, key.columns());
  }

  /**
   * The source row number (over all batches, from 0) that has the key of a stored row, or -1. A
   * stored row with a null or NaN in its key has none.
   */
  public long find(VectorSchemaRoot stored, int row) {
    return key.read(stored, row) ? slots[slot()] - 1L : -1;
  }

  /** Rows taken in so far. */
  public long size() {
    return rows;
  }

  private int slot() {
    int mask = slots.length - 1;
    int slot = key.hash() & mask;
    while (slots[slot] != 0 && !holds(slots[slot] - 1)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private boolean holds(int row) {
    int size = key.length();
    return length[row] == size
        && Arrays.equals(
            pages.get(page[row]), offset[row], offset[row] + size, key.bytes(), 0, size);
  }

  private void store() {
    int size = key.length();
    if (pages.isEmpty() || size > pages.get(pages.size() - 1).length - used) {
      pages.add(new byte[Math.max(FIRST_PAGE << Math.min(pages.size(), DOUBLINGS), size)]);
      used = 0;
    }
    if (rows == page.length) {
      page = Arrays.copyOf(page, rows * 2);
      offset = Arrays.copyOf(offset, rows * 2);
      length = Arrays.copyOf(length, rows * 2);
    }
    page[rows] = pages.size() - 1;
    offset[rows] = used;
    length[rows] = size;
    System.arraycopy(key.bytes(), 0, pages.get(pages.size() - 1), used, size);
    used += size;
  }

  private void grow() {
    int[] old = slots;
    slots = new int[old.length * 2];
    int mask = slots.length - 1;
    for (int entry : old) {
      if (entry != 0) {
        int row = entry - 1;
        int slot = RowKey.hash(pages.get(page[row]), offset[row], offset[row] + length[row]) & mask;
        while (slots[slot] != 0) {
          slot = (slot + 1) & mask;
        }
        slots[slot] = entry;
      }
    }
  }
}
