package dev.slipway.storage.memory;

import dev.slipway.storage.predicate.Operand.DateLiteral;
import dev.slipway.storage.predicate.Operand.FloatLiteral;
import dev.slipway.storage.predicate.Operand.InstantLiteral;
import dev.slipway.storage.predicate.Operand.Literal;
import dev.slipway.storage.predicate.Operand.NumberLiteral;
import dev.slipway.storage.predicate.Operand.TimestampLiteral;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneOffset;
import org.apache.arrow.memory.util.Float16;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;

/** Bound literals as the bits that a vector of the type stores, in the low end of a long. */
final class LiteralBits {
  private LiteralBits() {}

  static long of(ArrowType type, Literal literal) {
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
      return ((ArrowType.Date) type).getUnit() == DateUnit.DAY ? days : days * 86_400_000L;
    }
    Instant instant =
        literal instanceof TimestampLiteral timestamp
            ? timestamp.value().toInstant(ZoneOffset.UTC)
            : ((InstantLiteral) literal).value();
    return units(instant, ((ArrowType.Timestamp) type).getUnit());
  }

  private static long units(Instant instant, TimeUnit unit) {
    long perUnit =
        switch (unit) {
          case SECOND -> 1_000_000_000L;
          case MILLISECOND -> 1_000_000L;
          case MICROSECOND -> 1_000L;
          case NANOSECOND -> 1L;
        };
    // The sum may pass a long before it is divided; binding saw to it that the quotient doesn't.
    return BigInteger.valueOf(instant.getEpochSecond())
        .multiply(BigInteger.valueOf(1_000_000_000L))
        .add(BigInteger.valueOf(instant.getNano()))
        .divide(BigInteger.valueOf(perUnit))
        .longValueExact();
  }
}
