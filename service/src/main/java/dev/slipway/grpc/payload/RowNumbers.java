package dev.slipway.grpc.payload;

import com.google.protobuf.Value;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.regex.Pattern;
import org.apache.arrow.memory.util.Float16;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;

/**
 * Numbers of JSON rows. JSON numbers are doubles by the time they are here, so one that may have
 * been rounded on the way is refused where that would matter.
 */
final class RowNumbers {
  /** The largest integer that a double holds and none is rounded to. */
  static final double MAX_EXACT = 0x1FFFFFFFFFFFFFL;

  private static final int EXACT_DIGITS = 15;
  private static final int MAX_TEXT = 100;
  private static final BigInteger UINT64_MAX =
      BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
  private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,20}");
  private static final Pattern NUMBER =
      Pattern.compile("-?[0-9]{1,60}(\\.[0-9]{1,60})?([eE][+-]?[0-9]{1,3})?");

  private RowNumbers() {}

  /**
   * An integer of the type; for uint64 as its two's complement.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  static long integer(ArrowType.Int type, Value value) {
    BigInteger number;
    if (value.hasNumberValue()) {
      double given = value.getNumberValue();
      if (given != Math.rint(given)) {
        throw new IllegalArgumentException(range(type));
      }
      requireExact(given);
      number = BigInteger.valueOf((long) given);
    } else if (value.hasStringValue() && INTEGER.matcher(value.getStringValue()).matches()) {
      number = new BigInteger(value.getStringValue());
    } else {
      throw new IllegalArgumentException(range(type));
    }
    int bits = type.getBitWidth();
    boolean fits =
        type.getIsSigned()
            ? number.bitLength() < bits
            : number.signum() >= 0 && number.bitLength() <= bits;
    if (!fits) {
      throw new IllegalArgumentException(range(type));
    }
    return number.longValue();
  }

  /**
   * @throws IllegalArgumentException saying what was expected
   */
  static BigDecimal decimal(ArrowType.Decimal type, Value value) {
    BigDecimal number;
    if (value.hasNumberValue() && Double.isFinite(value.getNumberValue())) {
      requireExact(value.getNumberValue());
      number = BigDecimal.valueOf(value.getNumberValue());
      if (number.stripTrailingZeros().precision() > EXACT_DIGITS) {
        throw new IllegalArgumentException(
            "a number of at most " + EXACT_DIGITS + " digits, or a string");
      }
    } else if (value.hasStringValue() && isNumber(value.getStringValue())) {
      number = new BigDecimal(value.getStringValue());
    } else {
      throw new IllegalArgumentException(digits(type));
    }
    BigDecimal stripped = number.stripTrailingZeros();
    // Before setScale, which would write out every zero of 1e999.
    if ((long) stripped.precision() - stripped.scale() > type.getPrecision() - type.getScale()
        || stripped.scale() > type.getScale()) {
      throw new IllegalArgumentException(digits(type));
    }
    return number.signum() == 0
        ? BigDecimal.ZERO.setScale(type.getScale())
        : stripped.setScale(type.getScale());
  }

  /**
   * A finite number that fits the width, or a NaN or infinity written as such.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  static double floating(FloatingPointPrecision precision, Value value) {
    double number;
    if (value.hasNumberValue()) {
      number = value.getNumberValue();
    } else if (value.hasStringValue()) {
      switch (value.getStringValue()) {
        case "NaN" -> {
          return Double.NaN;
        }
        case "Infinity" -> {
          return Double.POSITIVE_INFINITY;
        }
        case "-Infinity" -> {
          return Double.NEGATIVE_INFINITY;
        }
        default -> {
          if (!isNumber(value.getStringValue())) {
            throw new IllegalArgumentException(
                "a number, or one of \"NaN\", \"Infinity\", \"-Infinity\"");
          }
          number = Double.parseDouble(value.getStringValue());
        }
      }
    } else {
      throw new IllegalArgumentException(
          "a number, or one of \"NaN\", \"Infinity\", \"-Infinity\"");
    }
    boolean fits =
        switch (precision) {
          case HALF ->
              !Double.isFinite(number)
                  || Float.isFinite(Float16.toFloat(Float16.toFloat16((float) number)));
          case SINGLE -> !Double.isFinite(number) || Float.isFinite((float) number);
          case DOUBLE -> value.hasNumberValue() || Double.isFinite(number);
        };
    if (!fits) {
      throw new IllegalArgumentException("a number within the column's width");
    }
    return number;
  }

  /** The double whose shortest decimal form is the float's. */
  static double shortest(float value) {
    if (value == Math.rint(value) && Math.abs(value) < (1 << 24)) {
      return value;
    }
    // Normal floats keep six digits whatever they are; subnormal ones may have a single one.
    int from = Math.abs(value) < Float.MIN_NORMAL ? 1 : 6;
    return shortest(value, from, 9, candidate -> candidate == value);
  }

  /** The same for a half float. */
  static double shortestHalf(short bits) {
    float value = Float16.toFloat(bits);
    if (value == Math.rint(value)) {
      return value;
    }
    return shortest(value, 1, 5, candidate -> Float16.toFloat16(candidate) == bits);
  }

  static String unsigned(long value) {
    return BigInteger.valueOf(value).and(UINT64_MAX).toString();
  }

  private static double shortest(float value, int from, int to, FloatTest same) {
    BigDecimal exact = new BigDecimal(value);
    for (int digits = from; digits < to; digits++) {
      BigDecimal rounded = exact.round(new MathContext(digits));
      if (same.test(rounded.floatValue())) {
        return rounded.doubleValue();
      }
    }
    return exact.round(new MathContext(to)).doubleValue();
  }

  private static boolean isNumber(String text) {
    return text.length() <= MAX_TEXT && NUMBER.matcher(text).matches();
  }

  private static void requireExact(double given) {
    if (!(Math.abs(given) <= MAX_EXACT)) {
      throw new IllegalArgumentException(
          "a string: a JSON number beyond 2^53-1 may have been rounded on the way");
    }
  }

  private static String range(ArrowType.Int type) {
    return (type.getIsSigned() ? "a signed" : "an unsigned")
        + " integer of "
        + type.getBitWidth()
        + " bits";
  }

  private static String digits(ArrowType.Decimal type) {
    return "a decimal of at most "
        + type.getPrecision()
        + " digits, "
        + type.getScale()
        + " of them after the point";
  }

  private interface FloatTest {
    boolean test(float candidate);
  }
}
