package dev.slipway.storage.memory;

import java.util.BitSet;

/**
 * The deleted rows of one chunk.
 *
 * @param rows set bits are row numbers within the chunk; never changed
 */
record DeletionSet(BitSet rows) implements MemoryFile {
  static final DeletionSet NONE = new DeletionSet(new BitSet());

  @Override
  public long bytes() {
    return rows.length() / 8 + 1L;
  }
}
