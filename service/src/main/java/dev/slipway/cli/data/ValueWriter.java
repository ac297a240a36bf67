package dev.slipway.cli.data;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.util.Float16;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.DurationVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.LargeVarBinaryVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeMilliVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.TimeSecVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.jspecify.annotations.Nullable;

/** Puts values of text files into vectors, converting nothing that would lose something. */
final class ValueWriter {
  private static final Map<String, Double> SPECIAL =
      Map.of(
          "NaN", Double.NaN,
          "Infinity", Double.POSITIVE_INFINITY,
          "-Infinity", Double.NEGATIVE_INFINITY);

  private ValueWriter() {}

  /**
   * @throws Misfit if the value isn't of the vector's type
   */
  static void set(FieldVector vector, int row, Object value) {
    try {
      write(vector, row, value);
    } catch (IllegalArgumentException e) {
      throw Misfit.of(String.valueOf(e.getMessage()), value, e);
    }
  }

  /** Whether text stands for a number that JSON hasn't. */
  static boolean isSpecial(String text) {
    return SPECIAL.containsKey(text);
  }

  private static void write(FieldVector vector, int row, Object value) {
    switch (vector.getMinorType()) {
      case BIT -> ((BitVector) vector).setSafe(row, bool(value) ? 1 : 0);
      case TINYINT -> ((TinyIntVector) vector).setSafe(row, (int) Numbers.signed(value, 8));
      case SMALLINT -> ((SmallIntVector) vector).setSafe(row, (int) Numbers.signed(value, 16));
      case INT -> ((IntVector) vector).setSafe(row, (int) Numbers.signed(value, 32));
      case BIGINT -> ((BigIntVector) vector).setSafe(row, Numbers.signed(value, 64));
      case UINT1 -> ((UInt1Vector) vector).setSafe(row, (int) Numbers.unsigned(value, 8));
      case UINT2 -> ((UInt2Vector) vector).setSafe(row, (int) Numbers.unsigned(value, 16));
      case UINT4 -> ((UInt4Vector) vector).setSafe(row, (int) Numbers.unsigned(value, 32));
      case UINT8 -> ((UInt8Vector) vector).setSafe(row, Numbers.unsigned(value, 64));
      case FLOAT2 -> ((Float2Vector) vector).setSafe(row, float16(value));
      case FLOAT4 -> ((Float4Vector) vector).setSafe(row, float32(value));
      case FLOAT8 -> ((Float8Vector) vector).setSafe(row, float64(value));
      case DECIMAL -> {
        DecimalVector decimals = (DecimalVector) vector;
        decimals.setSafe(row, Numbers.decimal(value, decimals.getPrecision(), decimals.getScale()));
      }
      case VARCHAR -> ((VarCharVector) vector).setSafe(row, utf8(value));
      case LARGEVARCHAR -> ((LargeVarCharVector) vector).setSafe(row, utf8(value));
      case VARBINARY -> ((VarBinaryVector) vector).setSafe(row, base64(value));
      case LARGEVARBINARY -> ((LargeVarBinaryVector) vector).setSafe(row, base64(value));
      case FIXEDSIZEBINARY -> fixedBinary((FixedSizeBinaryVector) vector, row, value);
      case DATEDAY -> ((DateDayVector) vector).setSafe(row, (int) time(vector, value));
      case DATEMILLI -> ((DateMilliVector) vector).setSafe(row, time(vector, value));
      case TIMESEC -> ((TimeSecVector) vector).setSafe(row, (int) time(vector, value));
      case TIMEMILLI -> ((TimeMilliVector) vector).setSafe(row, (int) time(vector, value));
      case TIMEMICRO -> ((TimeMicroVector) vector).setSafe(row, time(vector, value));
      case TIMENANO -> ((TimeNanoVector) vector).setSafe(row, time(vector, value));
      case DURATION -> ((DurationVector) vector).setSafe(row, time(vector, value));
      case TIMESTAMPSEC,
          TIMESTAMPMILLI,
          TIMESTAMPMICRO,
          TIMESTAMPNANO,
          TIMESTAMPSECTZ,
          TIMESTAMPMILLITZ,
          TIMESTAMPMICROTZ,
          TIMESTAMPNANOTZ ->
          ((TimeStampVector) vector).setSafe(row, time(vector, value));
      case LIST -> list((ListVector) vector, row, value);
      case LARGELIST -> largeList((LargeListVector) vector, row, value);
      case FIXED_SIZE_LIST -> fixedList((FixedSizeListVector) vector, row, value);
      case STRUCT -> struct((StructVector) vector, row, value);
      default ->
          throw new IllegalArgumentException(
              "an Arrow file for type " + TypeNames.of(vector.getField()));
    }
  }

  private static boolean bool(Object value) {
    if (value instanceof Boolean bool) {
      return bool;
    }
    if ("true".equals(value) || "false".equals(value)) {
      return "true".equals(value);
    }
    throw new IllegalArgumentException("bool, true or false");
  }

  private static double float64(Object value) {
    Double special = special(value);
    return special != null ? special : Floats.float64(Numbers.text(value, "float64"));
  }

  private static float float32(Object value) {
    Double special = special(value);
    return special != null ? special.floatValue() : Floats.float32(Numbers.text(value, "float32"));
  }

  private static short float16(Object value) {
    Double special = special(value);
    return special != null
        ? Float16.toFloat16(special.floatValue())
        : Floats.float16(Numbers.text(value, "float16"));
  }

  private static @Nullable Double special(Object value) {
    return value instanceof String text ? SPECIAL.get(text) : null;
  }

  private static long time(FieldVector vector, Object value) {
    return TimeText.count(vector.getField().getType(), value);
  }

  private static byte[] utf8(Object value) {
    if (value instanceof List || value instanceof Map) {
      throw new IllegalArgumentException("utf8");
    }
    return value.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] base64(Object value) {
    try {
      if (value instanceof String text) {
        return Base64.getDecoder().decode(text);
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("binary in base64", e);
    }
    throw new IllegalArgumentException("binary in base64");
  }

  private static void fixedBinary(FixedSizeBinaryVector vector, int row, Object value) {
    byte[] bytes = base64(value);
    if (bytes.length != vector.getByteWidth()) {
      throw new IllegalArgumentException(
          "%d bytes in base64 (%d are given)".formatted(vector.getByteWidth(), bytes.length));
    }
    vector.setSafe(row, bytes);
  }

  private static void list(ListVector vector, int row, Object value) {
    List<?> values = items(vector, value);
    int start = vector.startNewValue(row);
    children(vector.getDataVector(), start, values);
    vector.endValue(row, values.size());
  }

  private static void largeList(LargeListVector vector, int row, Object value) {
    List<?> values = items(vector, value);
    long start = vector.startNewValue((long) row);
    children(vector.getDataVector(), Math.toIntExact(start), values);
    vector.endValue(row, values.size());
  }

  private static void fixedList(FixedSizeListVector vector, int row, Object value) {
    List<?> values = items(vector, value);
    if (values.size() != vector.getListSize()) {
      throw new IllegalArgumentException(
          TypeNames.of(vector.getField()) + " (" + values.size() + " elements are given)");
    }
    children(vector.getDataVector(), vector.startNewValue(row), values);
  }

  private static List<?> items(FieldVector vector, Object value) {
    if (value instanceof List<?> list) {
      return list;
    }
    throw new IllegalArgumentException("an array for " + TypeNames.of(vector.getField()));
  }

  private static void children(FieldVector vector, int start, List<?> values) {
    for (int i = 0; i < values.size(); i++) {
      try {
        setOrLeave(vector, start + i, values.get(i));
      } catch (Misfit e) {
        throw e.within("[" + i + "]");
      }
    }
  }

  private static void struct(StructVector vector, int row, Object value) {
    if (!(value instanceof Map<?, ?> values)) {
      throw new IllegalArgumentException("an object for " + TypeNames.of(vector.getField()));
    }
    for (Object name : values.keySet()) {
      if (vector.getChild(String.valueOf(name)) == null) {
        throw new IllegalArgumentException(
            "%s, which has no field '%s'".formatted(TypeNames.of(vector.getField()), name));
      }
    }
    vector.setIndexDefined(row);
    for (FieldVector child : vector.getChildrenFromFields()) {
      try {
        setOrLeave(child, row, values.get(child.getName()));
      } catch (Misfit e) {
        throw e.within("." + child.getName());
      }
    }
  }

  /** A fresh vector is null everywhere, so nulls needn't be written. */
  private static void setOrLeave(FieldVector vector, int row, @Nullable Object value) {
    if (value != null) {
      set(vector, row, value);
    } else if (!vector.getField().isNullable()) {
      throw Misfit.of(TypeNames.of(vector.getField()) + ", never null", null, null);
    }
  }
}
