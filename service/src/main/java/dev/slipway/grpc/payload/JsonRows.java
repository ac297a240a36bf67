package dev.slipway.grpc.payload;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.LargeVarBinaryVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.types.pojo.ArrowType;

/** Rows of a batch as JSON values. Reads back as what was written: see {@link RowReader}. */
public final class JsonRows {
  static final Value NULL = Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build();

  private JsonRows() {}

  /** One row; its fields in the order of the columns, nulls included. */
  public static Struct row(VectorSchemaRoot root, int index) {
    return object(root.getFieldVectors(), index);
  }

  private static Struct object(List<FieldVector> columns, int index) {
    Struct.Builder row = Struct.newBuilder();
    for (FieldVector column : columns) {
      row.putFields(column.getName(), value(column, index));
    }
    return row.build();
  }

  private static Value value(FieldVector vector, int index) {
    if (vector.isNull(index)) {
      return NULL;
    }
    ArrowType type = vector.getField().getType();
    return switch (type.getTypeID()) {
      case Bool -> Value.newBuilder().setBoolValue(((BitVector) vector).get(index) != 0).build();
      case Int -> integer(vector, (ArrowType.Int) type, index);
      case FloatingPoint -> floating(vector, index);
      case Decimal -> {
        BigDecimal decimal = ((DecimalVector) vector).getObject(index);
        yield text(decimal.toPlainString());
      }
      case Utf8 -> text(new String(((VarCharVector) vector).get(index), StandardCharsets.UTF_8));
      case LargeUtf8 ->
          text(new String(((LargeVarCharVector) vector).get(index), StandardCharsets.UTF_8));
      case Binary -> base64(((VarBinaryVector) vector).get(index));
      case LargeBinary -> base64(((LargeVarBinaryVector) vector).get(index));
      case FixedSizeBinary -> base64(((FixedSizeBinaryVector) vector).get(index));
      case List -> {
        ListVector list = (ListVector) vector;
        yield list(
            list.getDataVector(), list.getElementStartIndex(index), list.getElementEndIndex(index));
      }
      case LargeList -> {
        LargeListVector list = (LargeListVector) vector;
        yield list(
            list.getDataVector(), list.getElementStartIndex(index), list.getElementEndIndex(index));
      }
      case FixedSizeList -> {
        FixedSizeListVector list = (FixedSizeListVector) vector;
        long start = (long) index * list.getListSize();
        yield list(list.getDataVector(), start, start + list.getListSize());
      }
      case Struct ->
          Value.newBuilder()
              .setStructValue(object(((StructVector) vector).getChildrenFromFields(), index))
              .build();
      default -> text(TemporalText.format(type, count(vector, index)));
    };
  }

  private static Value integer(FieldVector vector, ArrowType.Int type, int index) {
    long value = ((BaseIntVector) vector).getValueAsLong(index);
    if (type.getBitWidth() == Long.SIZE) {
      return text(type.getIsSigned() ? Long.toString(value) : RowNumbers.unsigned(value));
    }
    return number((double) (vector instanceof UInt4Vector ? value & 0xFFFFFFFFL : value));
  }

  private static Value floating(FieldVector vector, int index) {
    if (vector instanceof Float2Vector halves) {
      float value = halves.getValueAsFloat(index);
      return Float.isFinite(value)
          ? number(RowNumbers.shortestHalf(halves.get(index)))
          : text(value);
    }
    if (vector instanceof Float4Vector floats) {
      float value = floats.get(index);
      return Float.isFinite(value) ? number(RowNumbers.shortest(value)) : text(value);
    }
    double value = ((Float8Vector) vector).get(index);
    return Double.isFinite(value) ? number(value) : text(value);
  }

  /** The raw count of a date, time, timestamp or duration. */
  private static long count(FieldVector vector, int index) {
    boolean wide =
        switch (vector.getMinorType()) {
          case DATEDAY, TIMESEC, TIMEMILLI -> false;
          default -> true;
        };
    return wide
        ? vector.getDataBuffer().getLong((long) index * Long.BYTES)
        : vector.getDataBuffer().getInt((long) index * Integer.BYTES);
  }

  private static Value list(FieldVector elements, long from, long to) {
    ListValue.Builder list = ListValue.newBuilder();
    for (long i = from; i < to; i++) {
      list.addValues(value(elements, Math.toIntExact(i)));
    }
    return Value.newBuilder().setListValue(list).build();
  }

  static Value number(double value) {
    return Value.newBuilder().setNumberValue(value).build();
  }

  /** NaN and the infinities, which JSON has no numbers for. */
  private static Value text(double value) {
    return text(Double.toString(value));
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }

  private static Value base64(byte[] value) {
    return text(Base64.getEncoder().encodeToString(value));
  }
}
