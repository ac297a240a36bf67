package dev.slipway.storage.lance;

import java.util.AbstractList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * A set of rows of one version, by fragment: a bit for each row that a fragment has. Addresses hold
 * for that version alone and never leave the backend.
 */
final class RowAddresses {
  /** The column of a scan that tells where each row lies. */
  static final String COLUMN = "_rowaddr";

  private final Map<Integer, BitSet> rows = new TreeMap<>();
  private long size;

  static int fragment(long address) {
    return (int) (address >>> 32);
  }

  void add(long address) {
    BitSet offsets = rows.computeIfAbsent(fragment(address), id -> new BitSet());
    int offset = (int) address;
    if (!offsets.get(offset)) {
      offsets.set(offset);
      size++;
    }
  }

  /** Adds all rows of a batch that was scanned with addresses. */
  void addAll(VectorSchemaRoot batch) {
    UInt8Vector addresses = (UInt8Vector) batch.getVector(COLUMN);
    for (int i = 0; i < batch.getRowCount(); i++) {
      add(addresses.get(i));
    }
  }

  long size() {
    return size;
  }

  Iterable<Integer> fragments() {
    return rows.keySet();
  }

  int count(int fragment) {
    BitSet offsets = rows.get(fragment);
    return offsets == null ? 0 : offsets.cardinality();
  }

  /** The rows of a fragment, ascending. */
  List<Integer> offsets(int fragment) {
    BitSet offsets = rows.get(fragment);
    int[] found = offsets == null ? new int[0] : offsets.stream().toArray();
    return new AbstractList<>() {
      @Override
      public Integer get(int index) {
        return found[index];
      }

      @Override
      public int size() {
        return found.length;
      }
    };
  }
}
