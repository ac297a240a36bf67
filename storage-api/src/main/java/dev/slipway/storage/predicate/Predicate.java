package dev.slipway.storage.predicate;

import java.util.List;

/**
 * A boolean expression over one row, in SQL's three-valued logic: a comparison with null is
 * unknown, and only rows for which the whole is true are kept.
 *
 * <p>Text is compared by its UTF-8 bytes, {@code false} comes before {@code true}. Floats are in
 * IEEE 754's total order: {@code -0.0} before {@code 0.0}, infinity before NaN, NaN equal to itself
 * (and, with its sign bit set, before everything). A number written in a comparison is first
 * rounded to the column's width, and a zero written there stands for both zeroes.
 */
public sealed interface Predicate {

  /** True if all are. */
  record And(List<Predicate> terms) implements Predicate {
    public And {
      terms = List.copyOf(terms);
    }
  }

  /** True if any is. */
  record Or(List<Predicate> terms) implements Predicate {
    public Or {
      terms = List.copyOf(terms);
    }
  }

  record Not(Predicate term) implements Predicate {}

  /** At least one side is a column once bound. */
  record Compare(Operand left, Comparison comparison, Operand right) implements Predicate {}

  /** {@code column IN (values)}; values aren't null, and there is at least one. */
  record In(Operand.Column column, List<Operand.Literal> values) implements Predicate {
    public In {
      values = List.copyOf(values);
    }
  }

  record IsNull(Operand.Column column) implements Predicate {}

  /**
   * {@code column LIKE pattern}: {@code %} stands for any characters, {@code _} for one, a
   * backslash takes the next character as it is. Case matters.
   */
  record Like(Operand.Column column, String pattern) implements Predicate {}

  /** A boolean column on its own. */
  record IsTrue(Operand.Column column) implements Predicate {}

  /** {@code TRUE} or {@code FALSE}. */
  record Constant(boolean value) implements Predicate {}

  enum Comparison {
    EQUAL("="),
    NOT_EQUAL("<>"),
    LESS("<"),
    LESS_OR_EQUAL("<="),
    GREATER(">"),
    GREATER_OR_EQUAL(">=");

    private final String sql;

    Comparison(String sql) {
      this.sql = sql;
    }

    public String sql() {
      return sql;
    }

    /** The comparison with its sides exchanged: {@code a < b} is {@code b > a}. */
    public Comparison flipped() {
      return switch (this) {
        case EQUAL, NOT_EQUAL -> this;
        case LESS -> GREATER;
        case LESS_OR_EQUAL -> GREATER_OR_EQUAL;
        case GREATER -> LESS;
        case GREATER_OR_EQUAL -> LESS_OR_EQUAL;
      };
    }
  }
}
