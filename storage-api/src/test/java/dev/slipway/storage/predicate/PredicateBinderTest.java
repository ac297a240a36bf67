package dev.slipway.storage.predicate;

import static dev.slipway.storage.predicate.Predicate.Comparison.EQUAL;
import static dev.slipway.storage.predicate.Predicate.Comparison.GREATER;
import static dev.slipway.storage.predicate.Predicate.Comparison.GREATER_OR_EQUAL;
import static dev.slipway.storage.predicate.Predicate.Comparison.LESS;
import static dev.slipway.storage.predicate.Predicate.Comparison.LESS_OR_EQUAL;
import static dev.slipway.storage.predicate.Predicate.Comparison.NOT_EQUAL;
import static dev.slipway.storage.testkit.Columns.binary;
import static dev.slipway.storage.testkit.Columns.bool;
import static dev.slipway.storage.testkit.Columns.date;
import static dev.slipway.storage.testkit.Columns.decimal;
import static dev.slipway.storage.testkit.Columns.float16;
import static dev.slipway.storage.testkit.Columns.float32;
import static dev.slipway.storage.testkit.Columns.float64;
import static dev.slipway.storage.testkit.Columns.int32;
import static dev.slipway.storage.testkit.Columns.int8;
import static dev.slipway.storage.testkit.Columns.list;
import static dev.slipway.storage.testkit.Columns.required;
import static dev.slipway.storage.testkit.Columns.schema;
import static dev.slipway.storage.testkit.Columns.time;
import static dev.slipway.storage.testkit.Columns.timestamp;
import static dev.slipway.storage.testkit.Columns.uint64;
import static dev.slipway.storage.testkit.Columns.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.predicate.Operand.BooleanLiteral;
import dev.slipway.storage.predicate.Operand.Column;
import dev.slipway.storage.predicate.Operand.DateLiteral;
import dev.slipway.storage.predicate.Operand.FloatLiteral;
import dev.slipway.storage.predicate.Operand.InstantLiteral;
import dev.slipway.storage.predicate.Operand.Literal;
import dev.slipway.storage.predicate.Operand.NullLiteral;
import dev.slipway.storage.predicate.Operand.NumberLiteral;
import dev.slipway.storage.predicate.Operand.StringLiteral;
import dev.slipway.storage.predicate.Operand.TimestampLiteral;
import dev.slipway.storage.predicate.Predicate.And;
import dev.slipway.storage.predicate.Predicate.Compare;
import dev.slipway.storage.predicate.Predicate.Comparison;
import dev.slipway.storage.predicate.Predicate.Constant;
import dev.slipway.storage.predicate.Predicate.In;
import dev.slipway.storage.predicate.Predicate.IsNull;
import dev.slipway.storage.predicate.Predicate.IsTrue;
import dev.slipway.storage.predicate.Predicate.Like;
import dev.slipway.storage.predicate.Predicate.Or;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class PredicateBinderTest {
  private static final Schema SCHEMA =
      schema(
          int8("i8"),
          int32("i32"),
          required(int32("must")),
          uint64("u64"),
          float32("f32"),
          float64("f64"),
          float16("f16"),
          decimal("dec", 6, 2),
          bool("flag"),
          utf8("text"),
          date("day"),
          time("clock", TimeUnit.SECOND),
          timestamp("ts", TimeUnit.MILLISECOND, null),
          timestamp("ns", TimeUnit.NANOSECOND, null),
          timestamp("tz", TimeUnit.MICROSECOND, "UTC"),
          list("numbers", int32("item")),
          binary("bytes"));

  private static Predicate bind(Predicate predicate) {
    Predicate bound = PredicateBinder.bind(predicate, SCHEMA);
    assertThat(PredicateBinder.bind(bound, SCHEMA)).as("bound again").isEqualTo(bound);
    return bound;
  }

  private static StorageException refused(StorageErrorCode code, Predicate predicate) {
    StorageException failure =
        catchThrowableOfType(StorageException.class, () -> PredicateBinder.bind(predicate, SCHEMA));
    assertThat(failure).isNotNull();
    assertThat(failure.code()).isEqualTo(code);
    return failure;
  }

  private static Compare compare(String column, Comparison comparison, Literal literal) {
    return new Compare(new Column(column), comparison, literal);
  }

  private static NumberLiteral number(String value) {
    return new NumberLiteral(new BigDecimal(value));
  }

  private static Predicate never(String column) {
    return new Compare(new Column(column), NOT_EQUAL, new Column(column));
  }

  private static Predicate unlessNull(String column) {
    return new Compare(new Column(column), EQUAL, new Column(column));
  }

  @Nested
  class Numbers {
    @Test
    void integer_wholeNumber_isKept() {
      assertThat(bind(compare("i32", LESS, number("5.00"))))
          .isEqualTo(compare("i32", LESS, number("5")));
      assertThat(bind(compare("i32", LESS, number("1e3"))))
          .isEqualTo(compare("i32", LESS, number("1000")));
    }

    @Test
    void integer_fraction_isRewritten() {
      assertThat(bind(compare("i32", EQUAL, number("5.5")))).isEqualTo(never("i32"));
      assertThat(bind(compare("i32", NOT_EQUAL, number("5.5")))).isEqualTo(unlessNull("i32"));
      assertThat(bind(compare("i32", GREATER, number("5.5"))))
          .isEqualTo(compare("i32", GREATER, number("5")));
      assertThat(bind(compare("i32", GREATER_OR_EQUAL, number("5.5"))))
          .isEqualTo(compare("i32", GREATER, number("5")));
      assertThat(bind(compare("i32", LESS, number("-5.5"))))
          .isEqualTo(compare("i32", LESS_OR_EQUAL, number("-6")));
      assertThat(bind(compare("i32", LESS_OR_EQUAL, number("5.5"))))
          .isEqualTo(compare("i32", LESS_OR_EQUAL, number("5")));
    }

    @Test
    void integer_outOfRange_isRewritten() {
      assertThat(bind(compare("i8", EQUAL, number("128")))).isEqualTo(never("i8"));
      assertThat(bind(compare("i8", LESS, number("128")))).isEqualTo(unlessNull("i8"));
      assertThat(bind(compare("i8", GREATER, number("127.5")))).isEqualTo(never("i8"));
      assertThat(bind(compare("i8", GREATER, number("-128.5")))).isEqualTo(unlessNull("i8"));
      assertThat(bind(compare("i8", LESS_OR_EQUAL, number("-1e9")))).isEqualTo(never("i8"));
      assertThat(bind(compare("u64", GREATER_OR_EQUAL, number("-1")))).isEqualTo(unlessNull("u64"));
      assertThat(bind(compare("u64", EQUAL, number("18446744073709551615"))))
          .isEqualTo(compare("u64", EQUAL, number("18446744073709551615")));
      assertThat(bind(compare("u64", EQUAL, number("18446744073709551616"))))
          .isEqualTo(never("u64"));
    }

    @Test
    void integer_hugeExponents_takeNoTime() {
      assertThat(bind(compare("i32", LESS, number("1e999999999")))).isEqualTo(unlessNull("i32"));
      assertThat(bind(compare("i32", LESS, number("-1e999999999")))).isEqualTo(never("i32"));
      assertThat(bind(compare("i32", GREATER, number("1e-999999999"))))
          .isEqualTo(compare("i32", GREATER, number("0")));
      assertThat(bind(compare("i32", GREATER, number("-1e-999999999"))))
          .isEqualTo(compare("i32", GREATER, number("-1")));
      assertThat(bind(compare("dec", LESS, number("1e-999999999"))))
          .isEqualTo(compare("dec", LESS_OR_EQUAL, number("0.00")));
    }

    @Test
    void decimal_finerOrGreaterThanTheColumn_isRewritten() {
      assertThat(bind(compare("dec", EQUAL, number("1.5"))))
          .isEqualTo(compare("dec", EQUAL, number("1.50")));
      assertThat(bind(compare("dec", EQUAL, number("1.505")))).isEqualTo(never("dec"));
      assertThat(bind(compare("dec", LESS, number("1.505"))))
          .isEqualTo(compare("dec", LESS_OR_EQUAL, number("1.50")));
      assertThat(bind(compare("dec", LESS, number("10000")))).isEqualTo(unlessNull("dec"));
      assertThat(bind(compare("dec", EQUAL, number("9999.99"))))
          .isEqualTo(compare("dec", EQUAL, number("9999.99")));
    }

    @Test
    void float_number_isRoundedToTheColumnsWidth() {
      assertThat(bind(compare("f32", LESS, number("0.1"))))
          .isEqualTo(compare("f32", LESS, new FloatLiteral(0.1f)));
      assertThat(bind(compare("f64", LESS, number("0.1"))))
          .isEqualTo(compare("f64", LESS, new FloatLiteral(0.1)));
    }

    @Test
    void float_zero_standsForBothZeroes() {
      Predicate atLeast = compare("f64", GREATER_OR_EQUAL, new FloatLiteral(-0.0));
      Predicate atMost = compare("f64", LESS_OR_EQUAL, new FloatLiteral(0.0));
      assertThat(bind(compare("f64", EQUAL, number("0"))))
          .isEqualTo(new And(List.of(atLeast, atMost)));
      assertThat(bind(compare("f64", GREATER_OR_EQUAL, number("0")))).isEqualTo(atLeast);
      assertThat(bind(compare("f64", LESS, number("0"))))
          .isEqualTo(compare("f64", LESS, new FloatLiteral(-0.0)));
      assertThat(bind(compare("f64", NOT_EQUAL, number("0")))).isInstanceOf(Or.class);
      assertThat(bind(new In(new Column("f32"), List.of(number("0"), number("1")))))
          .isEqualTo(
              new In(
                  new Column("f32"),
                  List.of(new FloatLiteral(0.0), new FloatLiteral(-0.0), new FloatLiteral(1))));
    }

    @Test
    void float_beyondTheRange_liesBeforeInfinity() {
      double max = Float.MAX_VALUE;
      assertThat(bind(compare("f32", LESS, number("1e39"))))
          .isEqualTo(compare("f32", LESS_OR_EQUAL, new FloatLiteral(max)));
      assertThat(bind(compare("f32", GREATER_OR_EQUAL, number("1e39"))))
          .isEqualTo(compare("f32", GREATER, new FloatLiteral(max)));
      assertThat(bind(compare("f32", GREATER, number("-1e39"))))
          .isEqualTo(compare("f32", GREATER_OR_EQUAL, new FloatLiteral(-max)));
      assertThat(bind(compare("f64", EQUAL, number("-1e400")))).isEqualTo(never("f64"));
    }

    @Test
    void float_nanInComparison_isRefused() {
      refused(StorageErrorCode.FILTER_INVALID, compare("f64", EQUAL, new FloatLiteral(Double.NaN)));
    }
  }

  @Nested
  class Times {
    @Test
    void date_textAndTimestamps_areFitted() {
      assertThat(bind(compare("day", EQUAL, new StringLiteral("2024-02-29"))))
          .isEqualTo(compare("day", EQUAL, new DateLiteral(LocalDate.of(2024, 2, 29))));
      assertThat(bind(compare("day", LESS, new StringLiteral("2024-02-29 12:00:00"))))
          .isEqualTo(compare("day", LESS_OR_EQUAL, new DateLiteral(LocalDate.of(2024, 2, 29))));
    }

    @Test
    void timestamp_textDateAndFinerUnit_areFitted() {
      LocalDateTime moment = LocalDateTime.of(2024, 2, 29, 1, 2, 3);
      assertThat(bind(compare("ts", EQUAL, new StringLiteral("2024-02-29 01:02:03"))))
          .isEqualTo(compare("ts", EQUAL, new TimestampLiteral(moment)));
      assertThat(bind(compare("ts", EQUAL, new DateLiteral(LocalDate.EPOCH))))
          .isEqualTo(compare("ts", EQUAL, new TimestampLiteral(LocalDate.EPOCH.atStartOfDay())));
      assertThat(bind(compare("ts", GREATER_OR_EQUAL, new TimestampLiteral(moment.plusNanos(1)))))
          .isEqualTo(compare("ts", GREATER, new TimestampLiteral(moment)));
      LocalDateTime before = LocalDate.EPOCH.atStartOfDay().minusNanos(1);
      assertThat(bind(compare("ts", LESS, new TimestampLiteral(before))))
          .isEqualTo(
              compare("ts", LESS_OR_EQUAL, new TimestampLiteral(before.minusNanos(999_999))));
    }

    @Test
    void nanoseconds_beyondTheirRange_areRewritten() {
      LocalDateTime far = LocalDateTime.of(3000, 1, 1, 0, 0);
      assertThat(bind(compare("ns", LESS, new TimestampLiteral(far)))).isEqualTo(unlessNull("ns"));
      assertThat(bind(compare("ns", EQUAL, new TimestampLiteral(far)))).isEqualTo(never("ns"));
      assertThat(bind(compare("ns", LESS, new StringLiteral("1600-01-01")))).isEqualTo(never("ns"));
    }

    @Test
    void zonedTimestamp_needsAnOffset() {
      Instant instant = Instant.parse("2024-02-29T00:00:00Z");
      assertThat(bind(compare("tz", EQUAL, new StringLiteral("2024-02-29T02:00:00+02:00"))))
          .isEqualTo(compare("tz", EQUAL, new InstantLiteral(instant)));
      refused(
          StorageErrorCode.FILTER_INVALID,
          compare("tz", EQUAL, new StringLiteral("2024-02-29 02:00:00")));
      refused(
          StorageErrorCode.FILTER_INVALID,
          compare("ts", EQUAL, new StringLiteral("2024-02-29T02:00:00Z")));
      refused(StorageErrorCode.FILTER_INVALID, compare("ts", EQUAL, new InstantLiteral(instant)));
    }

    @Test
    void text_thatIsNoDate_isRefusedNamingBoth() {
      assertThat(
              refused(
                  StorageErrorCode.FILTER_INVALID,
                  compare("day", EQUAL, new StringLiteral("yesterday"))))
          .hasMessageContaining("'day'")
          .hasMessageContaining("Date")
          .hasMessageContaining("'yesterday'");
    }

    @Test
    void years_outOf1To9999_areRefused() {
      refused(
          StorageErrorCode.FILTER_INVALID,
          compare("day", EQUAL, new DateLiteral(LocalDate.of(10_000, 1, 1))));
      refused(
          StorageErrorCode.FILTER_INVALID,
          compare("ts", EQUAL, new DateLiteral(LocalDate.of(0, 1, 1))));
    }
  }

  @Nested
  class Shapes {
    @Test
    void literalOnTheLeft_isFlipped() {
      assertThat(bind(new Compare(number("5"), LESS, new Column("i32"))))
          .isEqualTo(compare("i32", GREATER, number("5")));
    }

    @Test
    void columns_ofOneType_areCompared() {
      Predicate same = new Compare(new Column("i32"), LESS, new Column("must"));
      assertThat(bind(same)).isEqualTo(same);
      assertThat(
              refused(
                  StorageErrorCode.FILTER_INVALID,
                  new Compare(new Column("i32"), LESS, new Column("i8"))))
          .hasMessageContaining("'i8'");
    }

    @Test
    void twoLiterals_areRefused() {
      refused(StorageErrorCode.FILTER_INVALID, new Compare(number("1"), EQUAL, number("1")));
    }

    @Test
    void null_inComparisonOrIn_isRefusedWithAHint() {
      assertThat(refused(StorageErrorCode.FILTER_INVALID, compare("i32", EQUAL, new NullLiteral())))
          .hasMessageContaining("IS NULL");
      assertThat(
              refused(
                  StorageErrorCode.FILTER_INVALID,
                  new In(new Column("i32"), List.of(number("1"), new NullLiteral()))))
          .hasMessageContaining("IS NULL");
    }

    @Test
    void in_valuesThatCannotBe_areLeftOut() {
      assertThat(bind(new In(new Column("i8"), List.of(number("1"), number("1.5"), number("1.0")))))
          .isEqualTo(new In(new Column("i8"), List.of(number("1"))));
      assertThat(bind(new In(new Column("i8"), List.of(number("1.5"), number("500")))))
          .isEqualTo(never("i8"));
      refused(StorageErrorCode.FILTER_INVALID, new In(new Column("i8"), List.of()));
    }

    @Test
    void andOr_emptyOrSingle_areSimplified() {
      assertThat(bind(new And(List.of()))).isEqualTo(new Constant(true));
      assertThat(bind(new Or(List.of()))).isEqualTo(new Constant(false));
      assertThat(bind(new And(List.of(new IsTrue(new Column("flag"))))))
          .isEqualTo(new IsTrue(new Column("flag")));
    }

    @Test
    void unknownColumn_anywhere_isNotFound() {
      Column none = new Column("Text");
      refused(StorageErrorCode.COLUMN_NOT_FOUND, new IsNull(none));
      refused(StorageErrorCode.COLUMN_NOT_FOUND, new IsTrue(none));
      refused(StorageErrorCode.COLUMN_NOT_FOUND, new Like(none, "%"));
      refused(StorageErrorCode.COLUMN_NOT_FOUND, new In(none, List.of(number("1"))));
      refused(StorageErrorCode.COLUMN_NOT_FOUND, new Compare(none, EQUAL, number("1")));
      refused(
          StorageErrorCode.COLUMN_NOT_FOUND,
          new Predicate.Not(new Compare(new Column("i32"), EQUAL, none)));
    }

    @Test
    void otherTypes_takeOnlyIsNull() {
      for (String column : List.of("numbers", "bytes", "clock", "f16")) {
        Predicate isNull = new IsNull(new Column(column));
        assertThat(bind(isNull)).isEqualTo(isNull);
        assertThat(refused(StorageErrorCode.FILTER_INVALID, compare(column, EQUAL, number("1"))))
            .hasMessageContaining("IS NULL");
      }
    }

    @Test
    void literalsOfOtherKinds_areRefused() {
      refused(StorageErrorCode.FILTER_INVALID, compare("i32", EQUAL, new StringLiteral("5")));
      refused(StorageErrorCode.FILTER_INVALID, compare("text", EQUAL, number("5")));
      refused(StorageErrorCode.FILTER_INVALID, compare("flag", EQUAL, number("1")));
      refused(StorageErrorCode.FILTER_INVALID, compare("i32", EQUAL, new BooleanLiteral(true)));
      refused(StorageErrorCode.FILTER_INVALID, compare("text", EQUAL, new StringLiteral("\ud800")));
      refused(StorageErrorCode.FILTER_INVALID, new IsTrue(new Column("i32")));
      refused(StorageErrorCode.FILTER_INVALID, new Like(new Column("i32"), "5"));
      refused(StorageErrorCode.FILTER_INVALID, new Like(new Column("text"), "a\\"));
      Predicate escaped = new Like(new Column("text"), "a\\\\");
      assertThat(bind(escaped)).isEqualTo(escaped);
    }
  }

  @Nested
  class Assignments {
    private static StorageErrorCode refusal(String column, Operand value) {
      return catchThrowableOfType(
              StorageException.class,
              () -> PredicateBinder.bindAssignment(SCHEMA.findField(column), value, SCHEMA))
          .code();
    }

    private static Operand bound(String column, Operand value) {
      return PredicateBinder.bindAssignment(SCHEMA.findField(column), value, SCHEMA);
    }

    @Test
    void literals_areConvertedToTheColumnsType() {
      assertThat(bound("i8", number("1e2"))).isEqualTo(number("100"));
      assertThat(bound("dec", number("1"))).isEqualTo(number("1.00"));
      assertThat(bound("f32", number("0.1"))).isEqualTo(new FloatLiteral(0.1f));
      assertThat(bound("f16", number("0.5"))).isEqualTo(new FloatLiteral(0.5));
      assertThat(bound("f64", new FloatLiteral(Double.NaN)))
          .isEqualTo(new FloatLiteral(Double.NaN));
      assertThat(bound("day", new StringLiteral("2024-02-29")))
          .isEqualTo(new DateLiteral(LocalDate.of(2024, 2, 29)));
      assertThat(bound("numbers", new NullLiteral())).isEqualTo(new NullLiteral());
      assertThat(bound("numbers", new Column("numbers"))).isEqualTo(new Column("numbers"));
    }

    @Test
    void values_thatDoNotFit_areRefused() {
      assertThat(refusal("i8", number("128"))).isEqualTo(StorageErrorCode.ROW_INVALID);
      assertThat(refusal("i8", number("1.5"))).isEqualTo(StorageErrorCode.ROW_INVALID);
      assertThat(refusal("dec", number("1.005"))).isEqualTo(StorageErrorCode.ROW_INVALID);
      assertThat(refusal("f32", number("1e39"))).isEqualTo(StorageErrorCode.ROW_INVALID);
      assertThat(refusal("must", new NullLiteral())).isEqualTo(StorageErrorCode.ROW_INVALID);
      assertThat(refusal("ts", new StringLiteral("2024-01-01T00:00:00.0001")))
          .isEqualTo(StorageErrorCode.ROW_INVALID);
      assertThat(refusal("i8", new StringLiteral("1"))).isEqualTo(StorageErrorCode.SCHEMA_MISMATCH);
      assertThat(refusal("f64", new StringLiteral("1")))
          .isEqualTo(StorageErrorCode.SCHEMA_MISMATCH);
      assertThat(refusal("must", new Column("i32"))).isEqualTo(StorageErrorCode.SCHEMA_MISMATCH);
      assertThat(refusal("i32", new Column("i8"))).isEqualTo(StorageErrorCode.SCHEMA_MISMATCH);
      assertThat(refusal("bytes", new StringLiteral("x")))
          .isEqualTo(StorageErrorCode.SCHEMA_MISMATCH);
    }
  }
}
