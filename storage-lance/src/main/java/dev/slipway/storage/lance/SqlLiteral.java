package dev.slipway.storage.lance;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.predicate.Operand;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/** Bound literals in Lance's SQL, each of its column's type. Nothing of a caller's goes in raw. */
final class SqlLiteral {
  private static final BigInteger MAX_LONG = BigInteger.valueOf(Long.MAX_VALUE);

  private SqlLiteral() {}

  static String of(Field column, Operand.Literal literal) {
    ArrowType type = column.getType();
    if (literal instanceof Operand.StringLiteral text) {
      return text(text.value());
    }
    if (literal instanceof Operand.BooleanLiteral bool) {
      return bool.value() ? "TRUE" : "FALSE";
    }
    if (literal instanceof Operand.NumberLiteral number) {
      return number(type, number.value());
    }
    if (literal instanceof Operand.FloatLiteral number) {
      boolean wide =
          ((ArrowType.FloatingPoint) type).getPrecision() == FloatingPointPrecision.DOUBLE;
      return cast(Double.toString(number.value()), wide ? "DOUBLE" : "FLOAT");
    }
    if (literal instanceof Operand.DateLiteral date) {
      return cast(date.value().toString(), "DATE");
    }
    if (literal instanceof Operand.TimestampLiteral timestamp) {
      return timestamp((ArrowType.Timestamp) type, timestamp.value().toInstant(ZoneOffset.UTC));
    }
    if (literal instanceof Operand.InstantLiteral instant) {
      return timestamp((ArrowType.Timestamp) type, instant.value());
    }
    throw StorageException.of(
        StorageErrorCode.FILTER_INVALID, "column %s can't be compared with null", column.getName());
  }

  static String text(String value) {
    boolean plain = value.chars().noneMatch(c -> c == 0 || Character.isSurrogate((char) c));
    if (plain) {
      return "'" + value.replace("'", "''") + "'";
    }
    // JNI hands strings over in an encoding in which these aren't UTF-8.
    String hex = HexFormat.of().formatHex(value.getBytes(StandardCharsets.UTF_8));
    return "arrow_cast(X'" + hex + "', 'Utf8')";
  }

  private static String number(ArrowType type, BigDecimal value) {
    if (type instanceof ArrowType.Decimal decimal) {
      return cast(
          value.toPlainString(),
          "DECIMAL(" + decimal.getPrecision() + ", " + decimal.getScale() + ")");
    }
    BigInteger integer = value.toBigIntegerExact();
    if (integer.compareTo(MAX_LONG) > 0) {
      return cast(integer.toString(), "BIGINT UNSIGNED");
    }
    // The digits of the least long would be read before their sign, as a float.
    return integer.equals(MAX_LONG.not()) ? cast(integer.toString(), "BIGINT") : integer.toString();
  }

  /** An instant in a column's units since 1970; binding saw to it that it fits. */
  static long units(ArrowType.Timestamp type, Instant value) {
    long perSecond =
        switch (type.getUnit()) {
          case SECOND -> 1;
          case MILLISECOND -> 1_000;
          case MICROSECOND -> 1_000_000;
          case NANOSECOND -> 1_000_000_000;
        };
    return BigInteger.valueOf(value.getEpochSecond())
        .multiply(BigInteger.valueOf(perSecond))
        .add(BigInteger.valueOf(value.getNano() / (1_000_000_000 / perSecond)))
        .longValueExact();
  }

  private static String timestamp(ArrowType.Timestamp type, Instant value) {
    String unit =
        switch (type.getUnit()) {
          case SECOND -> "Second";
          case MILLISECOND -> "Millisecond";
          case MICROSECOND -> "Microsecond";
          case NANOSECOND -> "Nanosecond";
        };
    // A plain cast would take the digits for local time in the column's zone.
    String zone = type.getTimezone() == null ? "None" : "Some(\"" + type.getTimezone() + "\")";
    String units = number(new ArrowType.Int(64, true), BigDecimal.valueOf(units(type, value)));
    return "arrow_cast(" + units + ", 'Timestamp(" + unit + ", " + zone + ")')";
  }

  private static String cast(String value, String type) {
    return "CAST('" + value + "' AS " + type + ")";
  }
}
