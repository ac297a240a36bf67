package dev.slipway.storage.lance;

import static dev.slipway.storage.testkit.Columns.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.storage.ScanRequest;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.VersionRef;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Operand.Column;
import dev.slipway.storage.predicate.Operand.Literal;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.predicate.Predicate.Comparison;
import dev.slipway.storage.testkit.Rows;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each comparison of each value with each other, on each type that can be compared. */
class SqlFilterTest {
  private static final Column C = new Column("c");

  @TempDir Path root;

  /**
   * A column and values for it in ascending order.
   *
   * @param values no two are equal
   */
  record Ordered(Field field, List<?> values) {
    @Override
    public String toString() {
      return field.toString();
    }
  }

  static Stream<Ordered> ordered() {
    return Stream.of(
        new Ordered(int8("c"), List.of(-128L, -1L, 0L, 127L)),
        new Ordered(int16("c"), List.of(-32768L, 0L, 32767L)),
        new Ordered(int32("c"), List.of((long) Integer.MIN_VALUE, 0L, (long) Integer.MAX_VALUE)),
        new Ordered(
            int64("c"), List.of(Long.MIN_VALUE, -1L, 0L, Long.MAX_VALUE - 1, Long.MAX_VALUE)),
        new Ordered(uint8("c"), List.of(0L, 128L, 255L)),
        new Ordered(uint16("c"), List.of(0L, 32768L, 65535L)),
        new Ordered(uint32("c"), List.of(0L, 1L << 31, (1L << 32) - 1)),
        new Ordered(
            uint64("c"),
            List.of(
                BigInteger.ZERO,
                BigInteger.valueOf(Long.MAX_VALUE),
                BigInteger.ONE.shiftLeft(63),
                BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE))),
        new Ordered(
            float32("c"),
            List.of(
                Float.NEGATIVE_INFINITY,
                -Float.MAX_VALUE,
                -1.5f,
                Float.MIN_VALUE,
                0.1f,
                Float.MAX_VALUE,
                Float.POSITIVE_INFINITY)),
        new Ordered(
            float64("c"),
            List.of(
                Double.NEGATIVE_INFINITY,
                -Double.MAX_VALUE,
                -1.5,
                Double.MIN_VALUE,
                0.1,
                1e22,
                Double.MAX_VALUE,
                Double.POSITIVE_INFINITY)),
        new Ordered(
            decimal("c", 20, 4),
            List.of(
                new BigDecimal("-9999999999999999.9999"),
                new BigDecimal("0.0000"),
                new BigDecimal("0.0001"),
                new BigDecimal("1.5000"))),
        new Ordered(
            decimal("c", 38, 38),
            List.of(
                new BigDecimal("0." + "0".repeat(37) + "1"),
                new BigDecimal("0." + "9".repeat(38)))),
        new Ordered(decimal("c", 38, 0), List.of(BigDecimal.ZERO, new BigDecimal("9".repeat(38)))),
        new Ordered(bool("c"), List.of(false, true)),
        new Ordered(utf8("c"), TEXTS),
        new Ordered(largeUtf8("c"), TEXTS),
        new Ordered(date("c"), DAYS),
        new Ordered(date64("c"), DAYS),
        new Ordered(timestamp("c", TimeUnit.SECOND, null), moments(0)),
        new Ordered(timestamp("c", TimeUnit.MILLISECOND, null), moments(1_000_000)),
        new Ordered(timestamp("c", TimeUnit.MICROSECOND, null), moments(1_000)),
        new Ordered(
            timestamp("c", TimeUnit.NANOSECOND, null),
            List.of(
                LocalDateTime.parse("1700-01-01T00:00:00.000000001"),
                LocalDateTime.parse("2024-02-29T23:59:59.123456789"),
                LocalDateTime.parse("2024-02-29T23:59:59.123456790"))),
        new Ordered(timestamp("c", TimeUnit.SECOND, "UTC"), instants(0)),
        new Ordered(timestamp("c", TimeUnit.MILLISECOND, "UTC"), instants(1_000_000)),
        new Ordered(timestamp("c", TimeUnit.MICROSECOND, "Europe/Berlin"), instants(1_000)),
        new Ordered(
            timestamp("c", TimeUnit.NANOSECOND, "America/New_York"),
            List.of(
                Instant.parse("1700-01-01T00:00:00.000000001Z"),
                Instant.parse("2024-02-29T23:59:59.123456789Z"))));
  }

  private static final List<String> TEXTS =
      List.of(
          "",
          "\"",
          "%_\\",
          "' OR '1'='1",
          "''",
          "\\'",
          "`c`",
          "a\u0000b",
          "\u00fc",
          "\ud83d\udea2");

  private static final List<LocalDate> DAYS =
      List.of(
          LocalDate.parse("0001-01-01"),
          LocalDate.parse("1969-12-31"),
          LocalDate.parse("2024-02-29"),
          LocalDate.parse("9999-12-31"));

  private static List<LocalDateTime> moments(int nanos) {
    return List.of(
        LocalDateTime.parse("0001-01-01T00:00:00"),
        LocalDateTime.parse("1969-12-31T23:59:59").plusNanos(nanos),
        LocalDateTime.parse("2024-02-29T12:00:00"),
        LocalDateTime.parse("9999-12-31T23:59:59"));
  }

  private static List<Instant> instants(int nanos) {
    return moments(nanos).stream().map(m -> m.toInstant(java.time.ZoneOffset.UTC)).toList();
  }

  @ParameterizedTest
  @MethodSource("ordered")
  void filter_comparingEachValueWithEach_keepsWhatComesBeforeAndAfter(Ordered ordered) {
    Schema schema = schema(int32("position"), ordered.field());
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (int i = 0; i < ordered.values().size(); i++) {
      rows.add(Rows.row("position", (long) i, "c", ordered.values().get(i)));
    }
    rows.add(Rows.row("position", -1L, "c", null));
    try (TestTable table = new TestTable(root, schema)) {
      VersionRef version = table.append(table.genesis(), rows);
      for (int i = 0; i < ordered.values().size(); i++) {
        Object value = ordered.values().get(i);
        if (isInfinite(value)) {
          continue; // no literal of a filter
        }
        for (Comparison comparison : Comparison.values()) {
          int at = i;
          List<Integer> expected =
              Stream.iterate(0, p -> p + 1)
                  .limit(ordered.values().size())
                  .filter(p -> holds(comparison, Integer.compare(p, at)))
                  .toList();
          Predicate compare = new Predicate.Compare(C, comparison, literal(value));
          assertThat(positions(table, version, compare))
              .as("c %s %s", comparison.sql(), value)
              .isEqualTo(expected);
          List<Integer> others =
              Stream.iterate(0, p -> p + 1)
                  .limit(ordered.values().size())
                  .filter(p -> !expected.contains(p))
                  .toList();
          assertThat(positions(table, version, new Predicate.Not(compare)))
              .as("not c %s %s", comparison.sql(), value)
              .isEqualTo(others);
        }
      }
      List<Literal> all =
          ordered.values().stream()
              .filter(value -> !isInfinite(value))
              .map(SqlFilterTest::literal)
              .toList();
      assertThat(positions(table, version, new Predicate.In(C, all))).hasSameSizeAs(all);
      assertThat(positions(table, version, new Predicate.IsNull(C))).containsExactly(-1);
    }
  }

  @Test
  void filter_ofTenThousandTerms_isAnswered() {
    List<Predicate> terms = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      terms.add(equal(i * 2L));
    }
    try (TestTable table = new TestTable(root, schema(int64("c")))) {
      VersionRef version = table.append(table.genesis(), numbers(10));

      assertThat(table.count(version, new Predicate.Or(terms))).isEqualTo(5);
      assertThat(table.count(version, new Predicate.Not(new Predicate.Or(terms)))).isEqualTo(5);
      assertThat(table.count(version, new Predicate.And(terms))).isZero();
    }
  }

  @Test
  void filter_nestedSixtyFourDeep_isAnswered() {
    Predicate nots = equal(1);
    Predicate alternating = equal(1);
    for (int i = 0; i < 64; i++) {
      nots = new Predicate.Not(nots);
      alternating =
          i % 2 == 0
              ? new Predicate.Or(List.of(equal(2), alternating))
              : new Predicate.And(List.of(new Predicate.Not(equal(3)), alternating));
    }
    Predicate not = nots;
    Predicate deep = alternating;
    try (TestTable table = new TestTable(root, schema(int64("c")))) {
      VersionRef version = table.append(table.genesis(), numbers(10));

      assertThat(table.count(version, not)).isEqualTo(1);
      assertThat(table.count(version, deep)).isEqualTo(2);
    }
  }

  @Test
  void filter_nestedDeeperThanLanceParses_isRefused() {
    Predicate deep = equal(1);
    for (int i = 0; i < 400; i++) {
      deep =
          i % 2 == 0
              ? new Predicate.Or(List.of(equal(2), deep))
              : new Predicate.And(List.of(equal(3), deep));
    }
    Predicate tooDeep = deep;
    try (TestTable table = new TestTable(root, schema(int64("c")))) {
      assertThatThrownBy(() -> table.count(table.genesis(), tooDeep))
          .isInstanceOfSatisfying(
              StorageException.class,
              e -> assertThat(e.code()).isEqualTo(StorageErrorCode.FILTER_INVALID));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void like_ofRandomPatterns_keepsWhatAPlainMatcherKeeps(long seed) {
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>(List.of("", "a", "\n", "a\nb", "\\", "%", "_"));
    for (int i = 0; i < 40; i++) {
      texts.add(word(random, "ab\\%_\n\u00fc\ud83d\udea2'"));
    }
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    texts.forEach(text -> rows.add(Rows.row("c", text)));
    try (TestTable table = new TestTable(root, schema(utf8("c")))) {
      VersionRef version = table.append(table.genesis(), rows);
      for (int i = 0; i < 60; i++) {
        String pattern = pattern(random);
        List<String> expected =
            texts.stream().filter(text -> matches(text, 0, pattern, 0)).toList();

        assertThat(table.scan(version, ScanRequest.ALL.withFilter(new Predicate.Like(C, pattern))))
            .as("like %s", pattern)
            .extracting(row -> row.get("c"))
            .isEqualTo(expected);
      }
    }
  }

  private static String pattern(Random random) {
    String pattern = word(random, "ab%_\\%_\ud83d\udea2'");
    int backslashes = pattern.length() - pattern.replaceAll("\\\\+$", "").length();
    return backslashes % 2 == 1 ? pattern + "%" : pattern;
  }

  private static String word(Random random, String alphabet) {
    int[] letters = alphabet.codePoints().toArray();
    StringBuilder word = new StringBuilder();
    for (int i = random.nextInt(7); i > 0; i--) {
      word.appendCodePoint(letters[random.nextInt(letters.length)]);
    }
    return word.toString();
  }

  private static boolean matches(String text, int at, String pattern, int from) {
    if (from == pattern.length()) {
      return at == text.length();
    }
    int wanted = pattern.codePointAt(from);
    int next = from + Character.charCount(wanted);
    if (wanted == '%') {
      return matches(text, at, pattern, next)
          || (at < text.length()
              && matches(text, at + Character.charCount(text.codePointAt(at)), pattern, from));
    }
    if (at == text.length()) {
      return false;
    }
    int found = text.codePointAt(at);
    if (wanted == '\\') {
      wanted = pattern.codePointAt(next);
      next += Character.charCount(wanted);
    } else if (wanted == '_') {
      wanted = found;
    }
    return found == wanted && matches(text, at + Character.charCount(found), pattern, next);
  }

  private static Predicate equal(long value) {
    return new Predicate.Compare(
        C, Comparison.EQUAL, new Operand.NumberLiteral(BigDecimal.valueOf(value)));
  }

  private static List<Map<String, @Nullable Object>> numbers(int count) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      rows.add(Rows.row("c", i));
    }
    return rows;
  }

  private static boolean isInfinite(Object value) {
    return value instanceof Number number && Double.isInfinite(number.doubleValue());
  }

  private static List<Integer> positions(TestTable table, VersionRef version, Predicate filter) {
    return table
        .scan(version, ScanRequest.ALL.withColumns(List.of("position")).withFilter(filter))
        .stream()
        .map(row -> ((Number) Objects.requireNonNull(row.get("position"))).intValue())
        .toList();
  }

  private static boolean holds(Comparison comparison, int order) {
    return switch (comparison) {
      case EQUAL -> order == 0;
      case NOT_EQUAL -> order != 0;
      case LESS -> order < 0;
      case LESS_OR_EQUAL -> order <= 0;
      case GREATER -> order > 0;
      case GREATER_OR_EQUAL -> order >= 0;
    };
  }

  private static Literal literal(Object value) {
    if (value instanceof String text) {
      return new Operand.StringLiteral(text);
    }
    if (value instanceof Boolean bool) {
      return new Operand.BooleanLiteral(bool);
    }
    if (value instanceof LocalDate date) {
      return new Operand.DateLiteral(date);
    }
    if (value instanceof LocalDateTime timestamp) {
      return new Operand.TimestampLiteral(timestamp);
    }
    if (value instanceof Instant instant) {
      return new Operand.InstantLiteral(instant);
    }
    if (value instanceof Double || value instanceof Float) {
      return new Operand.FloatLiteral(((Number) value).doubleValue());
    }
    return new Operand.NumberLiteral(new BigDecimal(value.toString()));
  }
}
