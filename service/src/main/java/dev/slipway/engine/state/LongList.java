package dev.slipway.engine.state;

import java.util.Arrays;

/**
 * An immutable list of longs that shares its storage with the lists it was made from: appending to
 * the longest costs no copy. Safe for use by many threads.
 */
public final class LongList {
  private static final class Backing {
    private long[] values;
    private int used;

    Backing(long[] values, int used) {
      this.values = values;
      this.used = used;
    }

    /** Appends if {@code size} is all that is used, and says whether it did. */
    synchronized boolean append(int size, long value) {
      if (used != size) {
        return false;
      }
      if (used == values.length) {
        values = Arrays.copyOf(values, Math.max(16, used * 2));
      }
      values[used++] = value;
      return true;
    }

    synchronized long at(int index) {
      return values[index];
    }

    synchronized long[] copy(int size) {
      return Arrays.copyOf(values, size);
    }

    synchronized int floorIndex(int size, long value) {
      int found = Arrays.binarySearch(values, 0, size, value);
      if (found < 0) {
        return -found - 2;
      }
      while (found + 1 < size && values[found + 1] == value) {
        found++;
      }
      return found;
    }
  }

  private final Backing backing;
  private final int size;

  private LongList(Backing backing, int size) {
    this.backing = backing;
    this.size = size;
  }

  public static LongList of(long... values) {
    return new LongList(new Backing(values.clone(), values.length), values.length);
  }

  public LongList plus(long value) {
    if (backing.append(size, value)) {
      return new LongList(backing, size + 1);
    }
    long[] copy = Arrays.copyOf(backing.copy(size), Math.max(16, size + size / 2 + 1));
    copy[size] = value;
    return new LongList(new Backing(copy, size + 1), size + 1);
  }

  public int size() {
    return size;
  }

  public long get(int index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException("index " + index + " of " + size);
    }
    return backing.at(index);
  }

  /** For an ascending list: the last index whose value isn't greater; -1 if all are. */
  public int floorIndex(long value) {
    return backing.floorIndex(size, value);
  }

  /** The first {@code count} values. */
  long[] first(int count) {
    return Arrays.copyOf(backing.copy(size), count);
  }

  /** The list without its first {@code count} values. */
  public LongList dropFirst(int count) {
    long[] all = toArray();
    return of(Arrays.copyOfRange(all, Math.min(count, all.length), all.length));
  }

  public long[] toArray() {
    return backing.copy(size);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LongList that && Arrays.equals(toArray(), that.toArray());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(toArray());
  }
}
