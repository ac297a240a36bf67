package dev.slipway.storage.testkit;

import static dev.slipway.storage.testkit.Columns.*;
import static dev.slipway.storage.testkit.Rows.row;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** A table with a column of every supported type, and rows for it with extremes and nulls. */
public final class EveryType {
  public static final Schema SCHEMA =
      schema(
          required(int64("id")),
          int8("i8"),
          int16("i16"),
          int32("i32"),
          uint8("u8"),
          uint16("u16"),
          uint32("u32"),
          uint64("u64"),
          float32("f32"),
          float64("f64"),
          decimal("dec", 20, 4),
          bool("flag"),
          utf8("text"),
          largeUtf8("large_text"),
          binary("bytes"),
          largeBinary("large_bytes"),
          fixedBinary("fixed_bytes", 3),
          date("day"),
          date64("day64"),
          time("t_s", TimeUnit.SECOND),
          time("t_ms", TimeUnit.MILLISECOND),
          time("t_us", TimeUnit.MICROSECOND),
          time("t_ns", TimeUnit.NANOSECOND),
          timestamp("ts_s", TimeUnit.SECOND, null),
          timestamp("ts_ms", TimeUnit.MILLISECOND, null),
          timestamp("ts_us", TimeUnit.MICROSECOND, null),
          timestamp("ts_ns", TimeUnit.NANOSECOND, null),
          timestamp("tz_us", TimeUnit.MICROSECOND, "UTC"),
          duration("elapsed", TimeUnit.MICROSECOND),
          list("numbers", int32("item")),
          largeList("words", utf8("item")),
          fixedList("vector", 4, float32("item")),
          struct("place", utf8("town"), struct("at", float64("lat"), float64("lon"))));

  private EveryType() {}

  /** So many rows, {@code id} from 0, the same ones each time. */
  public static List<Map<String, @Nullable Object>> rows(int count) {
    Random random = new Random(4711);
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Map<String, @Nullable Object> row = new LinkedHashMap<>();
      for (Field field : SCHEMA.getFields()) {
        boolean isNull = field.isNullable() && random.nextInt(5) == 0;
        row.put(field.getName(), isNull ? null : value(field.getName(), i, random));
      }
      rows.add(row);
    }
    return rows;
  }

  private static @Nullable Object value(String column, int row, Random random) {
    long number = random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(10);
    LocalDateTime moment =
        LocalDateTime.of(2024, 2, 29, 23, 59, 59).plusSeconds(random.nextInt(100_000_000));
    return switch (column) {
      case "id" -> (long) row;
      case "i8" -> (long) (byte) number;
      case "i16" -> (long) (short) number;
      case "i32" -> (long) (int) number;
      case "u8" -> number & 0xFF;
      case "u16" -> number & 0xFFFF;
      case "u32" -> number & 0xFFFF_FFFFL;
      case "u64" -> new BigInteger(Long.toUnsignedString(number));
      case "f32" -> pick(random, Float.NaN, -0.0f, Float.MAX_VALUE, random.nextFloat());
      case "f64" -> pick(random, Double.NEGATIVE_INFINITY, 0.0, 0.1, random.nextDouble());
      case "dec" -> BigDecimal.valueOf(number, 4).remainder(BigDecimal.TEN.pow(16));
      case "flag" -> random.nextBoolean();
      case "text", "large_text" -> pick(random, "", "z\u00fcrich", "\ud83d\udea2", "a" + number);
      case "bytes", "large_bytes" ->
          ByteBuffer.wrap(("b" + number).getBytes(StandardCharsets.UTF_8));
      case "fixed_bytes" -> ByteBuffer.wrap(new byte[] {(byte) number, 0, -1});
      case "day", "day64" -> LocalDate.ofEpochDay(random.nextInt(100_000) - 50_000L);
      case "t_s" -> LocalTime.ofSecondOfDay(random.nextInt(86_400));
      case "t_ms" -> LocalTime.ofNanoOfDay(random.nextInt(86_400_000) * 1_000_000L);
      case "t_us" -> LocalTime.ofNanoOfDay(random.nextInt(86_400_000) * 1_000L);
      case "t_ns" -> LocalTime.ofNanoOfDay(random.nextInt(86_400_000));
      case "ts_s" -> moment;
      case "ts_ms" -> moment.plusNanos(random.nextInt(1000) * 1_000_000L);
      case "ts_us" -> moment.plusNanos(random.nextInt(1_000_000) * 1_000L);
      case "ts_ns" -> moment.plusNanos(random.nextInt(1_000_000_000));
      case "tz_us" -> Instant.ofEpochSecond(random.nextInt(), random.nextInt(1000) * 1_000L);
      case "elapsed" -> Duration.ofNanos(random.nextInt() * 1_000L);
      case "numbers" -> pick(random, List.of(), Arrays.asList(1L, null, 3L), List.of(7L));
      case "words" -> pick(random, List.of(), Arrays.asList("x", null), List.of("y" + number));
      case "vector" -> List.of(1f, random.nextFloat(), -0.5f, 0f);
      default -> place(random);
    };
  }

  private static Object place(Random random) {
    return row(
        "town",
        random.nextBoolean() ? null : "Emden",
        "at",
        random.nextInt(3) == 0 ? null : row("lat", 53.4, "lon", null));
  }

  private static Object pick(Random random, Object... choices) {
    return choices[random.nextInt(choices.length)];
  }

  /** A value for the column that differs from row to row; for keys. */
  public static Map<String, @Nullable Object> withId(Map<String, @Nullable Object> row, long id) {
    Map<String, @Nullable Object> copy = new HashMap<>(row);
    copy.put("id", id);
    return copy;
  }
}
