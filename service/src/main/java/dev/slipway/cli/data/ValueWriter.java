package dev.slipway.cli.data;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;

/**
 * Puts values of text files into vectors, converting nothing that would lose something. A value
 * that doesn't fit throws {@link IllegalArgumentException} with what was expected.
 */
final class ValueWriter {
  private static final Map<String, Double> SPECIAL =
      Map.of(
          "NaN", Double.NaN,
          "Infinity", Double.POSITIVE_INFINITY,
          "-Infinity", Double.NEGATIVE_INFINITY);

  private ValueWriter() {}

  static void set(FieldVector vector, int row, Object value) {
    switch (vector.getMinorType()) {
      case BIT -> ((BitVector) vector).setSafe(row, bool(value) ? 1 : 0);
      case TINYINT -> ((TinyIntVector) vector).setSafe(row, (int) signed(value, 8));
      case SMALLINT -> ((SmallIntVector) vector).setSafe(row, (int) signed(value, 16));
      case INT -> ((IntVector) vector).setSafe(row, (int) signed(value, 32));
      case BIGINT -> ((BigIntVector) vector).setSafe(row, signed(value, 64));
      case UINT1 -> ((UInt1Vector) vector).setSafe(row, (int) unsigned(value, 8));
      case UINT2 -> ((UInt2Vector) vector).setSafe(row, (int) unsigned(value, 16));
      case UINT4 -> ((UInt4Vector) vector).setSafe(row, (int) unsigned(value, 32));
      case UINT8 -> ((UInt8Vector) vector).setSafe(row, unsigned(value, 64));
      case FLOAT4 -> ((Float4Vector) vector).setSafe(row, (float) floating(value));
      case FLOAT8 -> ((Float8Vector) vector).setSafe(row, floating(value));
      case DECIMAL -> decimal((DecimalVector) vector, row, value);
      case VARCHAR -> ((VarCharVector) vector).setSafe(row, utf8(value));
      case LARGEVARCHAR -> ((LargeVarCharVector) vector).setSafe(row, utf8(value));
      case VARBINARY -> ((VarBinaryVector) vector).setSafe(row, base64(value));
      case DATEDAY -> ((DateDayVector) vector).setSafe(row, (int) date(value).toEpochDay());
      case DATEMILLI ->
          ((DateMilliVector) vector).setSafe(row, date(value).toEpochDay() * 86_400_000L);
      case TIMESTAMPSEC,
          TIMESTAMPMILLI,
          TIMESTAMPMICRO,
          TIMESTAMPNANO,
          TIMESTAMPSECTZ,
          TIMESTAMPMILLITZ,
          TIMESTAMPMICROTZ,
          TIMESTAMPNANOTZ ->
          timestamp((TimeStampVector) vector, row, value);
      case LIST -> list((ListVector) vector, row, value);
      case FIXED_SIZE_LIST -> fixedList((FixedSizeListVector) vector, row, value);
      case STRUCT -> struct((StructVector) vector, row, value);
      default ->
          throw new IllegalArgumentException(
              "an Arrow file for type " + vector.getField().getType());
    }
  }

  /** A value for messages, short and on one line. */
  static String show(Object value) {
    String text = String.valueOf(value).replaceAll("\\p{Cntrl}", "?");
    String cut = text.length() > 60 ? text.substring(0, 60) + "..." : text;
    return value instanceof String ? "'" + cut + "'" : cut;
  }

  private static boolean bool(Object value) {
    if (value instanceof Boolean bool) {
      return bool;
    }
    if ("true".equals(value) || "false".equals(value)) {
      return "true".equals(value);
    }
    throw new IllegalArgumentException("true or false");
  }

  private static long signed(Object value, int bits) {
    long number =
        value instanceof Long simple ? simple : whole(value, "int" + bits, 63).longValue();
    if (bits < 64 && (number >> (bits - 1)) != 0 && (number >> (bits - 1)) != -1) {
      throw new IllegalArgumentException("int" + bits);
    }
    return number;
  }

  private static long unsigned(Object value, int bits) {
    BigInteger number = whole(value, "uint" + bits, bits);
    if (number.signum() < 0) {
      throw new IllegalArgumentException("uint" + bits);
    }
    return number.longValue();
  }

  private static BigInteger whole(Object value, String expected, int bits) {
    BigInteger number;
    try {
      number = number(value, expected).toBigIntegerExact();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(expected, e);
    }
    if (number.bitLength() > bits) {
      throw new IllegalArgumentException(expected);
    }
    return number;
  }

  private static BigDecimal number(Object value, String expected) {
    if (value instanceof Long number) {
      return BigDecimal.valueOf(number);
    }
    if (value instanceof BigDecimal number && Math.abs((long) number.scale()) < 1000) {
      return number;
    }
    if (value instanceof String text && text.length() < 1000) {
      try {
        BigDecimal number = new BigDecimal(text);
        if (Math.abs((long) number.scale()) < 1000) {
          return number;
        }
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(expected, e);
      }
    }
    throw new IllegalArgumentException(expected);
  }

  private static double floating(Object value) {
    if (value instanceof String text && SPECIAL.containsKey(text)) {
      return SPECIAL.get(text);
    }
    return number(value, "a number").doubleValue();
  }

  private static void decimal(DecimalVector vector, int row, Object value) {
    String expected = "decimal128[" + vector.getPrecision() + "," + vector.getScale() + "]";
    try {
      BigDecimal number = number(value, expected).setScale(vector.getScale());
      if (number.precision() > vector.getPrecision()) {
        throw new IllegalArgumentException(expected);
      }
      vector.setSafe(row, number);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(expected, e);
    }
  }

  private static byte[] utf8(Object value) {
    if (value instanceof List || value instanceof Map) {
      throw new IllegalArgumentException("text");
    }
    String text = value instanceof BigDecimal number ? number.toPlainString() : value.toString();
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] base64(Object value) {
    if (value instanceof String text) {
      return Base64.getDecoder().decode(text);
    }
    throw new IllegalArgumentException("base64 text");
  }

  private static LocalDate date(Object value) {
    try {
      return LocalDate.parse(String.valueOf(value));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("a date like 2026-01-31", e);
    }
  }

  private static void timestamp(TimeStampVector vector, int row, Object value) {
    ArrowType.Timestamp type = (ArrowType.Timestamp) vector.getField().getType();
    boolean zoned = type.getTimezone() != null;
    String expected =
        zoned
            ? "a time with its offset, like 2026-01-31T12:00:00Z"
            : "a time like 2026-01-31T12:00:00";
    try {
      String text = String.valueOf(value);
      String iso =
          text.length() > 10 && text.charAt(10) == ' '
              ? text.substring(0, 10) + 'T' + text.substring(11)
              : text;
      Instant instant =
          zoned
              ? OffsetDateTime.parse(iso).toInstant()
              : LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC);
      vector.setSafe(row, ticks(instant, type.getUnit()));
    } catch (DateTimeException | ArithmeticException e) {
      throw new IllegalArgumentException(expected, e);
    }
  }

  private static long ticks(Instant instant, TimeUnit unit) {
    long perSecond =
        switch (unit) {
          case SECOND -> 1;
          case MILLISECOND -> 1_000;
          case MICROSECOND -> 1_000_000;
          case NANOSECOND -> 1_000_000_000;
        };
    long nanosPerTick = 1_000_000_000 / perSecond;
    if (instant.getNano() % nanosPerTick != 0) {
      throw new ArithmeticException("finer than the column's unit");
    }
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), perSecond), instant.getNano() / nanosPerTick);
  }

  private static void list(ListVector vector, int row, Object value) {
    List<?> values = items(value);
    int start = vector.startNewValue(row);
    children(vector.getDataVector(), start, values);
    vector.endValue(row, values.size());
  }

  private static void fixedList(FixedSizeListVector vector, int row, Object value) {
    List<?> values = items(value);
    if (values.size() != vector.getListSize()) {
      throw new IllegalArgumentException("an array of " + vector.getListSize());
    }
    children(vector.getDataVector(), vector.startNewValue(row), values);
  }

  private static List<?> items(Object value) {
    if (value instanceof List<?> list) {
      return list;
    }
    throw new IllegalArgumentException("an array");
  }

  private static void children(FieldVector vector, int start, List<?> values) {
    for (int i = 0; i < values.size(); i++) {
      setOrLeave(vector, start + i, values.get(i));
    }
  }

  private static void struct(StructVector vector, int row, Object value) {
    if (!(value instanceof Map<?, ?> values)) {
      throw new IllegalArgumentException("an object");
    }
    vector.setIndexDefined(row);
    for (Object name : values.keySet()) {
      FieldVector child = vector.getChild(String.valueOf(name));
      if (child == null) {
        throw new IllegalArgumentException("an object without '" + name + "'");
      }
      setOrLeave(child, row, values.get(name));
    }
  }

  /** A fresh vector is null everywhere, so nulls needn't be written. */
  private static void setOrLeave(FieldVector vector, int row, @Nullable Object value) {
    if (value != null) {
      set(vector, row, value);
    } else if (!vector.getField().isNullable()) {
      throw new IllegalArgumentException("no null within it");
    }
  }
}
