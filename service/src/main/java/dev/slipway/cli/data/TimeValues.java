package dev.slipway.cli.data;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.apache.arrow.vector.types.TimeUnit;

/** Dates, times and durations in ISO 8601; what that can't name is its raw count. */
final class TimeValues {
  private static final long DAY_MILLIS = 86_400_000L;
  private static final long SECOND_NANOS = 1_000_000_000L;

  private TimeValues() {}

  static String date(int days) {
    return LocalDate.ofEpochDay(days).toString();
  }

  static String dateOfMillis(long millis) {
    try {
      return Math.floorMod(millis, DAY_MILLIS) == 0
          ? LocalDate.ofEpochDay(millis / DAY_MILLIS).toString()
          : Long.toString(millis);
    } catch (DateTimeException e) {
      return Long.toString(millis);
    }
  }

  static String time(long count, TimeUnit unit) {
    try {
      LocalTime time = LocalTime.ofSecondOfDay(seconds(count, unit)).withNano(nanos(count, unit));
      return DateTimeFormatter.ISO_LOCAL_TIME.format(time);
    } catch (DateTimeException e) {
      return Long.toString(count);
    }
  }

  static String timestamp(long count, TimeUnit unit, boolean zoned) {
    try {
      LocalDateTime time =
          LocalDateTime.ofEpochSecond(seconds(count, unit), nanos(count, unit), ZoneOffset.UTC);
      return DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(time) + (zoned ? "Z" : "");
    } catch (DateTimeException e) {
      return Long.toString(count);
    }
  }

  static String duration(long count, TimeUnit unit) {
    return Duration.ofSeconds(seconds(count, unit), nanos(count, unit)).toString();
  }

  private static long seconds(long count, TimeUnit unit) {
    return Math.floorDiv(count, perSecond(unit));
  }

  private static int nanos(long count, TimeUnit unit) {
    return (int) (Math.floorMod(count, perSecond(unit)) * (SECOND_NANOS / perSecond(unit)));
  }

  private static long perSecond(TimeUnit unit) {
    return switch (unit) {
      case SECOND -> 1;
      case MILLISECOND -> 1_000;
      case MICROSECOND -> 1_000_000;
      case NANOSECOND -> SECOND_NANOS;
    };
  }
}
