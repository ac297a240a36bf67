package dev.slipway.storage.memory;

import dev.slipway.storage.predicate.Operand.Literal;
import dev.slipway.storage.predicate.Operand.NumberLiteral;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.DecimalVector;

/** Decimals of one scale, as 128-bit integers. */
final class DecimalOrder {
  private DecimalOrder() {}

  static ValueOrder of(DecimalVector left, DecimalVector right) {
    ArrowBuf leftData = left.getDataBuffer();
    ArrowBuf rightData = right.getDataBuffer();
    return (row, other) ->
        compare(
            leftData.getLong(row * 16L + 8),
            leftData.getLong(row * 16L),
            rightData.getLong(other * 16L + 8),
            rightData.getLong(other * 16L));
  }

  static ValueOrder of(DecimalVector vector, List<Literal> literals) {
    List<BigInteger> sorted =
        literals.stream()
            .map(literal -> ((NumberLiteral) literal).value())
            .map(BigDecimal::unscaledValue)
            .sorted()
            .toList();
    long[] high = sorted.stream().mapToLong(n -> n.shiftRight(64).longValue()).toArray();
    long[] low = sorted.stream().mapToLong(BigInteger::longValue).toArray();
    ArrowBuf data = vector.getDataBuffer();
    return (row, other) ->
        compare(data.getLong(row * 16L + 8), data.getLong(row * 16L), high[other], low[other]);
  }

  private static int compare(long leftHigh, long leftLow, long rightHigh, long rightLow) {
    int order = Long.compare(leftHigh, rightHigh);
    return order != 0 ? order : Long.compareUnsigned(leftLow, rightLow);
  }
}
