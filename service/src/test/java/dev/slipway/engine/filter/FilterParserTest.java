package dev.slipway.engine.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Operand.BooleanLiteral;
import dev.slipway.storage.predicate.Operand.Column;
import dev.slipway.storage.predicate.Operand.DateLiteral;
import dev.slipway.storage.predicate.Operand.InstantLiteral;
import dev.slipway.storage.predicate.Operand.NullLiteral;
import dev.slipway.storage.predicate.Operand.NumberLiteral;
import dev.slipway.storage.predicate.Operand.StringLiteral;
import dev.slipway.storage.predicate.Operand.TimestampLiteral;
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
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilterParserTest {
  private static final Column A = new Column("a");
  private static final Column B = new Column("b");
  private static final Predicate A1 = equal(A, number("1"));
  private static final Predicate B2 = equal(B, number("2"));

  static Stream<Arguments> accepted() {
    return Stream.of(
        Arguments.of("a = 1", A1),
        Arguments.of("  a=1\n", A1),
        Arguments.of("(((a = 1)))", A1),
        Arguments.of("(a) = (1)", A1),
        Arguments.of("1 = a", equal(number("1"), A)),
        Arguments.of("a != 1", new Compare(A, Comparison.NOT_EQUAL, number("1"))),
        Arguments.of("a <> 1", new Compare(A, Comparison.NOT_EQUAL, number("1"))),
        Arguments.of("a<1", new Compare(A, Comparison.LESS, number("1"))),
        Arguments.of("a<=1", new Compare(A, Comparison.LESS_OR_EQUAL, number("1"))),
        Arguments.of("a>1", new Compare(A, Comparison.GREATER, number("1"))),
        Arguments.of("a>=b", new Compare(A, Comparison.GREATER_OR_EQUAL, B)),
        Arguments.of("a = -1.50e+3", equal(A, number("-1.50e+3"))),
        Arguments.of("a = + .5", equal(A, number(".5"))),
        Arguments.of("a = 5.", equal(A, number("5"))),
        Arguments.of("a = 'it''s'", equal(A, text("it's"))),
        Arguments.of("a = 'x\\'", equal(A, text("x\\"))),
        Arguments.of("a = '-- /* ? (('", equal(A, text("-- /* ? (("))),
        Arguments.of("a = ''", equal(A, text(""))),
        Arguments.of("a = TRUE", equal(A, new BooleanLiteral(true))),
        Arguments.of("a = DATE '2024-02-29'", equal(A, new DateLiteral(LocalDate.of(2024, 2, 29)))),
        Arguments.of(
            "a = timestamp'2024-02-29 01:02:03.5'",
            equal(A, new TimestampLiteral(LocalDateTime.parse("2024-02-29T01:02:03.5")))),
        Arguments.of(
            "a = TIMESTAMP '2024-02-29'",
            equal(A, new TimestampLiteral(LocalDateTime.parse("2024-02-29T00:00")))),
        Arguments.of(
            "a = TIMESTAMP '2024-02-29 01:02:03+01:00'",
            equal(A, new InstantLiteral(Instant.parse("2024-02-29T00:02:03Z")))),
        Arguments.of("date = 1", equal(new Column("date"), number("1"))),
        Arguments.of("year = 2007", equal(new Column("year"), number("2007"))),
        Arguments.of("select = 1", equal(new Column("select"), number("1"))),
        Arguments.of("größe = 1", equal(new Column("größe"), number("1"))),
        Arguments.of("`a b` = 1", equal(new Column("a b"), number("1"))),
        Arguments.of("\"and\" = 1", equal(new Column("and"), number("1"))),
        Arguments.of("a", new IsTrue(A)),
        Arguments.of("NOT a", new Not(new IsTrue(A))),
        Arguments.of("not not a", new Not(new Not(new IsTrue(A)))),
        Arguments.of("TRUE", new Constant(true)),
        Arguments.of("false or a = 1", new Or(List.of(new Constant(false), A1))),
        Arguments.of("a IS NULL", new IsNull(A)),
        Arguments.of("a is not null", new Not(new IsNull(A))),
        Arguments.of("a IS TRUE", and(new IsTrue(A), new Not(new IsNull(A)))),
        Arguments.of("a IS FALSE", and(new Not(new IsTrue(A)), new Not(new IsNull(A)))),
        Arguments.of("a IS NOT TRUE", new Not(and(new IsTrue(A), new Not(new IsNull(A))))),
        Arguments.of("a LIKE 'x%'", new Like(A, "x%")),
        Arguments.of("a NOT LIKE 'x%'", new Not(new Like(A, "x%"))),
        Arguments.of("a IN (1)", new In(A, List.of(number("1")))),
        Arguments.of("a IN (1, -2,'x')", new In(A, List.of(number("1"), number("-2"), text("x")))),
        Arguments.of("a NOT IN (1)", new Not(new In(A, List.of(number("1"))))),
        Arguments.of("NOT a IN (1)", new Not(new In(A, List.of(number("1"))))),
        Arguments.of("a BETWEEN 1 AND b", between(number("1"), B)),
        Arguments.of("a NOT BETWEEN 1 AND b", new Not(between(number("1"), B))),
        Arguments.of("a BETWEEN 1 AND b AND b = 2", and(between(number("1"), B), B2)),
        Arguments.of("a = 1 AND b = 2", and(A1, B2)),
        Arguments.of("a = 1 AND (b = 2 AND a)", and(A1, B2, new IsTrue(A))),
        Arguments.of("a = 1 OR b = 2 AND a", new Or(List.of(A1, and(B2, new IsTrue(A))))),
        Arguments.of("(a = 1 OR b = 2) AND a", and(new Or(List.of(A1, B2)), new IsTrue(A))),
        Arguments.of("NOT a = 1 AND b = 2", and(new Not(A1), B2)),
        Arguments.of("NOT (a = 1 AND b = 2)", new Not(and(A1, B2))));
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void parse_ofTheLanguage_givesThePredicate(String text, Predicate expected) {
    assertThat(FilterParser.parse(text)).isEqualTo(expected);
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("", 1),
        Arguments.of("   ", 4),
        Arguments.of("= 1", 1),
        Arguments.of("a =", 4),
        Arguments.of("a = ", 5),
        Arguments.of("a = = 1", 5),
        Arguments.of("a == 1", 4),
        Arguments.of("a = 1 AND", 10),
        Arguments.of("a = 1 AND AND b", 11),
        Arguments.of("a = 1 b = 2", 7),
        Arguments.of("a = 1; DROP TABLE x", 6),
        Arguments.of("a = 1 -- comment", 7),
        Arguments.of("a = 1 /* comment */", 7),
        Arguments.of("a = 1 # x", 7),
        Arguments.of("(a = 1", 7),
        Arguments.of("a = 1)", 6),
        Arguments.of("()", 2),
        Arguments.of("a = 'open", 5),
        Arguments.of("`open = 1", 1),
        Arguments.of("a = ?", 5),
        Arguments.of("a = :x", 5),
        Arguments.of("a = $1", 5),
        Arguments.of("a + 1 = 2", 3),
        Arguments.of("a = 1 + 2", 7),
        Arguments.of("a - 1 = 2", 3),
        Arguments.of("a = - -1", 5),
        Arguments.of("a || 'x' = 'x'", 3),
        Arguments.of("a = f(1)", 6),
        Arguments.of("f (1)", 3),
        Arguments.of("COUNT(*) > 1", 6),
        Arguments.of("t.a = 1", 2),
        Arguments.of("`t`.`a` = 1", 4),
        Arguments.of("a = 1 = 2", 7),
        Arguments.of("a < 1 < 2", 7),
        Arguments.of("a = 0x10", 6),
        Arguments.of("a = 1abc", 6),
        Arguments.of("a = 1e99999999999", 7),
        Arguments.of("a = (SELECT 1)", 13),
        Arguments.of("EXISTS (SELECT 1)", 8),
        Arguments.of("a = CAST(1 AS int)", 9),
        Arguments.of("a::int = 1", 2),
        Arguments.of("a = NULL", 5),
        Arguments.of("NULL <> a", 1),
        Arguments.of("a IN ()", 7),
        Arguments.of("a IN 1", 6),
        Arguments.of("a IN (1", 8),
        Arguments.of("a IN (1,)", 9),
        Arguments.of("a IN (b)", 7),
        Arguments.of("a IN (1, NULL)", 10),
        Arguments.of("1 IN (1)", 1),
        Arguments.of("a, b", 2),
        Arguments.of("(a, b) = 1", 2),
        Arguments.of("(a, b)", 2),
        Arguments.of("a LIKE b", 8),
        Arguments.of("a LIKE 1", 8),
        Arguments.of("'x' LIKE 'x'", 1),
        Arguments.of("a ILIKE 'x'", 3),
        Arguments.of("a LIKE 'x' ESCAPE '!'", 12),
        Arguments.of("a BETWEEN 1", 12),
        Arguments.of("a BETWEEN 1 OR 2", 13),
        Arguments.of("a IS 1", 6),
        Arguments.of("a IS NOT b", 10),
        Arguments.of("a IS DISTINCT FROM b", 6),
        Arguments.of("1 IS NULL", 1),
        Arguments.of("(a = 1) IS NULL", 2),
        Arguments.of("a = NOT b", 5),
        Arguments.of("(a AND b) = TRUE", 2),
        Arguments.of("1", 1),
        Arguments.of("a = 1 OR 'x'", 10),
        Arguments.of("a NOT 1", 7),
        Arguments.of("a ! b", 3),
        Arguments.of("[a] = 1", 1),
        Arguments.of("{d '2020-01-01'} = a", 1),
        Arguments.of("a = DATE '2023-02-29'", 10),
        Arguments.of("a = TIMESTAMP '2023-02-28 25:00:00'", 15),
        Arguments.of("😀 = 1", 1),
        Arguments.of("a = '😀😀' AND =", 14));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void parse_ofAnythingElse_isRefusedWithItsPosition(String text, int position) {
    SlipwayException refusal = refusal(text);

    assertThat(refusal.reason()).isEqualTo(ErrorReason.FILTER_INVALID);
    assertThat(refusal.metadata()).containsEntry("position", String.valueOf(position));
    assertThat(refusal.metadata()).containsEntry("field", "filter");
    assertThat(refusal.getMessage()).contains("at character " + position + ": ");
  }

  @Test
  void parse_ofAWordOutOfPlace_saysWhatWasExpectedAndFound() {
    assertThat(refusal("species = = 'Adelie'"))
        .hasMessage(
            "the filter isn't understood at character 11: expected a column, a literal, NOT or"
                + " '(', found '='");
    assertThat(refusal("species = 'Adelie' OR"))
        .hasMessage(
            "the filter isn't understood at character 22: expected a column, a literal, NOT or"
                + " '(', found the end");
    assertThat(refusal("lower(species) = 'adelie'"))
        .hasMessage(
            "the filter isn't understood at character 6: expected an operator behind 'lower':"
                + " there are no functions");
  }

  @Test
  void parse_ofAThousandTerms_givesOneFlatList() {
    String terms = String.join(" AND ", Collections.nCopies(1000, "a IS NULL"));
    String choices = String.join(" OR ", Collections.nCopies(1000, "a = 1"));

    assertThat(FilterParser.parse(terms))
        .isEqualTo(new And(Collections.nCopies(1000, new IsNull(A))));
    assertThat(FilterParser.parse(choices)).isEqualTo(new Or(Collections.nCopies(1000, A1)));
    assertThat(FilterParser.parse("a IN (" + "1,".repeat(5000) + "1)"))
        .isEqualTo(new In(A, Collections.nCopies(5001, number("1"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"(", "NOT ", "NOT ("})
  void parse_deeperThan64Levels_isRefused(String opening) {
    int levels = opening.equals("NOT (") ? 32 : 64;
    String closing = opening.contains("(") ? ")" : "";

    FilterParser.parse(opening.repeat(levels) + "a = 1" + closing.repeat(levels));
    SlipwayException refusal =
        refusal(opening.repeat(levels + 1) + "a = 1" + closing.repeat(levels + 1));

    assertThat(refusal).hasMessageContaining("nested at most 64 deep");
    assertThat(refusal.metadata())
        .containsEntry("position", String.valueOf(opening.length() * levels + 1));
  }

  @Test
  void parse_ofManyNotsSideBySide_isNotDeep() {
    String text = String.join(" AND ", Collections.nCopies(200, "NOT (NOT a)"));

    assertThat(FilterParser.parse(text))
        .isEqualTo(new And(Collections.nCopies(200, new Not(new Not(new IsTrue(A))))));
  }

  @Test
  void parse_of2000Parentheses_isRefused() {
    assertThat(refusal("(".repeat(2000) + "a = 1" + ")".repeat(2000)).reason())
        .isEqualTo(ErrorReason.FILTER_INVALID);
  }

  @Test
  void parse_ofMoreThan16KiB_isRefused() {
    String longest = "a = '" + "x".repeat(16 * 1024 - 6) + "'";
    String umlauts = "a = '" + "ä".repeat(8 * 1024 - 3) + "'";

    assertThat(FilterParser.parse(longest)).isInstanceOf(Compare.class);
    assertThat(FilterParser.parse(umlauts)).isInstanceOf(Compare.class);
    assertThat(refusal(longest + " ")).hasMessageContaining("at most 16384 bytes, found 16385");
    assertThat(refusal("ä" + umlauts)).hasMessageContaining("too long");
  }

  @Test
  void parse_ofALongWrongWord_keepsTheMessageShort() {
    assertThat(String.valueOf(refusal("a = " + "1".repeat(9000) + "x").getMessage()))
        .hasSizeLessThan(1024);
  }

  @Test
  void parseValue_ofALiteralOrColumn_givesIt() {
    assertThat(FilterParser.parseValue(" 'paid' ")).isEqualTo(text("paid"));
    assertThat(FilterParser.parseValue("-42")).isEqualTo(number("-42"));
    assertThat(FilterParser.parseValue("null")).isEqualTo(new NullLiteral());
    assertThat(FilterParser.parseValue("TRUE")).isEqualTo(new BooleanLiteral(true));
    assertThat(FilterParser.parseValue("old_price")).isEqualTo(new Column("old_price"));
    assertThat(FilterParser.parseValue("\"old price\"")).isEqualTo(new Column("old price"));
    assertThat(FilterParser.parseValue("DATE '2026-01-31'"))
        .isEqualTo(new DateLiteral(LocalDate.of(2026, 1, 31)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a + 1", "1 2", "(1)", "a = 1", "f()", "'open", "NOT a", "a; b"})
  void parseValue_ofAnythingElse_isRefused(String text) {
    SlipwayException refusal =
        catchThrowableOfType(SlipwayException.class, () -> FilterParser.parseValue(text));

    assertThat(refusal.reason()).isEqualTo(ErrorReason.FILTER_INVALID);
    assertThat(refusal.metadata()).containsEntry("field", "set").containsKey("position");
  }

  private static SlipwayException refusal(String text) {
    return catchThrowableOfType(SlipwayException.class, () -> FilterParser.parse(text));
  }

  private static Predicate between(Operand low, Operand high) {
    return and(
        new Compare(A, Comparison.GREATER_OR_EQUAL, low),
        new Compare(A, Comparison.LESS_OR_EQUAL, high));
  }

  private static Predicate equal(Operand left, Operand right) {
    return new Compare(left, Comparison.EQUAL, right);
  }

  private static Predicate and(Predicate... terms) {
    return new And(List.of(terms));
  }

  private static NumberLiteral number(String value) {
    return new NumberLiteral(new BigDecimal(value));
  }

  private static StringLiteral text(String value) {
    return new StringLiteral(value);
  }
}
