package dev.slipway.storage.lance;

import dev.slipway.storage.predicate.Operand.BooleanLiteral;
import dev.slipway.storage.predicate.Operand.DateLiteral;
import dev.slipway.storage.predicate.Operand.FloatLiteral;
import dev.slipway.storage.predicate.Operand.InstantLiteral;
import dev.slipway.storage.predicate.Operand.Literal;
import dev.slipway.storage.predicate.Operand.NullLiteral;
import dev.slipway.storage.predicate.Operand.NumberLiteral;
import dev.slipway.storage.predicate.Operand.StringLiteral;
import dev.slipway.storage.predicate.Operand.TimestampLiteral;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.util.Float16;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;

/** Fills a vector with one value. */
final class ConstantColumn {
  private static final long MILLIS_PER_DAY = 86_400_000;

  private ConstantColumn() {}

  /**
   * @param literal bound to the vector's field
   */
  static void fill(FieldVector vector, Literal literal, int rows) {
    vector.setInitialCapacity(rows);
    vector.allocateNew();
    if (literal instanceof StringLiteral text) {
      byte[] bytes = text.value().getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < rows; i++) {
        setText(vector, i, bytes);
      }
    } else if (literal instanceof BooleanLiteral bool) {
      for (int i = 0; i < rows; i++) {
        ((BitVector) vector).set(i, bool.value() ? 1 : 0);
      }
    } else if (vector instanceof DecimalVector decimals
        && literal instanceof NumberLiteral number) {
      for (int i = 0; i < rows; i++) {
        decimals.set(i, number.value());
      }
    } else if (!(literal instanceof NullLiteral)) {
      fillBits((BaseFixedWidthVector) vector, bits(vector.getField().getType(), literal), rows);
    }
    vector.setValueCount(rows);
  }

  private static void setText(FieldVector vector, int row, byte[] bytes) {
    if (vector instanceof VarCharVector text) {
      text.setSafe(row, bytes);
    } else {
      ((LargeVarCharVector) vector).setSafe(row, bytes);
    }
  }

  private static void fillBits(BaseFixedWidthVector vector, long bits, int rows) {
    ArrowBuf data = vector.getDataBuffer();
    for (int i = 0; i < rows; i++) {
      switch (vector.getTypeWidth()) {
        case 1 -> data.setByte(i, (byte) bits);
        case 2 -> data.setShort(i * 2L, (short) bits);
        case 4 -> data.setInt(i * 4L, (int) bits);
        default -> data.setLong(i * 8L, bits);
      }
      BitVectorHelper.setBit(vector.getValidityBuffer(), i);
    }
  }

  /** The value as the vector stores it, in the low end of a long. */
  private static long bits(ArrowType type, Literal literal) {
    if (literal instanceof NumberLiteral number) {
      return number.value().toBigInteger().longValue();
    }
    if (literal instanceof FloatLiteral number) {
      return switch (((ArrowType.FloatingPoint) type).getPrecision()) {
        case HALF -> Float16.toFloat16((float) number.value());
        case SINGLE -> Float.floatToRawIntBits((float) number.value());
        case DOUBLE -> Double.doubleToRawLongBits(number.value());
      };
    }
    if (literal instanceof DateLiteral date) {
      long days = date.value().toEpochDay();
      return ((ArrowType.Date) type).getUnit() == DateUnit.DAY ? days : days * MILLIS_PER_DAY;
    }
    ArrowType.Timestamp timestamp = (ArrowType.Timestamp) type;
    return literal instanceof TimestampLiteral local
        ? SqlLiteral.units(timestamp, local.value().toInstant(ZoneOffset.UTC))
        : SqlLiteral.units(timestamp, ((InstantLiteral) literal).value());
  }
}
