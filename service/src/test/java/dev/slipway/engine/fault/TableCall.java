package dev.slipway.engine.fault;

import dev.slipway.storage.StorageOperation;
import dev.slipway.storage.TableId;
import java.util.function.Predicate;

/** A call of a table storage. */
public record TableCall(StorageOperation operation, TableId table) {
  public static Predicate<TableCall> of(StorageOperation operation) {
    return call -> call.operation == operation;
  }
}
