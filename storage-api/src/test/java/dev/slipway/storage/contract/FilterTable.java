package dev.slipway.storage.contract;

import static dev.slipway.storage.testkit.Columns.bool;
import static dev.slipway.storage.testkit.Columns.date;
import static dev.slipway.storage.testkit.Columns.date64;
import static dev.slipway.storage.testkit.Columns.decimal;
import static dev.slipway.storage.testkit.Columns.float32;
import static dev.slipway.storage.testkit.Columns.float64;
import static dev.slipway.storage.testkit.Columns.int16;
import static dev.slipway.storage.testkit.Columns.int32;
import static dev.slipway.storage.testkit.Columns.int64;
import static dev.slipway.storage.testkit.Columns.int8;
import static dev.slipway.storage.testkit.Columns.largeUtf8;
import static dev.slipway.storage.testkit.Columns.list;
import static dev.slipway.storage.testkit.Columns.required;
import static dev.slipway.storage.testkit.Columns.schema;
import static dev.slipway.storage.testkit.Columns.timestamp;
import static dev.slipway.storage.testkit.Columns.uint16;
import static dev.slipway.storage.testkit.Columns.uint32;
import static dev.slipway.storage.testkit.Columns.uint64;
import static dev.slipway.storage.testkit.Columns.uint8;
import static dev.slipway.storage.testkit.Columns.utf8;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A table with two columns of every type that comparisons know, filled from small pools of values,
 * the extremes among them, so that random comparisons hit and miss.
 */
final class FilterTable {
  static final Schema SCHEMA =
      schema(
          required(int64("id")),
          int8("i8"),
          int8("i8b"),
          int16("i16"),
          int16("i16b"),
          int32("i32"),
          int32("i32b"),
          int64("i64"),
          int64("i64b"),
          uint8("u8"),
          uint8("u8b"),
          uint16("u16"),
          uint16("u16b"),
          uint32("u32"),
          uint32("u32b"),
          uint64("u64"),
          uint64("u64b"),
          float32("f32"),
          float32("f32b"),
          float64("f64"),
          float64("f64b"),
          decimal("dec", 10, 2),
          decimal("decb", 10, 2),
          decimal("wide", 38, 3),
          decimal("wideb", 38, 3),
          bool("flag"),
          bool("flagb"),
          utf8("text"),
          utf8("textb"),
          largeUtf8("large"),
          largeUtf8("largeb"),
          date("day"),
          date("dayb"),
          date64("day64"),
          date64("day64b"),
          timestamp("ts_s", TimeUnit.SECOND, null),
          timestamp("ts_sb", TimeUnit.SECOND, null),
          timestamp("ts_ms", TimeUnit.MILLISECOND, null),
          timestamp("ts_msb", TimeUnit.MILLISECOND, null),
          timestamp("ts_us", TimeUnit.MICROSECOND, null),
          timestamp("ts_usb", TimeUnit.MICROSECOND, null),
          timestamp("ts_ns", TimeUnit.NANOSECOND, null),
          timestamp("ts_nsb", TimeUnit.NANOSECOND, null),
          timestamp("tz_ms", TimeUnit.MILLISECOND, "UTC"),
          timestamp("tz_msb", TimeUnit.MILLISECOND, "UTC"),
          timestamp("tz_us", TimeUnit.MICROSECOND, "Europe/Berlin"),
          timestamp("tz_usb", TimeUnit.MICROSECOND, "Europe/Berlin"),
          list("numbers", int32("item")));

  private static final LocalDateTime MOMENT = LocalDateTime.of(2024, 2, 29, 23, 59, 59);

  private FilterTable() {}

  /** Values that the column holds in some rows. */
  static List<Object> pool(String column) {
    return switch (column) {
      case "id" -> List.of(0L, 1L, 50L, 199L);
      case "i8", "i8b" -> List.of(-128L, -1L, 0L, 1L, 5L, 127L);
      case "i16", "i16b" -> List.of(-32_768L, -1L, 0L, 1L, 5L, 32_767L);
      case "i32", "i32b" -> List.of((long) Integer.MIN_VALUE, -1L, 0L, 5L, 2_147_483_647L);
      case "i64", "i64b" -> List.of(Long.MIN_VALUE, -5L, 0L, 5L, (1L << 53) + 1, Long.MAX_VALUE);
      case "u8", "u8b" -> List.of(0L, 1L, 5L, 200L, 255L);
      case "u16", "u16b" -> List.of(0L, 1L, 5L, 40_000L, 65_535L);
      case "u32", "u32b" -> List.of(0L, 1L, 5L, 3_000_000_000L, 4_294_967_295L);
      case "u64", "u64b" ->
          List.of(
              BigInteger.ZERO,
              BigInteger.valueOf(5),
              BigInteger.valueOf(Long.MAX_VALUE),
              BigInteger.ONE.shiftLeft(63),
              BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE));
      case "f32", "f32b" ->
          List.of(
              -0.0f,
              0.0f,
              0.1f,
              5f,
              -5.5f,
              Float.MAX_VALUE,
              -Float.MAX_VALUE,
              Float.NaN,
              Float.POSITIVE_INFINITY,
              Float.NEGATIVE_INFINITY,
              Float.MIN_VALUE);
      case "f64", "f64b" ->
          List.of(
              -0.0,
              0.0,
              0.1,
              5.0,
              -5.5,
              Double.MAX_VALUE,
              -Double.MAX_VALUE,
              Double.NaN,
              Double.POSITIVE_INFINITY,
              Double.NEGATIVE_INFINITY,
              Double.MIN_VALUE,
              1e17);
      case "dec", "decb" ->
          List.of(
              new BigDecimal("-99999999.99"),
              new BigDecimal("-0.01"),
              new BigDecimal("0.00"),
              new BigDecimal("5.50"),
              new BigDecimal("99999999.99"));
      case "wide", "wideb" ->
          List.of(
              new BigDecimal("-99999999999999999999999999999999999.999"),
              new BigDecimal("0.000"),
              new BigDecimal("5.500"),
              new BigDecimal("18446744073709551616.000"),
              new BigDecimal("99999999999999999999999999999999999.999"));
      case "flag", "flagb" -> List.of(true, false);
      case "text", "textb", "large", "largeb" ->
          List.of(
              "",
              "a",
              "A",
              "ab",
              "a_b",
              "a%b",
              "it's",
              "\\",
              "a\\b",
              "z\u00fcrich",
              "\ud83d\udea2",
              "\uffee",
              "a\nb",
              "NULL",
              "2024-02-29");
      case "day", "dayb", "day64", "day64b" ->
          List.of(
              LocalDate.of(1, 1, 1),
              LocalDate.of(1969, 12, 31),
              LocalDate.EPOCH,
              LocalDate.of(2024, 2, 29),
              LocalDate.of(9999, 12, 31));
      case "ts_s", "ts_sb" ->
          List.of(LocalDateTime.of(1, 1, 1, 0, 0), LocalDate.EPOCH.atStartOfDay(), MOMENT);
      case "ts_ms", "ts_msb" ->
          List.of(LocalDate.EPOCH.atStartOfDay(), MOMENT, MOMENT.plusNanos(999_000_000));
      case "ts_us", "ts_usb" ->
          List.of(
              LocalDate.EPOCH.atStartOfDay(),
              MOMENT,
              MOMENT.plusNanos(999_999_000),
              LocalDate.EPOCH.atStartOfDay().minusNanos(1_000));
      case "ts_ns", "ts_nsb" ->
          List.of(
              LocalDate.EPOCH.atStartOfDay(),
              MOMENT,
              MOMENT.plusNanos(999_999_999),
              LocalDate.EPOCH.atStartOfDay().minusNanos(1));
      case "tz_ms", "tz_msb" -> List.of(Instant.EPOCH, Instant.parse("2024-02-29T23:59:59.999Z"));
      case "tz_us", "tz_usb" ->
          List.of(
              Instant.EPOCH,
              Instant.EPOCH.minusNanos(1_000),
              Instant.parse("2024-02-29T23:59:59.999999Z"));
      default -> List.of(List.of(), Arrays.asList(1L, null));
    };
  }

  static List<Map<String, @Nullable Object>> rows(Random random, int count) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (long id = 0; id < count; id++) {
      Map<String, @Nullable Object> row = new LinkedHashMap<>();
      for (Field field : SCHEMA.getFields()) {
        List<Object> pool = pool(field.getName());
        row.put(
            field.getName(), random.nextInt(6) == 0 ? null : pool.get(random.nextInt(pool.size())));
      }
      row.put("id", id);
      rows.add(row);
    }
    return rows;
  }
}
