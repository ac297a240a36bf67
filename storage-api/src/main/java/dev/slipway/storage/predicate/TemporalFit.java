package dev.slipway.storage.predicate;

import dev.slipway.storage.predicate.LiteralFit.Place;
import dev.slipway.storage.predicate.Operand.DateLiteral;
import dev.slipway.storage.predicate.Operand.InstantLiteral;
import dev.slipway.storage.predicate.Operand.Literal;
import dev.slipway.storage.predicate.Operand.StringLiteral;
import dev.slipway.storage.predicate.Operand.TimestampLiteral;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;

/**
 * Dates and timestamps on the grid of a column's unit. Text is taken in ISO form, with a space or a
 * T between date and time. A timestamp with a zone needs an offset in the text, one without a zone
 * takes none: nothing is assumed.
 */
final class TemporalFit {
  private static final BigInteger NANOS_PER_SECOND = BigInteger.valueOf(1_000_000_000);

  private TemporalFit() {}

  static Optional<LiteralFit> of(ArrowType type, Literal literal) {
    if (type instanceof ArrowType.Date date) {
      return local(literal).map(value -> date(date, value));
    }
    if (type instanceof ArrowType.Timestamp timestamp) {
      BigInteger unit =
          switch (timestamp.getUnit()) {
            case SECOND -> NANOS_PER_SECOND;
            case MILLISECOND -> BigInteger.valueOf(1_000_000);
            case MICROSECOND -> BigInteger.valueOf(1_000);
            case NANOSECOND -> BigInteger.ONE;
          };
      return timestamp.getTimezone() == null
          ? local(literal).map(value -> timestamp(unit, value))
          : instant(literal).map(value -> instant(unit, value));
    }
    return Optional.empty();
  }

  static boolean hasOrdinaryYear(ArrowType type, Literal literal) {
    if (type instanceof ArrowType.Timestamp timestamp && timestamp.getTimezone() != null) {
      return instant(literal)
          .map(value -> ordinary(value.atOffset(ZoneOffset.UTC).getYear()))
          .orElse(true);
    }
    boolean temporal = type instanceof ArrowType.Date || type instanceof ArrowType.Timestamp;
    return !temporal || local(literal).map(value -> ordinary(value.getYear())).orElse(true);
  }

  private static boolean ordinary(int year) {
    return year >= 1 && year <= 9999;
  }

  private static LiteralFit date(ArrowType.Date type, LocalDateTime value) {
    boolean days = type.getUnit() == DateUnit.DAY;
    long least = days ? Integer.MIN_VALUE : Long.MIN_VALUE / 86_400_000;
    long greatest = days ? Integer.MAX_VALUE : Long.MAX_VALUE / 86_400_000;
    long day = value.toLocalDate().toEpochDay();
    LocalDate held = LocalDate.ofEpochDay(Math.max(least, Math.min(greatest, day)));
    boolean midnight = value.toLocalTime().equals(LocalTime.MIDNIGHT);
    return new LiteralFit(place(day, least, greatest, midnight), new DateLiteral(held));
  }

  private static Place place(long floor, long least, long greatest, boolean exact) {
    if (floor < least) {
      return Place.BELOW_ALL;
    }
    if (floor > greatest) {
      return Place.ABOVE_ALL;
    }
    return exact ? Place.EXACT : Place.BETWEEN;
  }

  private static LiteralFit timestamp(BigInteger unit, LocalDateTime value) {
    LiteralFit fit = instant(unit, value.toInstant(ZoneOffset.UTC));
    Instant held = ((InstantLiteral) fit.value()).value();
    return new LiteralFit(
        fit.place(), new TimestampLiteral(LocalDateTime.ofInstant(held, ZoneOffset.UTC)));
  }

  private static LiteralFit instant(BigInteger unit, Instant value) {
    BigInteger nanos =
        BigInteger.valueOf(value.getEpochSecond())
            .multiply(NANOS_PER_SECOND)
            .add(BigInteger.valueOf(value.getNano()));
    BigInteger rest = nanos.mod(unit);
    BigInteger floor = nanos.subtract(rest).divide(unit);
    if (floor.bitLength() > 63) {
      return new LiteralFit(
          floor.signum() < 0 ? Place.BELOW_ALL : Place.ABOVE_ALL, new InstantLiteral(value));
    }
    Instant held = value.minusNanos(rest.longValueExact());
    return new LiteralFit(
        rest.signum() == 0 ? Place.EXACT : Place.BETWEEN, new InstantLiteral(held));
  }

  private static Optional<LocalDateTime> local(Literal literal) {
    if (literal instanceof DateLiteral date) {
      return Optional.of(date.value().atStartOfDay());
    }
    if (literal instanceof TimestampLiteral timestamp) {
      return Optional.of(timestamp.value());
    }
    if (literal instanceof StringLiteral text) {
      try {
        return Optional.of(
            text.value().length() <= 10
                ? LocalDate.parse(text.value()).atStartOfDay()
                : LocalDateTime.parse(withT(text.value())));
      } catch (DateTimeException e) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static Optional<Instant> instant(Literal literal) {
    if (literal instanceof InstantLiteral instant) {
      return Optional.of(instant.value());
    }
    if (literal instanceof StringLiteral text) {
      try {
        return Optional.of(OffsetDateTime.parse(withT(text.value())).toInstant());
      } catch (DateTimeException e) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static String withT(String text) {
    return text.length() > 10 && text.charAt(10) == ' '
        ? text.substring(0, 10) + 'T' + text.substring(11)
        : text;
  }
}
