package dev.slipway.storage.contract;

import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Operand.BooleanLiteral;
import dev.slipway.storage.predicate.Operand.Column;
import dev.slipway.storage.predicate.Operand.DateLiteral;
import dev.slipway.storage.predicate.Operand.InstantLiteral;
import dev.slipway.storage.predicate.Operand.Literal;
import dev.slipway.storage.predicate.Operand.NumberLiteral;
import dev.slipway.storage.predicate.Operand.StringLiteral;
import dev.slipway.storage.predicate.Operand.TimestampLiteral;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.predicate.Predicate.Comparison;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;

/**
 * Random predicates as a parser would give them, not yet bound: literals are near the columns'
 * values, between them, and beyond the columns' types.
 */
final class RandomPredicates {
  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-0.5",
          "0.1",
          "5",
          "5.5",
          "-5.5",
          "127",
          "128",
          "-129",
          "255",
          "256",
          "-1",
          "65536",
          "2147483648",
          "4294967295",
          "9007199254740993",
          "9223372036854775807",
          "9223372036854775808",
          "18446744073709551615",
          "18446744073709551616",
          "-1e20",
          "1e39",
          "-1e39",
          "1e400",
          "-1e400",
          "1e-400",
          "0.001",
          "0.0001",
          "99999999.99",
          "99999999.995",
          "3.4028234663852886e38",
          "3.5e38",
          "1e-45");
  private static final List<String> PATTERNS =
      List.of(
          "%",
          "",
          "_",
          "a%",
          "%b",
          "a_b",
          "a\\_b",
          "a\\%b",
          "\\\\",
          "%\\\\%",
          "%'%",
          "_%_",
          "z%ch",
          "%\u00fc%",
          "__",
          "a%b%",
          "\\a",
          "A",
          "%.%",
          "(a|b)",
          "a\nb",
          "%%a%%");

  private final Random random;
  private final List<String> columns;
  private final Function<String, List<Object>> pool;

  /**
   * @param columns top-level columns to use
   * @param pool values that a column holds in some rows
   */
  RandomPredicates(Random random, List<String> columns, Function<String, List<Object>> pool) {
    this.random = random;
    this.columns = columns;
    this.pool = pool;
  }

  /** One that nests at most so deep. */
  Predicate next(int depth) {
    int kind = random.nextInt(depth > 0 ? 14 : 8);
    return switch (kind) {
      case 0, 1, 2, 3 -> compare();
      case 4 -> in();
      case 5 -> new Predicate.IsNull(new Column(pick(columns)));
      case 6 -> like();
      case 7 -> random.nextInt(4) == 0 ? new Predicate.Constant(random.nextBoolean()) : flag();
      case 8, 9, 10 -> new Predicate.And(terms(depth));
      case 11, 12 -> new Predicate.Or(terms(depth));
      default -> new Predicate.Not(next(depth - 1));
    };
  }

  private List<Predicate> terms(int depth) {
    List<Predicate> terms = new ArrayList<>();
    int count = 2 + random.nextInt(2);
    for (int i = 0; i < count; i++) {
      terms.add(next(depth - 1));
    }
    return terms;
  }

  private Predicate compare() {
    String column = comparable();
    Comparison comparison = pick(List.of(Comparison.values()));
    String twin = column.endsWith("b") ? column.substring(0, column.length() - 1) : column + "b";
    if (columns.contains(twin) && random.nextInt(4) == 0) {
      return new Predicate.Compare(new Column(column), comparison, new Column(twin));
    }
    Literal literal = literal(column);
    return random.nextInt(4) == 0
        ? new Predicate.Compare(literal, comparison, new Column(column))
        : new Predicate.Compare(new Column(column), comparison, literal);
  }

  private Predicate in() {
    String column = comparable();
    List<Literal> values = new ArrayList<>();
    int count = 1 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      values.add(literal(column));
    }
    return new Predicate.In(new Column(column), values);
  }

  private Predicate like() {
    List<String> texts =
        columns.stream().filter(column -> pool.apply(column).get(0) instanceof String).toList();
    return texts.isEmpty()
        ? compare()
        : new Predicate.Like(new Column(pick(texts)), pick(PATTERNS));
  }

  private Predicate flag() {
    List<String> flags =
        columns.stream().filter(column -> pool.apply(column).get(0) instanceof Boolean).toList();
    return flags.isEmpty() ? compare() : new Predicate.IsTrue(new Column(pick(flags)));
  }

  private String comparable() {
    while (true) {
      String column = pick(columns);
      Object value = pool.apply(column).get(0);
      if (!(value instanceof List || value instanceof Map)) {
        return column;
      }
    }
  }

  /** A literal that the column can be compared with. */
  private Literal literal(String column) {
    Object value = pick(pool.apply(column));
    if (value instanceof String text) {
      return new StringLiteral(random.nextInt(4) == 0 ? text + "a" : text);
    }
    if (value instanceof Boolean bool) {
      return new BooleanLiteral(bool);
    }
    if (value instanceof LocalDate date) {
      return dateLiteral(date);
    }
    if (value instanceof LocalDateTime moment) {
      return timestampLiteral(moment);
    }
    if (value instanceof Instant instant) {
      return instantLiteral(instant);
    }
    return numberLiteral((Number) value);
  }

  private Literal numberLiteral(Number value) {
    boolean special =
        (value instanceof Double d && !Double.isFinite(d))
            || (value instanceof Float f && !Float.isFinite(f));
    if (special || random.nextInt(3) == 0) {
      return new NumberLiteral(new BigDecimal(pick(NUMBERS)));
    }
    BigDecimal number =
        value instanceof BigInteger big ? new BigDecimal(big) : new BigDecimal(value.toString());
    return new NumberLiteral(
        switch (random.nextInt(6)) {
          case 0 -> number.add(new BigDecimal("0.5"));
          case 1 -> number.subtract(new BigDecimal("0.001"));
          case 2 -> number.add(BigDecimal.ONE);
          default -> number;
        });
  }

  private Literal dateLiteral(LocalDate date) {
    return switch (random.nextInt(5)) {
      case 0 -> new StringLiteral(date.toString());
      case 1 -> new TimestampLiteral(date.atTime(12, 0));
      case 2 -> new DateLiteral(date.getYear() < 9999 ? date.plusDays(1) : date);
      default -> new DateLiteral(date);
    };
  }

  private Literal timestampLiteral(LocalDateTime moment) {
    return switch (random.nextInt(6)) {
      case 0 -> new StringLiteral(moment.toString());
      case 1 -> new DateLiteral(moment.toLocalDate());
      case 2 -> new TimestampLiteral(moment.plusNanos(1));
      case 3 -> new TimestampLiteral(LocalDateTime.of(9999, 12, 31, 23, 59, 59));
      default -> new TimestampLiteral(moment);
    };
  }

  private Operand.Literal instantLiteral(Instant instant) {
    return switch (random.nextInt(4)) {
      case 0 -> new StringLiteral(instant.toString());
      case 1 -> new InstantLiteral(instant.plusNanos(1));
      default -> new InstantLiteral(instant);
    };
  }

  private <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
