package dev.slipway.storage.lance;

import java.util.List;
import java.util.OptionalLong;
import org.apache.arrow.vector.BufferLayout;
import org.apache.arrow.vector.TypeLayout;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/**
 * How many rows to ask Lance for at once, so that a batch takes about 16 MiB as stored: a limit of
 * rows alone says nothing of memory when rows are documents or images.
 */
final class BatchRows {
  /** Where nobody asks for another number. */
  static final int DEFAULT = 8_192;

  private static final long BATCH_BYTES = 16L << 20;

  private BatchRows() {}

  /**
   * @param wanted at most this many
   */
  static int of(long rowBytes, int wanted) {
    return (int) Math.max(1, Math.min(wanted, BATCH_BYTES / Math.max(1, rowBytes)));
  }

  /** For these columns of a version. */
  static int of(OpenVersion version, List<Field> columns, int wanted) {
    return of(version, columns, 0, wanted);
  }

  /**
   * For these columns of a version.
   *
   * @param beside bytes that each row takes on top, once it is read
   */
  static int of(OpenVersion version, List<Field> columns, long beside, int wanted) {
    OptionalLong fixed = fixedBytes(columns);
    long read = fixed.isPresent() ? fixed.getAsLong() : storedBytes(version.fragments());
    return of(read + beside, wanted);
  }

  /**
   * What a row takes in its files, on average. An upper bound if only some of the columns are read:
   * files don't say what each takes.
   */
  static long storedBytes(List<StoredFragment> fragments) {
    long bytes = 0;
    long rows = 0;
    for (StoredFragment fragment : fragments) {
      bytes += fragment.dataBytes();
      rows += fragment.physicalRows();
    }
    return rows == 0 ? 0 : bytes / rows;
  }

  /** What a row takes if all of the columns are of fixed width. */
  private static OptionalLong fixedBytes(List<Field> columns) {
    OptionalLong bits = bits(columns);
    return bits.isPresent() ? OptionalLong.of(bits.getAsLong() / Byte.SIZE) : bits;
  }

  private static OptionalLong bits(List<Field> fields) {
    long sum = 0;
    for (Field field : fields) {
      for (BufferLayout buffer : TypeLayout.getTypeLayout(field.getType()).getBufferLayouts()) {
        if (buffer.getType() == BufferLayout.BufferType.OFFSET) {
          return OptionalLong.empty();
        }
        sum += buffer.getTypeBitWidth();
      }
      OptionalLong inside = bits(field.getChildren());
      if (inside.isEmpty()) {
        return inside;
      }
      long times = field.getType() instanceof ArrowType.FixedSizeList list ? list.getListSize() : 1;
      sum += times * inside.getAsLong();
    }
    return OptionalLong.of(sum);
  }
}
