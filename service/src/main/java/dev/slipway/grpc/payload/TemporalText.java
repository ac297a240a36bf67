package dev.slipway.grpc.payload;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;

/**
 * Dates, times, timestamps and durations as ISO 8601 text. A value outside the years that ISO text
 * can name is written as its raw count, which is read back as well.
 */
final class TemporalText {
  private static final Pattern COUNT = Pattern.compile("-?[0-9]{1,19}");
  private static final long DAY_MILLIS = 86_400_000L;
  private static final long SECOND_NANOS = 1_000_000_000L;

  private TemporalText() {}

  /**
   * The count since the type's origin, in its unit.
   *
   * @throws IllegalArgumentException if the text isn't of the type or too fine or large for it
   */
  static long parse(ArrowType type, String text) {
    try {
      return COUNT.matcher(text).matches() ? Long.parseLong(text) : iso(type, text);
    } catch (DateTimeException | ArithmeticException e) {
      throw new IllegalArgumentException("not a value of " + type, e);
    }
  }

  static String format(ArrowType type, long count) {
    try {
      return iso(type, count);
    } catch (DateTimeException | ArithmeticException e) {
      return Long.toString(count);
    }
  }

  /** How the text looks, for messages. */
  static String example(ArrowType type) {
    return switch (type.getTypeID()) {
      case Date -> "a date like \"2024-01-31\"";
      case Time -> "a time like \"12:34:56\"" + finest(((ArrowType.Time) type).getUnit());
      case Duration ->
          "a duration like \"PT1H30M\"" + finest(((ArrowType.Duration) type).getUnit());
      default -> {
        ArrowType.Timestamp timestamp = (ArrowType.Timestamp) type;
        yield (timestamp.getTimezone() == null
                ? "a timestamp without zone like \"2024-01-31T12:34:56\""
                : "a timestamp with zone like \"2024-01-31T12:34:56Z\"")
            + finest(timestamp.getUnit());
      }
    };
  }

  private static String finest(TimeUnit unit) {
    return switch (unit) {
      case SECOND -> ", whole seconds";
      case MILLISECOND -> ", at most 3 decimals";
      case MICROSECOND -> ", at most 6 decimals";
      case NANOSECOND -> ", at most 9 decimals";
    };
  }

  private static long iso(ArrowType type, String text) {
    return switch (type.getTypeID()) {
      case Date -> {
        long days = LocalDate.parse(text).toEpochDay();
        yield ((ArrowType.Date) type).getUnit() == DateUnit.DAY
            ? Math.toIntExact(days)
            : Math.multiplyExact(days, DAY_MILLIS);
      }
      case Time -> {
        long nanos = LocalTime.parse(text).toNanoOfDay();
        yield count(((ArrowType.Time) type).getUnit(), nanos / SECOND_NANOS, nanos % SECOND_NANOS);
      }
      case Duration -> {
        Duration duration = Duration.parse(text);
        yield count(
            ((ArrowType.Duration) type).getUnit(), duration.getSeconds(), duration.getNano());
      }
      case Timestamp -> {
        ArrowType.Timestamp timestamp = (ArrowType.Timestamp) type;
        Instant instant =
            timestamp.getTimezone() == null
                ? LocalDateTime.parse(text).toInstant(ZoneOffset.UTC)
                : Instant.from(DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text));
        yield count(timestamp.getUnit(), instant.getEpochSecond(), instant.getNano());
      }
      default -> throw new IllegalArgumentException("not a temporal type: " + type);
    };
  }

  private static String iso(ArrowType type, long count) {
    return switch (type.getTypeID()) {
      case Date -> {
        boolean days = ((ArrowType.Date) type).getUnit() == DateUnit.DAY;
        yield days || Math.floorMod(count, DAY_MILLIS) == 0
            ? LocalDate.ofEpochDay(days ? count : count / DAY_MILLIS).toString()
            : Long.toString(count);
      }
      case Time -> {
        TimeUnit unit = ((ArrowType.Time) type).getUnit();
        LocalTime time = LocalTime.ofSecondOfDay(seconds(unit, count)).withNano(nanos(unit, count));
        yield DateTimeFormatter.ISO_LOCAL_TIME.format(time);
      }
      case Duration -> {
        TimeUnit unit = ((ArrowType.Duration) type).getUnit();
        yield Duration.ofSeconds(seconds(unit, count), nanos(unit, count)).toString();
      }
      case Timestamp -> {
        ArrowType.Timestamp timestamp = (ArrowType.Timestamp) type;
        TimeUnit unit = timestamp.getUnit();
        LocalDateTime local =
            LocalDateTime.ofEpochSecond(seconds(unit, count), nanos(unit, count), ZoneOffset.UTC);
        yield DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(local)
            + (timestamp.getTimezone() == null ? "" : "Z");
      }
      default -> throw new IllegalArgumentException("not a temporal type: " + type);
    };
  }

  private static long perSecond(TimeUnit unit) {
    return switch (unit) {
      case SECOND -> 1;
      case MILLISECOND -> 1_000;
      case MICROSECOND -> 1_000_000;
      case NANOSECOND -> SECOND_NANOS;
    };
  }

  private static long seconds(TimeUnit unit, long count) {
    return Math.floorDiv(count, perSecond(unit));
  }

  private static int nanos(TimeUnit unit, long count) {
    return (int) (Math.floorMod(count, perSecond(unit)) * (SECOND_NANOS / perSecond(unit)));
  }

  private static long count(TimeUnit unit, long seconds, long nanos) {
    long unitNanos = SECOND_NANOS / perSecond(unit);
    if (nanos % unitNanos != 0) {
      throw new IllegalArgumentException("finer than the unit " + unit);
    }
    // Below zero counts from the next second: the least value's own second doesn't fit a long.
    return seconds < 0 && nanos > 0
        ? Math.addExact(
            Math.multiplyExact(seconds + 1, perSecond(unit)), (nanos - SECOND_NANOS) / unitNanos)
        : Math.addExact(Math.multiplyExact(seconds, perSecond(unit)), nanos / unitNanos);
  }
}
