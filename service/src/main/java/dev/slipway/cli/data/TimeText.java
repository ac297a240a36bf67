package dev.slipway.cli.data;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;

/** Dates, times, timestamps and durations in ISO 8601, as counts since their type's origin. */
final class TimeText {
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final long DAY_MILLIS = 86_400_000L;

  private TimeText() {}

  /**
   * The count in the type's unit.
   *
   * @throws IllegalArgumentException with what was expected, if the text isn't of the type, or
   *     finer or larger than it holds
   */
  static long count(ArrowType type, Object value) {
    try {
      if (value instanceof String text) {
        return count(type, text);
      }
    } catch (DateTimeException | ArithmeticException e) {
      throw new IllegalArgumentException(expected(type), e);
    }
    throw new IllegalArgumentException(expected(type));
  }

  private static long count(ArrowType type, String text) {
    return switch (type.getTypeID()) {
      case Date -> {
        long days = LocalDate.parse(text).toEpochDay();
        yield ((ArrowType.Date) type).getUnit() == DateUnit.DAY
            ? Math.toIntExact(days)
            : Math.multiplyExact(days, DAY_MILLIS);
      }
      case Time -> {
        long nanos = LocalTime.parse(text).toNanoOfDay();
        yield ticks(nanos / SECOND_NANOS, nanos % SECOND_NANOS, ((ArrowType.Time) type).getUnit());
      }
      case Duration -> {
        Duration duration = Duration.parse(text);
        yield ticks(
            duration.getSeconds(), duration.getNano(), ((ArrowType.Duration) type).getUnit());
      }
      case Timestamp -> {
        ArrowType.Timestamp timestamp = (ArrowType.Timestamp) type;
        Instant instant =
            timestamp.getTimezone() == null
                ? LocalDateTime.parse(iso(text)).toInstant(ZoneOffset.UTC)
                : OffsetDateTime.parse(iso(text)).toInstant();
        yield ticks(instant.getEpochSecond(), instant.getNano(), timestamp.getUnit());
      }
      default -> throw new IllegalStateException("not a type of time: " + type);
    };
  }

  /** Many write a space where ISO 8601 has a T. */
  static String iso(String text) {
    return text.length() > 10 && text.charAt(10) == ' '
        ? text.substring(0, 10) + 'T' + text.substring(11)
        : text;
  }

  private static String expected(ArrowType type) {
    String example =
        switch (type.getTypeID()) {
          case Date -> "2026-01-31";
          case Time -> "12:34:56";
          case Duration -> "PT1H30M";
          default ->
              ((ArrowType.Timestamp) type).getTimezone() == null
                  ? "2026-01-31T12:34:56"
                  : "2026-01-31T12:34:56Z";
        };
    return TypeNames.of(type) + " like " + example;
  }

  private static long ticks(long seconds, long nanos, TimeUnit unit) {
    long perSecond =
        switch (unit) {
          case SECOND -> 1;
          case MILLISECOND -> 1_000;
          case MICROSECOND -> 1_000_000;
          case NANOSECOND -> SECOND_NANOS;
        };
    long nanosPerTick = SECOND_NANOS / perSecond;
    if (nanos % nanosPerTick != 0) {
      throw new ArithmeticException("finer than the unit");
    }
    // Below zero counts from the next second: the least value's own second doesn't fit.
    return seconds < 0 && nanos > 0
        ? Math.addExact(
            Math.multiplyExact(seconds + 1, perSecond), (nanos - SECOND_NANOS) / nanosPerTick)
        : Math.addExact(Math.multiplyExact(seconds, perSecond), nanos / nanosPerTick);
  }
}
