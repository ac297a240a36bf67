package dev.slipway.storage;

import java.math.BigInteger;
import java.time.Instant;
import java.util.Locale;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;

/**
 * Looks at every length, offset and character of a vector before native code does: a wrong offset
 * aborts the process there. Refuses at least what Arrow's own full validation refuses, and also
 * what that doesn't look at: offsets beyond the data, children of fixed-size lists. One pass over
 * offsets and text, so that an ingest barely notices it.
 */
public final class VectorCheck {
  private final String column;

  private VectorCheck(String column) {
    this.column = column;
  }

  /**
   * @param column named in the message
   * @throws StorageException {@code PAYLOAD_INVALID}
   */
  public static void check(String column, FieldVector vector, int rows) {
    new VectorCheck(column).check(vector, rows);
  }

  private void check(FieldVector vector, int rows) {
    if (vector.getValueCount() != rows) {
      throw invalid("expected %d values, found %d", rows, vector.getValueCount());
    }
    if (rows == 0) {
      vector.getChildrenFromFields().forEach(child -> check(child, child.getValueCount()));
      return;
    }
    if (vector.getValidityBuffer().capacity() < BitVectorHelper.getValidityBufferSize(rows)) {
      throw invalid("the validity buffer is too small for %d values", rows);
    }
    if (vector instanceof BaseFixedWidthVector fixed) {
      checkFixed(fixed, rows);
    } else if (vector instanceof BaseVariableWidthVector text) {
      Offsets offsets = new IntOffsets(text.getOffsetBuffer());
      checkOffsets(offsets, rows, text.getDataBuffer().capacity());
      if (vector instanceof VarCharVector) {
        checkText(offsets, rows, text.getDataBuffer());
      }
    } else if (vector instanceof BaseLargeVariableWidthVector text) {
      Offsets offsets = new LongOffsets(text.getOffsetBuffer());
      checkOffsets(offsets, rows, text.getDataBuffer().capacity());
      if (vector instanceof LargeVarCharVector) {
        checkText(offsets, rows, text.getDataBuffer());
      }
    } else if (vector instanceof ListVector list) {
      FieldVector child = list.getDataVector();
      checkOffsets(new IntOffsets(list.getOffsetBuffer()), rows, child.getValueCount());
      check(child, child.getValueCount());
    } else if (vector instanceof LargeListVector list) {
      FieldVector child = list.getDataVector();
      checkOffsets(new LongOffsets(list.getOffsetBuffer()), rows, child.getValueCount());
      check(child, child.getValueCount());
    } else if (vector instanceof FixedSizeListVector list) {
      long elements = (long) rows * list.getListSize();
      FieldVector child = list.getDataVector();
      if (child.getValueCount() != elements) {
        throw invalid("expected %d list elements, found %d", elements, child.getValueCount());
      }
      check(child, child.getValueCount());
    } else if (vector instanceof StructVector struct) {
      struct.getChildrenFromFields().forEach(child -> check(child, rows));
    } else {
      throw invalid("type %s isn't supported", vector.getField().getType());
    }
  }

  private void checkFixed(BaseFixedWidthVector vector, int rows) {
    long needed =
        vector instanceof BitVector
            ? BitVectorHelper.getValidityBufferSize(rows)
            : (long) rows * vector.getTypeWidth();
    if (vector.getDataBuffer().capacity() < needed) {
      throw invalid(
          "expected a data buffer of %d bytes or more, found %d",
          needed, vector.getDataBuffer().capacity());
    }
    if (vector instanceof DecimalVector decimals) {
      checkDecimals(decimals, rows);
    } else if (vector.getField().getType() instanceof ArrowType.Time time) {
      checkRange(vector, rows, 0, unitsPerDay(time) - 1);
    } else if (vector.getField().getType() instanceof ArrowType.Timestamp timestamp
        && timestamp.getUnit() == TimeUnit.SECOND) {
      // The one unit in which 64 bits reach beyond what Java calls a time.
      checkRange(vector, rows, Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond());
    }
  }

  private void checkDecimals(DecimalVector vector, int rows) {
    int precision = vector.getPrecision();
    long small = precision <= 18 ? BigInteger.TEN.pow(precision).longValueExact() : Long.MAX_VALUE;
    BigInteger large = BigInteger.TEN.pow(precision);
    ArrowBuf data = vector.getDataBuffer();
    for (int i = 0; i < rows; i++) {
      long low = data.getLong(i * 16L);
      long high = data.getLong(i * 16L + 8);
      boolean fits;
      if (high == low >> 63 && low != Long.MIN_VALUE) {
        fits = Math.abs(low) < small;
      } else {
        fits = precision > 18 && wide(high, low).abs().compareTo(large) < 0;
      }
      if (!fits && !vector.isNull(i)) {
        throw invalid("the decimal in value %d has more than %d digits", i, precision);
      }
    }
  }

  private static BigInteger wide(long high, long low) {
    return BigInteger.valueOf(high)
        .shiftLeft(64)
        .add(BigInteger.valueOf(low).and(BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE)));
  }

  private static long unitsPerDay(ArrowType.Time time) {
    return switch (time.getUnit()) {
      case SECOND -> 86_400L;
      case MILLISECOND -> 86_400_000L;
      case MICROSECOND -> 86_400_000_000L;
      case NANOSECOND -> 86_400_000_000_000L;
    };
  }

  private void checkRange(BaseFixedWidthVector vector, int rows, long least, long greatest) {
    ArrowBuf data = vector.getDataBuffer();
    boolean narrow = vector.getTypeWidth() == 4;
    for (int i = 0; i < rows; i++) {
      long value = narrow ? data.getInt(i * 4L) : data.getLong(i * 8L);
      if ((value < least || value > greatest) && !vector.isNull(i)) {
        throw invalid(
            "value %d is %d, expected %d to %d for type %s",
            i, value, least, greatest, vector.getField().getType());
      }
    }
  }

  private void checkOffsets(Offsets offsets, int rows, long end) {
    if (offsets.count() <= rows) {
      throw invalid("expected %d offsets, found %d", rows + 1L, offsets.count());
    }
    long previous = offsets.at(0);
    if (previous < 0) {
      throw invalid("offset 0 is negative: %d", previous);
    }
    for (int i = 1; i <= rows; i++) {
      long offset = offsets.at(i);
      if (offset < previous) {
        throw invalid("offset %d goes back from %d to %d", i, previous, offset);
      }
      previous = offset;
    }
    if (previous > end) {
      throw invalid("the last offset is %d, beyond the end at %d", previous, end);
    }
  }

  /** The text as a whole is valid and every value begins at a character: then each is valid. */
  private void checkText(Offsets offsets, int rows, ArrowBuf data) {
    long from = offsets.at(0);
    long to = offsets.at(rows);
    if (Utf8Check.isAscii(data, from, to)) {
      return;
    }
    boolean valid = Utf8Check.isValid(data, from, to);
    for (int i = 0; valid && i < rows; i++) {
      long offset = offsets.at(i);
      valid = offset == to || (data.getByte(offset) & 0xC0) != 0x80;
    }
    if (!valid) {
      throw invalid("a value isn't valid UTF-8");
    }
  }

  private StorageException invalid(String format, Object... args) {
    return StorageException.of(
        StorageErrorCode.PAYLOAD_INVALID,
        "column %s: %s",
        Text.quote(column),
        String.format(Locale.ROOT, format, args));
  }

  private interface Offsets {
    long count();

    long at(int index);
  }

  private record IntOffsets(ArrowBuf buffer) implements Offsets {
    @Override
    public long count() {
      return buffer.capacity() / Integer.BYTES;
    }

    @Override
    public long at(int index) {
      return buffer.getInt((long) index * Integer.BYTES);
    }
  }

  private record LongOffsets(ArrowBuf buffer) implements Offsets {
    @Override
    public long count() {
      return buffer.capacity() / Long.BYTES;
    }

    @Override
    public long at(int index) {
      return buffer.getLong((long) index * Long.BYTES);
    }
  }
}
