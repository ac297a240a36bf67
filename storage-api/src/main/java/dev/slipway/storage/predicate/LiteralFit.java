package dev.slipway.storage.predicate;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.Text;
import dev.slipway.storage.predicate.Operand.BooleanLiteral;
import dev.slipway.storage.predicate.Operand.DateLiteral;
import dev.slipway.storage.predicate.Operand.FloatLiteral;
import dev.slipway.storage.predicate.Operand.InstantLiteral;
import dev.slipway.storage.predicate.Operand.Literal;
import dev.slipway.storage.predicate.Operand.NumberLiteral;
import dev.slipway.storage.predicate.Operand.StringLiteral;
import dev.slipway.storage.predicate.Operand.TimestampLiteral;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.util.Float16;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/**
 * Where a literal lies among the values that a column's type can hold.
 *
 * @param place how {@code value} stands to the literal
 * @param value of the kind that the type takes: equal to the literal, or the next value below it,
 *     or the least or greatest of the type
 */
record LiteralFit(Place place, Literal value) {
  private static final int WIDEST = 60;
  private static final Map<String, Double> SPECIAL_FLOATS =
      Map.of(
          "NaN", Double.NaN,
          "Infinity", Double.POSITIVE_INFINITY,
          "-Infinity", Double.NEGATIVE_INFINITY);

  enum Place {
    EXACT,
    BETWEEN,
    BELOW_ALL,
    ABOVE_ALL
  }

  /** Types that comparisons, {@code IN} and assigned literals know. */
  static boolean isComparable(ArrowType type) {
    return switch (type.getTypeID()) {
      case Int, Bool, Utf8, LargeUtf8, Decimal, Date, Timestamp -> true;
      case FloatingPoint ->
          ((ArrowType.FloatingPoint) type).getPrecision() != FloatingPointPrecision.HALF;
      default -> false;
    };
  }

  static boolean isText(ArrowType type) {
    return type instanceof ArrowType.Utf8 || type instanceof ArrowType.LargeUtf8;
  }

  static boolean isFloat(ArrowType type) {
    return type instanceof ArrowType.FloatingPoint;
  }

  /** Empty if a literal of that kind has no meaning for the type. */
  static Optional<LiteralFit> of(ArrowType type, Literal literal) {
    if (type instanceof ArrowType.Int integer) {
      return number(literal).map(number -> integer(integer, number));
    }
    if (type instanceof ArrowType.Decimal decimal) {
      return number(literal).map(number -> decimal(decimal, number));
    }
    if (type instanceof ArrowType.FloatingPoint precision) {
      return number(literal).map(number -> floating(precision, number));
    }
    if (isText(type)) {
      return literal instanceof StringLiteral text && encodable(text.value())
          ? Optional.of(exact(text))
          : Optional.empty();
    }
    if (type instanceof ArrowType.Bool) {
      return literal instanceof BooleanLiteral ? Optional.of(exact(literal)) : Optional.empty();
    }
    return TemporalFit.of(type, literal);
  }

  /** As {@link #of}, for years 1 to 9999 alone: beyond, backends read text differently. */
  static Optional<LiteralFit> forFilter(ArrowType type, Literal literal) {
    return TemporalFit.hasOrdinaryYear(type, literal) ? of(type, literal) : Optional.empty();
  }

  /** The float that an assignment stores, rounded to the column's width; {@code 'NaN'} is text. */
  static Literal assignFloat(Field target, Literal literal) {
    ArrowType.FloatingPoint type = (ArrowType.FloatingPoint) target.getType();
    if (literal instanceof FloatLiteral special && !Double.isFinite(special.value())) {
      return special;
    }
    if (literal instanceof StringLiteral text && SPECIAL_FLOATS.containsKey(text.value())) {
      return new FloatLiteral(SPECIAL_FLOATS.get(text.value()));
    }
    BigDecimal number =
        number(literal)
            .orElseThrow(
                () ->
                    PredicateBinder.unassignable(
                        StorageErrorCode.SCHEMA_MISMATCH,
                        target,
                        show(literal) + " isn't a number"));
    LiteralFit fit = floating(type, number);
    if (fit.place != Place.EXACT) {
      throw PredicateBinder.unassignable(
          StorageErrorCode.ROW_INVALID, target, show(literal) + " is out of its range");
    }
    return fit.value;
  }

  static String show(Literal literal) {
    if (literal instanceof NumberLiteral number) {
      return "the number " + Text.quote(number.value().toString());
    }
    if (literal instanceof FloatLiteral number) {
      return "the number " + number.value();
    }
    if (literal instanceof StringLiteral text) {
      return "the text " + Text.quote(text.value());
    }
    if (literal instanceof BooleanLiteral bool) {
      return bool.value() ? "TRUE" : "FALSE";
    }
    if (literal instanceof DateLiteral date) {
      return "the date " + date.value();
    }
    if (literal instanceof TimestampLiteral timestamp) {
      return "the timestamp " + timestamp.value();
    }
    if (literal instanceof InstantLiteral instant) {
      return "the timestamp " + instant.value();
    }
    return "NULL";
  }

  static LiteralFit exact(Literal literal) {
    return new LiteralFit(Place.EXACT, literal);
  }

  private static Optional<BigDecimal> number(Literal literal) {
    if (literal instanceof NumberLiteral number) {
      return Optional.of(number.value());
    }
    return literal instanceof FloatLiteral number && Double.isFinite(number.value())
        ? Optional.of(new BigDecimal(number.value()))
        : Optional.empty();
  }

  private static LiteralFit integer(ArrowType.Int type, BigDecimal number) {
    int bits = type.getBitWidth();
    BigInteger end = BigInteger.ONE.shiftLeft(type.getIsSigned() ? bits - 1 : bits);
    BigInteger least = type.getIsSigned() ? end.negate() : BigInteger.ZERO;
    return onGrid(number, 0, least, end.subtract(BigInteger.ONE));
  }

  private static LiteralFit decimal(ArrowType.Decimal type, BigDecimal number) {
    BigInteger greatest = BigInteger.TEN.pow(type.getPrecision()).subtract(BigInteger.ONE);
    return onGrid(number, type.getScale(), greatest.negate(), greatest);
  }

  /** Among the multiples of 10^-scale from least to greatest. */
  private static LiteralFit onGrid(
      BigDecimal number, int scale, BigInteger least, BigInteger greatest) {
    BigDecimal low = new BigDecimal(least, scale);
    BigDecimal high = new BigDecimal(greatest, scale);
    if (number.compareTo(high) > 0) {
      return new LiteralFit(Place.ABOVE_ALL, new NumberLiteral(high));
    }
    if (number.compareTo(low) < 0) {
      return new LiteralFit(Place.BELOW_ALL, new NumberLiteral(low));
    }
    BigDecimal floor = floor(number, scale);
    Place place = floor.compareTo(number) == 0 ? Place.EXACT : Place.BETWEEN;
    return new LiteralFit(place, new NumberLiteral(floor));
  }

  private static BigDecimal floor(BigDecimal number, int scale) {
    if (number.signum() != 0 && (long) number.precision() - number.scale() < -WIDEST) {
      // Tiny: setScale would first build as many digits as its exponent says.
      return new BigDecimal(BigInteger.valueOf(number.signum() < 0 ? -1 : 0), scale);
    }
    return number.signum() == 0
        ? new BigDecimal(BigInteger.ZERO, scale)
        : number.setScale(scale, RoundingMode.FLOOR);
  }

  private static LiteralFit floating(ArrowType.FloatingPoint type, BigDecimal number) {
    double greatest =
        switch (type.getPrecision()) {
          case HALF -> Float16.toFloat((short) 0x7BFF);
          case SINGLE -> Float.MAX_VALUE;
          case DOUBLE -> Double.MAX_VALUE;
        };
    double rounded =
        switch (type.getPrecision()) {
          case HALF -> Float16.toFloat(Float16.toFloat16(number.floatValue()));
          case SINGLE -> number.floatValue();
          case DOUBLE -> number.doubleValue();
        };
    if (rounded == Double.POSITIVE_INFINITY) {
      return new LiteralFit(Place.ABOVE_ALL, new FloatLiteral(greatest));
    }
    return rounded == Double.NEGATIVE_INFINITY
        ? new LiteralFit(Place.BELOW_ALL, new FloatLiteral(-greatest))
        : exact(new FloatLiteral(rounded));
  }

  private static boolean encodable(String value) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(value);
  }
}
