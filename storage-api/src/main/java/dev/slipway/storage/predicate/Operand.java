package dev.slipway.storage.predicate;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;

/** One side of a comparison, or the value of an assignment. */
public sealed interface Operand {

  /** A top-level column, by its exact name. */
  record Column(String name) implements Operand {}

  /** A value written by a person. */
  sealed interface Literal extends Operand {}

  /** A number as written; binding checks that it fits the column. */
  record NumberLiteral(BigDecimal value) implements Literal {}

  /**
   * A number for a float column, as binding rounds it; -0.0 isn't 0.0 here. NaN and infinities
   * stand only in assignments.
   */
  record FloatLiteral(double value) implements Literal {}

  record StringLiteral(String value) implements Literal {}

  record BooleanLiteral(boolean value) implements Literal {}

  record DateLiteral(LocalDate value) implements Literal {}

  /** For timestamp columns without a zone. */
  record TimestampLiteral(LocalDateTime value) implements Literal {}

  /** For timestamp columns with a zone. */
  record InstantLiteral(Instant value) implements Literal {}

  /** Only in assignments. */
  record NullLiteral() implements Literal {}
}
