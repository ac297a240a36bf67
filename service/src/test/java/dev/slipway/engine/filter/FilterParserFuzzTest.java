package dev.slipway.engine.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Operand.Column;
import dev.slipway.storage.predicate.Operand.Literal;
import dev.slipway.storage.predicate.Operand.NumberLiteral;
import dev.slipway.storage.predicate.Operand.StringLiteral;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.predicate.Predicate.And;
import dev.slipway.storage.predicate.Predicate.Compare;
import dev.slipway.storage.predicate.Predicate.Comparison;
import dev.slipway.storage.predicate.Predicate.Constant;
import dev.slipway.storage.predicate.Predicate.In;
import dev.slipway.storage.predicate.Predicate.IsNull;
import dev.slipway.storage.predicate.Predicate.IsTrue;
import dev.slipway.storage.predicate.Predicate.Like;
import dev.slipway.storage.predicate.Predicate.Not;
import dev.slipway.storage.predicate.Predicate.Or;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Noise must be refused in time, and what is written from a predicate must be read as it. */
class FilterParserFuzzTest {
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final List<String> WORDS =
      List.of(
          "a",
          "b",
          "1",
          "-1",
          "'x'",
          "NULL",
          "TRUE",
          "AND",
          "OR",
          "NOT",
          "IN",
          "BETWEEN",
          "LIKE",
          "IS",
          "(",
          ")",
          ",",
          "=",
          "<>",
          "<",
          "DATE '2026-01-31'",
          "\"c d\"",
          "`e`");
  private static final String NOISE =
      "ab01 '\"`().,=<>!-+*/;?:[]{}\\\n\t\u0000\u00a0ä😀\ud800NOTINORAND";

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void parse_ofRandomCharacters_isReadOrRefused(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 3000; i++) {
      int length = random.nextInt(60);
      StringBuilder text = new StringBuilder();
      for (int j = 0; j < length; j++) {
        text.append(NOISE.charAt(random.nextInt(NOISE.length())));
      }
      readOrRefuse(text.toString());
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void parse_ofRandomWords_isReadOrRefused(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 3000; i++) {
      int length = random.nextInt(i % 100 == 0 ? 3000 : 15);
      readOrRefuse(
          IntStream.range(0, length)
              .mapToObj(word -> WORDS.get(random.nextInt(WORDS.size())))
              .collect(Collectors.joining(" ")));
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void parse_ofADamagedFilter_isReadOrRefused(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 1000; i++) {
      StringBuilder text = new StringBuilder(write(predicate(random, 5)));
      for (int damage = random.nextInt(4); damage >= 0; damage--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.deleteCharAt(at).append(' ');
          case 1 -> text.insert(at, NOISE.charAt(random.nextInt(NOISE.length())));
          default -> text.insert(at, WORDS.get(random.nextInt(WORDS.size())));
        }
      }
      readOrRefuse(text.toString());
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void parse_ofAWrittenPredicate_givesItBack(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      Predicate predicate = predicate(random, 6);
      String text = write(predicate);
      if (text.length() < 5000) {
        assertThat(FilterParser.parse(text)).as(text).isEqualTo(predicate);
      }
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2})
  void parse_ofComparisons_isTheSameWithAndWithoutTheParser(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      FilterSource source =
          new FilterSource(
              "filter",
              IntStream.range(0, 1 + random.nextInt(5))
                  .mapToObj(term -> write(comparison(random)))
                  .collect(Collectors.joining(" AND ")));
      List<FilterToken> tokens = FilterLexer.tokens(source);

      assertThat(FilterParser.comparisons(tokens))
          .as(source.text())
          .contains(new FilterTree(source, tokens).predicate(FilterParser.tree(source, tokens)));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a = 1 AND ",
        "(a OR ",
        "NOT (",
        "((a = 1) OR ",
        "a IN ((((",
        "(a BETWEEN ",
        "(a) = (",
        "(a IS NULL AND NOT ",
        "((a, ",
        "(((a = b) OR (a = b)) AND "
      })
  void parse_ofLongNestedText_endsInTime(String piece) {
    for (int levels : new int[] {10, 60}) {
      int parentheses = (int) piece.chars().filter(c -> c == '(' || c == ')').count();
      int repeats = Math.max(1, levels / Math.max(1, parentheses));
      int closing =
          (int) piece.chars().filter(c -> c == '(').count()
              - (int) piece.chars().filter(c -> c == ')').count();
      String nested = piece.repeat(repeats) + "a = 1" + ")".repeat(closing * repeats);
      int copies = Math.max(1, 16_000 / (nested.length() + 5));
      readOrRefuse(String.join(" AND ", Collections.nCopies(copies, nested)));
      readOrRefuse(nested.repeat(Math.max(1, 16_000 / nested.length())));
    }
  }

  private static void readOrRefuse(String text) {
    long start = cpuNanos();
    try {
      FilterParser.parse(text);
    } catch (SlipwayException e) {
      assertThat(e.reason()).isEqualTo(ErrorReason.FILTER_INVALID);
      int position = Integer.parseInt(e.metadata().getOrDefault("position", "0"));
      assertThat(position).as(text).isBetween(1, text.codePointCount(0, text.length()) + 1);
    }
    assertThat(Duration.ofNanos(cpuNanos() - start)).as(text).isLessThan(PATIENCE);
  }

  /** This thread's own time, so that a busy machine doesn't count. */
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  /** In the parser's normal form: no chain directly within a chain of its kind. */
  private static Predicate predicate(Random random, int depth) {
    return switch (depth == 0 ? 3 + random.nextInt(6) : random.nextInt(9)) {
      case 0 ->
          new And(
              IntStream.range(0, 2 + random.nextInt(3))
                  .mapToObj(i -> except(random, depth - 1, And.class))
                  .toList());
      case 1 ->
          new Or(
              IntStream.range(0, 2 + random.nextInt(3))
                  .mapToObj(i -> except(random, depth - 1, Or.class))
                  .toList());
      case 2 -> new Not(predicate(random, depth - 1));
      case 3 ->
          new In(
              column(random),
              IntStream.range(0, 1 + random.nextInt(3)).mapToObj(i -> literal(random)).toList());
      case 4 -> new IsNull(column(random));
      case 5 -> new Like(column(random), text(random));
      case 6 -> new IsTrue(column(random));
      case 7 -> new Constant(random.nextBoolean());
      default -> comparison(random);
    };
  }

  private static Predicate except(Random random, int depth, Class<? extends Predicate> kind) {
    Predicate predicate = predicate(random, depth);
    return kind.isInstance(predicate) ? new Not(predicate) : predicate;
  }

  private static Compare comparison(Random random) {
    Comparison[] all = Comparison.values();
    return new Compare(
        column(random),
        all[random.nextInt(all.length)],
        random.nextInt(4) == 0 ? column(random) : literal(random));
  }

  private static Column column(Random random) {
    return new Column(List.of("a", "b", "year", "c d", "select", "AND").get(random.nextInt(6)));
  }

  private static Literal literal(Random random) {
    return switch (random.nextInt(3)) {
      case 0 ->
          new NumberLiteral(BigDecimal.valueOf(random.nextInt(2000) - 1000, random.nextInt(3)));
      case 1 -> new Operand.BooleanLiteral(random.nextBoolean());
      default -> new StringLiteral(text(random));
    };
  }

  private static String text(Random random) {
    return List.of("", "x", "it's", "%_", "a\\b", "-- (", "ä😀", "\n").get(random.nextInt(8));
  }

  private static String write(Predicate predicate) {
    if (predicate instanceof And and) {
      return and.terms().stream()
          .map(term -> "(" + write(term) + ")")
          .collect(Collectors.joining(" AND "));
    }
    if (predicate instanceof Or or) {
      return or.terms().stream()
          .map(term -> "(" + write(term) + ")")
          .collect(Collectors.joining(" OR "));
    }
    if (predicate instanceof Not not) {
      return "NOT (" + write(not.term()) + ")";
    }
    if (predicate instanceof Compare compare) {
      return write(compare.left()) + compare.comparison().sql() + write(compare.right());
    }
    if (predicate instanceof In in) {
      return in.values().stream()
          .map(FilterParserFuzzTest::write)
          .collect(Collectors.joining(",", write(in.column()) + " IN(", ")"));
    }
    if (predicate instanceof IsNull isNull) {
      return write(isNull.column()) + " IS NULL";
    }
    if (predicate instanceof Like like) {
      return write(like.column()) + " LIKE " + write(new StringLiteral(like.pattern()));
    }
    if (predicate instanceof IsTrue isTrue) {
      return write(isTrue.column());
    }
    return String.valueOf(((Constant) predicate).value());
  }

  private static String write(Operand operand) {
    if (operand instanceof Column column) {
      return "\"" + column.name() + "\"";
    }
    if (operand instanceof NumberLiteral number) {
      return number.value().toString();
    }
    if (operand instanceof StringLiteral text) {
      return "'" + text.value().replace("'", "''") + "'";
    }
    return String.valueOf(((Operand.BooleanLiteral) operand).value());
  }
}
