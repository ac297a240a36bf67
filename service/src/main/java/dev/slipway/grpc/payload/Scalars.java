package dev.slipway.grpc.payload;

import com.google.protobuf.Value;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
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
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;

/** Sets one value of a vector without children from a JSON value. */
final class Scalars {
  private Scalars() {}

  /** Throws {@link IllegalArgumentException} with what was expected. */
  interface Setter {
    void set(int index, Value value);
  }

  static Setter setter(FieldVector vector) {
    return switch (vector.getField().getType().getTypeID()) {
      case Bool -> bool((BitVector) vector);
      case Int -> integer(vector, (ArrowType.Int) vector.getField().getType());
      case FloatingPoint -> floating(vector);
      case Decimal -> decimal((DecimalVector) vector);
      case Utf8, LargeUtf8 -> text(vector);
      case Binary, LargeBinary, FixedSizeBinary -> binary(vector);
      default -> temporal(vector, vector.getField().getType());
    };
  }

  private static Setter bool(BitVector vector) {
    return (index, value) -> {
      if (!value.hasBoolValue()) {
        throw new IllegalArgumentException("true or false");
      }
      vector.setSafe(index, value.getBoolValue() ? 1 : 0);
    };
  }

  private static Setter integer(FieldVector vector, ArrowType.Int type) {
    LongSetter setter = integerSetter(vector);
    return (index, value) -> setter.set(index, RowNumbers.integer(type, value));
  }

  private static LongSetter integerSetter(FieldVector vector) {
    if (vector instanceof TinyIntVector v) {
      return (index, value) -> v.setSafe(index, (int) value);
    }
    if (vector instanceof SmallIntVector v) {
      return (index, value) -> v.setSafe(index, (int) value);
    }
    if (vector instanceof IntVector v) {
      return (index, value) -> v.setSafe(index, (int) value);
    }
    if (vector instanceof BigIntVector v) {
      return v::setSafe;
    }
    if (vector instanceof UInt1Vector v) {
      return (index, value) -> v.setSafe(index, (int) value);
    }
    if (vector instanceof UInt2Vector v) {
      return (index, value) -> v.setSafe(index, (int) value);
    }
    if (vector instanceof UInt4Vector v) {
      return (index, value) -> v.setSafe(index, (int) value);
    }
    return ((UInt8Vector) vector)::setSafe;
  }

  private static Setter floating(FieldVector vector) {
    if (vector instanceof Float2Vector v) {
      return (index, value) ->
          v.setSafe(
              index,
              Float16.toFloat16((float) RowNumbers.floating(FloatingPointPrecision.HALF, value)));
    }
    if (vector instanceof Float4Vector v) {
      return (index, value) ->
          v.setSafe(index, (float) RowNumbers.floating(FloatingPointPrecision.SINGLE, value));
    }
    Float8Vector v = (Float8Vector) vector;
    return (index, value) ->
        v.setSafe(index, RowNumbers.floating(FloatingPointPrecision.DOUBLE, value));
  }

  private static Setter decimal(DecimalVector vector) {
    ArrowType.Decimal type = (ArrowType.Decimal) vector.getField().getType();
    return (index, value) -> vector.setSafe(index, RowNumbers.decimal(type, value));
  }

  private static Setter text(FieldVector vector) {
    return (index, value) -> {
      if (!value.hasStringValue()) {
        throw new IllegalArgumentException("a string");
      }
      byte[] bytes = value.getStringValue().getBytes(StandardCharsets.UTF_8);
      if (vector instanceof VarCharVector v) {
        v.setSafe(index, bytes);
      } else {
        ((LargeVarCharVector) vector).setSafe(index, bytes);
      }
    };
  }

  private static Setter binary(FieldVector vector) {
    return (index, value) -> {
      byte[] bytes = base64(value);
      if (vector instanceof VarBinaryVector v) {
        v.setSafe(index, bytes);
      } else if (vector instanceof LargeVarBinaryVector v) {
        v.setSafe(index, bytes);
      } else {
        FixedSizeBinaryVector v = (FixedSizeBinaryVector) vector;
        if (bytes.length != v.getByteWidth()) {
          throw new IllegalArgumentException(v.getByteWidth() + " bytes as base64");
        }
        v.setSafe(index, bytes);
      }
    };
  }

  private static byte[] base64(Value value) {
    if (value.hasStringValue()) {
      try {
        return Base64.getDecoder().decode(value.getStringValue());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("bytes as base64", e);
      }
    }
    throw new IllegalArgumentException("bytes as base64");
  }

  private static Setter temporal(FieldVector vector, ArrowType type) {
    LongSetter setter = temporalSetter(vector);
    return (index, value) -> {
      long count;
      try {
        count = TemporalText.parse(type, value.getStringValue());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(TemporalText.example(type), e);
      }
      setter.set(index, count);
    };
  }

  private static LongSetter temporalSetter(FieldVector vector) {
    if (vector instanceof DateDayVector v) {
      return (index, value) -> v.setSafe(index, toInt(value, "a date within 32 bits of days"));
    }
    if (vector instanceof DateMilliVector v) {
      return v::setSafe;
    }
    if (vector instanceof TimeSecVector v) {
      return (index, value) -> v.setSafe(index, toInt(value, "a time within a day"));
    }
    if (vector instanceof TimeMilliVector v) {
      return (index, value) -> v.setSafe(index, toInt(value, "a time within a day"));
    }
    if (vector instanceof TimeMicroVector v) {
      return v::setSafe;
    }
    if (vector instanceof TimeNanoVector v) {
      return v::setSafe;
    }
    if (vector instanceof DurationVector v) {
      return v::setSafe;
    }
    return ((TimeStampVector) vector)::setSafe;
  }

  private static int toInt(long value, String expected) {
    if (value != (int) value) {
      throw new IllegalArgumentException(expected);
    }
    return (int) value;
  }

  private interface LongSetter {
    void set(int index, long value);
  }
}
