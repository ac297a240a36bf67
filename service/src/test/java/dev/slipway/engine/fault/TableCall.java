package dev.slipway.engine.fault;

import dev.slipway.storage.StorageOperation;
import dev.slipway.storage.TableId;
import java.util.function.Predicate;

/**
 * A call of a table storage, or of what acts on tables at once.
 *
 * @param operation a {@link StorageOperation} or a {@link ResidualOperation}
 */
public record TableCall(Enum<?> operation, TableId table) {
  public static Predicate<TableCall> any() {
    return call -> true;
  }

  public static Predicate<TableCall> of(Enum<?> operation) {
    return call -> call.operation == operation;
  }
}
