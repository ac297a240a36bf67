package dev.slipway.storage.predicate;

import dev.slipway.storage.predicate.Operand.Column;
import dev.slipway.storage.predicate.Operand.FloatLiteral;
import dev.slipway.storage.predicate.Predicate.And;
import dev.slipway.storage.predicate.Predicate.Compare;
import dev.slipway.storage.predicate.Predicate.Comparison;
import dev.slipway.storage.predicate.Predicate.Or;
import java.util.List;

/**
 * Comparisons of a float column with a number, for a backend that orders floats totally: {@code
 * -0.0} before {@code 0.0}, NaN after infinity. Either zero stands for both; a number beyond the
 * column's range lies between its greatest finite value and infinity.
 */
final class FloatComparison {
  private static final FloatLiteral NEGATIVE_ZERO = new FloatLiteral(-0.0);
  private static final FloatLiteral ZERO = new FloatLiteral(0.0);

  private FloatComparison() {}

  static Predicate of(Column column, Comparison comparison, LiteralFit fit) {
    FloatLiteral value = (FloatLiteral) fit.value();
    return switch (fit.place()) {
      case EXACT, BETWEEN ->
          value.value() == 0
              ? withZero(column, comparison)
              : new Compare(column, comparison, value);
      case ABOVE_ALL ->
          switch (comparison) {
            case EQUAL -> PredicateBinder.never(column);
            case NOT_EQUAL -> PredicateBinder.unlessNull(column);
            case LESS, LESS_OR_EQUAL -> new Compare(column, Comparison.LESS_OR_EQUAL, value);
            case GREATER, GREATER_OR_EQUAL -> new Compare(column, Comparison.GREATER, value);
          };
      case BELOW_ALL ->
          switch (comparison) {
            case EQUAL -> PredicateBinder.never(column);
            case NOT_EQUAL -> PredicateBinder.unlessNull(column);
            case LESS, LESS_OR_EQUAL -> new Compare(column, Comparison.LESS, value);
            case GREATER, GREATER_OR_EQUAL ->
                new Compare(column, Comparison.GREATER_OR_EQUAL, value);
          };
    };
  }

  private static Predicate withZero(Column column, Comparison comparison) {
    return switch (comparison) {
      case EQUAL ->
          new And(
              List.of(
                  withZero(column, Comparison.GREATER_OR_EQUAL),
                  withZero(column, Comparison.LESS_OR_EQUAL)));
      case NOT_EQUAL ->
          new Or(List.of(withZero(column, Comparison.LESS), withZero(column, Comparison.GREATER)));
      case LESS, GREATER_OR_EQUAL -> new Compare(column, comparison, NEGATIVE_ZERO);
      case LESS_OR_EQUAL, GREATER -> new Compare(column, comparison, ZERO);
    };
  }
}
