package dev.slipway.storage.testkit;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.util.Float16;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VariableWidthVector;
import org.apache.arrow.vector.complex.BaseListVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;

/**
 * One value of a vector as a Java object and back. Objects are equal exactly if the values are.
 *
 * <p>Integers are {@link Long} (64 bits without sign: {@link BigInteger}), floats of 32 bits and
 * less {@link Float}, of 64 {@link Double}, decimals {@link BigDecimal} of the column's scale, text
 * {@link String}, binary {@link ByteBuffer}, dates {@link LocalDate}, times {@link LocalTime},
 * timestamps {@link LocalDateTime} or with a zone {@link Instant}, durations {@link Duration},
 * lists {@link List}, structs {@link Map}. Writing also takes any {@link Number} where one fits,
 * and {@code byte[]}.
 */
public final class Values {
  private static final BigInteger NANOS_PER_SECOND = BigInteger.valueOf(1_000_000_000);

  private Values() {}

  public static @Nullable Object read(FieldVector vector, int index) {
    if (vector.isNull(index)) {
      return null;
    }
    ArrowType type = vector.getField().getType();
    if (vector instanceof StructVector struct) {
      Map<String, @Nullable Object> value = new LinkedHashMap<>();
      for (FieldVector child : struct.getChildrenFromFields()) {
        value.put(child.getName(), read(child, index));
      }
      return value;
    }
    if (vector instanceof LargeListVector list) {
      return elements(vector, list.getElementStartIndex(index), list.getElementEndIndex(index));
    }
    if (vector instanceof BaseListVector list) {
      return elements(vector, list.getElementStartIndex(index), list.getElementEndIndex(index));
    }
    if (vector instanceof VariableWidthVector text) {
      byte[] bytes = bytes(text, index);
      boolean readable = type instanceof ArrowType.Utf8 || type instanceof ArrowType.LargeUtf8;
      return readable ? new String(bytes, StandardCharsets.UTF_8) : ByteBuffer.wrap(bytes);
    }
    if (vector instanceof BitVector bits) {
      return bits.get(index) == 1;
    }
    if (vector instanceof DecimalVector decimals) {
      return decimals.getObjectNotNull(index);
    }
    BaseFixedWidthVector fixed = (BaseFixedWidthVector) vector;
    if (type instanceof ArrowType.FixedSizeBinary) {
      byte[] bytes = new byte[fixed.getTypeWidth()];
      fixed.getDataBuffer().getBytes((long) index * bytes.length, bytes);
      return ByteBuffer.wrap(bytes);
    }
    return fromRaw(type, raw(fixed, index));
  }

  public static void write(FieldVector vector, int index, @Nullable Object value) {
    if (vector instanceof ListVector list) {
      writeElements(list.getDataVector(), list.startNewValue(index), value);
      list.endValue(index, value == null ? 0 : ((List<?>) value).size());
      setValid(vector, index, value != null);
    } else if (vector instanceof LargeListVector list) {
      writeElements(list.getDataVector(), Math.toIntExact(list.startNewValue(index)), value);
      list.endValue(index, value == null ? 0 : ((List<?>) value).size());
      setValid(vector, index, value != null);
    } else if (vector instanceof FixedSizeListVector list) {
      int start = list.startNewValue(index);
      writeElements(list.getDataVector(), start, value);
      setValid(vector, index, value != null);
    } else if (vector instanceof StructVector struct) {
      while (index >= struct.getValueCapacity()) {
        struct.reAlloc();
      }
      for (FieldVector child : struct.getChildrenFromFields()) {
        write(child, index, value == null ? null : ((Map<?, ?>) value).get(child.getName()));
      }
      setValid(vector, index, value != null);
    } else if (value == null) {
      vector.setNull(index);
    } else if (vector instanceof VariableWidthVector text) {
      byte[] bytes =
          value instanceof String string ? string.getBytes(StandardCharsets.UTF_8) : bytes(value);
      if (text instanceof BaseVariableWidthVector narrow) {
        narrow.setSafe(index, bytes);
      } else {
        ((BaseLargeVariableWidthVector) text).setSafe(index, bytes);
      }
    } else if (vector instanceof DecimalVector decimals) {
      decimals.setSafe(index, ((BigDecimal) value).setScale(decimals.getScale()));
    } else if (vector instanceof BitVector bits) {
      bits.setSafe(index, Boolean.TRUE.equals(value) ? 1 : 0);
    } else {
      BaseFixedWidthVector fixed = (BaseFixedWidthVector) vector;
      fixed.setNull(index); // makes room
      if (vector.getField().getType() instanceof ArrowType.FixedSizeBinary) {
        fixed.getDataBuffer().setBytes((long) index * fixed.getTypeWidth(), bytes(value));
      } else {
        setRaw(fixed, index, toRaw(vector.getField().getType(), value));
      }
      BitVectorHelper.setBit(fixed.getValidityBuffer(), index);
    }
  }

  private static List<@Nullable Object> elements(FieldVector list, long start, long end) {
    List<@Nullable Object> values = new ArrayList<>();
    for (int i = (int) start; i < end; i++) {
      values.add(read(list.getChildrenFromFields().get(0), i));
    }
    return values;
  }

  private static void writeElements(FieldVector child, int start, @Nullable Object value) {
    if (value != null) {
      List<?> elements = (List<?>) value;
      for (int i = 0; i < elements.size(); i++) {
        write(child, start + i, elements.get(i));
      }
    }
  }

  private static void setValid(FieldVector vector, int index, boolean valid) {
    if (valid) {
      BitVectorHelper.setBit(vector.getValidityBuffer(), index);
    } else {
      BitVectorHelper.unsetBit(vector.getValidityBuffer(), index);
    }
  }

  private static byte[] bytes(VariableWidthVector vector, int index) {
    ArrowBuf offsets = vector.getOffsetBuffer();
    boolean large =
        vector.getField().getType() instanceof ArrowType.LargeUtf8
            || vector.getField().getType() instanceof ArrowType.LargeBinary;
    long start = large ? offsets.getLong(index * 8L) : offsets.getInt(index * 4L);
    long end = large ? offsets.getLong(index * 8L + 8) : offsets.getInt(index * 4L + 4);
    byte[] bytes = new byte[Math.toIntExact(end - start)];
    vector.getDataBuffer().getBytes(start, bytes);
    return bytes;
  }

  private static byte[] bytes(Object value) {
    if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return bytes;
    }
    return (byte[]) value;
  }

  private static long raw(BaseFixedWidthVector vector, int index) {
    ArrowBuf data = vector.getDataBuffer();
    return switch (vector.getTypeWidth()) {
      case 1 -> data.getByte(index);
      case 2 -> data.getShort(index * 2L);
      case 4 -> data.getInt(index * 4L);
      default -> data.getLong(index * 8L);
    };
  }

  private static void setRaw(BaseFixedWidthVector vector, int index, long raw) {
    ArrowBuf data = vector.getDataBuffer();
    switch (vector.getTypeWidth()) {
      case 1 -> data.setByte(index, (byte) raw);
      case 2 -> data.setShort(index * 2L, (short) raw);
      case 4 -> data.setInt(index * 4L, (int) raw);
      default -> data.setLong(index * 8L, raw);
    }
  }

  private static Object fromRaw(ArrowType type, long raw) {
    if (type instanceof ArrowType.Int integer) {
      if (integer.getIsSigned()) {
        return raw;
      }
      return integer.getBitWidth() == 64
          ? new BigInteger(Long.toUnsignedString(raw))
          : (Object) (raw & ((1L << integer.getBitWidth()) - 1));
    }
    if (type instanceof ArrowType.FloatingPoint floating) {
      return switch (floating.getPrecision()) {
        case HALF -> (Object) Float16.toFloat((short) raw);
        case SINGLE -> Float.intBitsToFloat((int) raw);
        case DOUBLE -> Double.longBitsToDouble(raw);
      };
    }
    if (type instanceof ArrowType.Date date) {
      boolean days = date.getUnit() == DateUnit.DAY;
      return LocalDate.ofEpochDay(days ? raw : Math.floorDiv(raw, 86_400_000L));
    }
    if (type instanceof ArrowType.Time time) {
      return LocalTime.ofNanoOfDay(raw * nanos(time.getUnit()).longValueExact());
    }
    if (type instanceof ArrowType.Timestamp timestamp) {
      Instant instant = instant(raw, timestamp.getUnit());
      return timestamp.getTimezone() == null
          ? LocalDateTime.ofInstant(instant, ZoneOffset.UTC)
          : instant;
    }
    Instant end = instant(raw, ((ArrowType.Duration) type).getUnit());
    return Duration.between(Instant.EPOCH, end);
  }

  private static long toRaw(ArrowType type, Object value) {
    if (type instanceof ArrowType.FloatingPoint floating) {
      Number number = (Number) value;
      return switch (floating.getPrecision()) {
        case HALF -> Float16.toFloat16(number.floatValue());
        case SINGLE -> Float.floatToRawIntBits(number.floatValue());
        case DOUBLE -> Double.doubleToRawLongBits(number.doubleValue());
      };
    }
    if (type instanceof ArrowType.Date date) {
      long days = ((LocalDate) value).toEpochDay();
      return date.getUnit() == DateUnit.DAY ? days : days * 86_400_000L;
    }
    if (type instanceof ArrowType.Time time) {
      return ((LocalTime) value).toNanoOfDay() / nanos(time.getUnit()).longValueExact();
    }
    if (type instanceof ArrowType.Timestamp timestamp) {
      Instant instant =
          value instanceof LocalDateTime local ? local.toInstant(ZoneOffset.UTC) : (Instant) value;
      return units(instant, timestamp.getUnit());
    }
    if (type instanceof ArrowType.Duration duration) {
      return units(Instant.EPOCH.plus((Duration) value), duration.getUnit());
    }
    return ((Number) value).longValue();
  }

  private static Instant instant(long units, TimeUnit unit) {
    BigInteger[] parts =
        BigInteger.valueOf(units).multiply(nanos(unit)).divideAndRemainder(NANOS_PER_SECOND);
    return Instant.ofEpochSecond(parts[0].longValueExact(), parts[1].longValueExact());
  }

  private static long units(Instant instant, TimeUnit unit) {
    return BigInteger.valueOf(instant.getEpochSecond())
        .multiply(NANOS_PER_SECOND)
        .add(BigInteger.valueOf(instant.getNano()))
        .divide(nanos(unit))
        .longValueExact();
  }

  private static BigInteger nanos(TimeUnit unit) {
    return BigInteger.valueOf(
        switch (unit) {
          case SECOND -> 1_000_000_000L;
          case MILLISECOND -> 1_000_000L;
          case MICROSECOND -> 1_000L;
          case NANOSECOND -> 1L;
        });
  }
}
