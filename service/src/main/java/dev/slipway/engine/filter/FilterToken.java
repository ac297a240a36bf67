package dev.slipway.engine.filter;

import dev.slipway.storage.predicate.Operand;
import java.util.Optional;

/**
 * One word of a filter.
 *
 * @param start index of its first character in the text
 * @param text as written, for messages; for {@code COMPARISON} in its normal form
 * @param operand what it stands for, if it is a column or a literal
 */
record FilterToken(Kind kind, int start, String text, Optional<Operand> operand) {

  enum Kind {
    /** A column or a literal, {@code NULL}, {@code TRUE} and {@code FALSE} among them. */
    OPERAND,
    COMPARISON,
    AND,
    OR,
    NOT,
    IN,
    BETWEEN,
    LIKE,
    IS,
    OPEN,
    CLOSE,
    COMMA,
    END
  }

  static FilterToken word(Kind kind, int start, String text) {
    return new FilterToken(kind, start, text, Optional.empty());
  }

  static FilterToken operand(int start, String text, Operand operand) {
    return new FilterToken(Kind.OPERAND, start, text, Optional.of(operand));
  }

  /** What may stand behind {@code IS} and {@code IS NOT}. */
  boolean isNullOrBoolean() {
    return operand
        .filter(
            value ->
                value instanceof Operand.NullLiteral || value instanceof Operand.BooleanLiteral)
        .isPresent();
  }
}
