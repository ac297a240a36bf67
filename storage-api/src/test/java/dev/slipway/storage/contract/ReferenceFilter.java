package dev.slipway.storage.contract;

import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Operand.BooleanLiteral;
import dev.slipway.storage.predicate.Operand.Column;
import dev.slipway.storage.predicate.Operand.DateLiteral;
import dev.slipway.storage.predicate.Operand.InstantLiteral;
import dev.slipway.storage.predicate.Operand.NumberLiteral;
import dev.slipway.storage.predicate.Operand.StringLiteral;
import dev.slipway.storage.predicate.Operand.TimestampLiteral;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.predicate.Predicate.Comparison;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a predicate means, worked out slowly on plain values and from the text of {@link Predicate}
 * alone: nothing here binds, rewrites or looks at vectors. Empty stands for unknown.
 */
final class ReferenceFilter {
  private ReferenceFilter() {}

  static boolean keeps(Predicate predicate, Map<String, @Nullable Object> row) {
    return evaluate(predicate, row).orElse(false);
  }

  static Optional<Boolean> evaluate(Predicate predicate, Map<String, @Nullable Object> row) {
    if (predicate instanceof Predicate.And and) {
      return all(and.terms().stream().map(term -> evaluate(term, row)).toList());
    }
    if (predicate instanceof Predicate.Or or) {
      return all(or.terms().stream().map(term -> not(evaluate(term, row))).toList())
          .map(value -> !value);
    }
    if (predicate instanceof Predicate.Not not) {
      return not(evaluate(not.term(), row));
    }
    if (predicate instanceof Predicate.Compare compare) {
      return compare.left() instanceof Column column
          ? compare(value(column, row), compare.comparison(), value(compare.right(), row))
          : compare(
              value(compare.right(), row),
              compare.comparison().flipped(),
              value(compare.left(), row));
    }
    if (predicate instanceof Predicate.In in) {
      return not(
          all(
              in.values().stream()
                  .map(value -> compare(value(in.column(), row), Comparison.NOT_EQUAL, value))
                  .toList()));
    }
    if (predicate instanceof Predicate.IsNull isNull) {
      return Optional.of(value(isNull.column(), row) == null);
    }
    if (predicate instanceof Predicate.Like like) {
      return Optional.ofNullable(value(like.column(), row))
          .map(value -> regex(like.pattern()).matcher((String) value).matches());
    }
    if (predicate instanceof Predicate.IsTrue isTrue) {
      return Optional.ofNullable(value(isTrue.column(), row)).map(Boolean.TRUE::equals);
    }
    return Optional.of(((Predicate.Constant) predicate).value());
  }

  private static Optional<Boolean> all(java.util.List<Optional<Boolean>> truths) {
    if (truths.contains(Optional.of(false))) {
      return Optional.of(false);
    }
    return truths.contains(Optional.<Boolean>empty()) ? Optional.empty() : Optional.of(true);
  }

  private static Optional<Boolean> not(Optional<Boolean> truth) {
    return truth.map(value -> !value);
  }

  /** A column's value, or the literal itself. */
  private static @Nullable Object value(Operand operand, Map<String, @Nullable Object> row) {
    return operand instanceof Column column ? row.get(column.name()) : operand;
  }

  private static Optional<Boolean> compare(
      @Nullable Object left, Comparison comparison, @Nullable Object right) {
    if (left == null || right == null) {
      return Optional.empty();
    }
    int order = order(left, right);
    return Optional.of(
        switch (comparison) {
          case EQUAL -> order == 0;
          case NOT_EQUAL -> order != 0;
          case LESS -> order < 0;
          case LESS_OR_EQUAL -> order <= 0;
          case GREATER -> order > 0;
          case GREATER_OR_EQUAL -> order >= 0;
        });
  }

  private static int order(Object left, Object right) {
    if (left instanceof Double value) {
      return right instanceof NumberLiteral number
          ? floats(value, number.value(), number.value().doubleValue())
          : Double.compare(value, (Double) right);
    }
    if (left instanceof Float value) {
      return right instanceof NumberLiteral number
          ? floats(value, number.value(), number.value().floatValue())
          : Float.compare(value, (Float) right);
    }
    if (left instanceof Number number) {
      return decimal(number).compareTo(decimal(right));
    }
    if (left instanceof String text) {
      String other = right instanceof StringLiteral literal ? literal.value() : (String) right;
      return Arrays.compareUnsigned(
          text.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
    if (left instanceof Boolean bool) {
      boolean other = right instanceof BooleanLiteral literal ? literal.value() : (Boolean) right;
      return Boolean.compare(bool, other);
    }
    if (left instanceof Instant instant) {
      return instant.compareTo(instant(right));
    }
    LocalDateTime moment =
        left instanceof LocalDate date ? date.atStartOfDay() : (LocalDateTime) left;
    return moment.compareTo(moment(right));
  }

  /** A written number is rounded to the column's width; its zero is both zeroes. */
  private static int floats(double value, BigDecimal exact, double rounded) {
    if (Double.isInfinite(rounded)) {
      // Beyond every finite value, before infinity.
      boolean above = exact.signum() > 0;
      boolean beyond = above ? value > 0 && !Double.isFinite(value) : isLeast(value);
      return above ? (beyond || Double.isNaN(value) ? 1 : -1) : (beyond ? -1 : 1);
    }
    return rounded == 0 && value == 0 ? 0 : Double.compare(value, rounded);
  }

  private static boolean isLeast(double value) {
    return value == Double.NEGATIVE_INFINITY;
  }

  private static BigDecimal decimal(Object value) {
    if (value instanceof NumberLiteral literal) {
      return literal.value();
    }
    if (value instanceof BigInteger big) {
      return new BigDecimal(big);
    }
    return value instanceof BigDecimal decimal ? decimal : BigDecimal.valueOf((Long) value);
  }

  private static LocalDateTime moment(Object value) {
    if (value instanceof DateLiteral date) {
      return date.value().atStartOfDay();
    }
    if (value instanceof TimestampLiteral timestamp) {
      return timestamp.value();
    }
    if (value instanceof StringLiteral text) {
      return text.value().contains("T")
          ? LocalDateTime.parse(text.value())
          : LocalDate.parse(text.value()).atStartOfDay();
    }
    return value instanceof LocalDate date ? date.atStartOfDay() : (LocalDateTime) value;
  }

  private static Instant instant(Object value) {
    if (value instanceof InstantLiteral literal) {
      return literal.value();
    }
    return value instanceof StringLiteral text
        ? OffsetDateTime.parse(text.value()).toInstant()
        : (Instant) value;
  }

  private static Pattern regex(String pattern) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '%') {
        regex.append(".*");
      } else if (c == '_') {
        regex.append('.');
      } else {
        char literal = c == '\\' ? pattern.charAt(++i) : c;
        regex.append(Pattern.quote(String.valueOf(literal)));
      }
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }
}
