package dev.slipway.storage.memory;

import dev.slipway.storage.predicate.Operand.Literal;
import java.util.List;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VariableWidthVector;

/**
 * Compares values of a vector with others: those of another vector by row, or literals by their
 * place in ascending order. Nulls are the caller's to look for.
 */
@FunctionalInterface
interface ValueOrder {
  int compare(int row, int other);

  /** With the values of another vector of the same type. */
  static ValueOrder of(FieldVector left, FieldVector right) {
    if (left instanceof VariableWidthVector text) {
      return TextOrder.of(text, (VariableWidthVector) right);
    }
    if (left instanceof DecimalVector decimals) {
      return DecimalOrder.of(decimals, (DecimalVector) right);
    }
    LongKeys leftKeys = LongKeys.of(left);
    LongKeys rightKeys = LongKeys.of(right);
    return (row, other) -> Long.compare(leftKeys.at(row), rightKeys.at(other));
  }

  /** With literals of the kind that binding gives for the type; sorted here. */
  static ValueOrder of(FieldVector vector, List<Literal> literals) {
    if (vector instanceof VariableWidthVector text) {
      return TextOrder.of(text, literals);
    }
    if (vector instanceof DecimalVector decimals) {
      return DecimalOrder.of(decimals, literals);
    }
    LongKeys keys = LongKeys.of(vector);
    long[] sorted = literals.stream().mapToLong(keys::of).sorted().toArray();
    return (row, other) -> Long.compare(keys.at(row), sorted[other]);
  }
}
