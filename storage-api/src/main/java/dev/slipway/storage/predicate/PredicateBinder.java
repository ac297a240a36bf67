package dev.slipway.storage.predicate;

import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** Fits a predicate to a schema. PLACEHOLDER. */
public final class PredicateBinder {
  private PredicateBinder() {}

  public static Predicate bind(Predicate predicate, Schema schema) {
    return predicate;
  }

  public static Operand bindAssignment(Field target, Operand value, Schema schema) {
    return value;
  }
}
