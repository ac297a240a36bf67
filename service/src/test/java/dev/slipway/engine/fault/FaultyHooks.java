package dev.slipway.engine.fault;

import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageOperation;
import dev.slipway.storage.TableId;

/**
 * Faults around a table storage's operations: those of {@link #before} keep one from happening,
 * those of {@link #after} lose its result.
 */
public final class FaultyHooks implements StorageHooks {
  private final Faults<TableCall> before = new Faults<>();
  private final Faults<TableCall> after = new Faults<>();
  private volatile Life life = new Life();

  /** From here on the operations are those of this process. */
  public void liveAs(Life process) {
    life = process;
  }

  public Faults<TableCall> before() {
    return before;
  }

  public Faults<TableCall> after() {
    return after;
  }

  @Override
  public void before(StorageOperation operation, TableId table) {
    before((Enum<?>) operation, table);
  }

  @Override
  public void after(StorageOperation operation, TableId table) {
    after((Enum<?>) operation, table);
  }

  void before(Enum<?> operation, TableId table) {
    life.check();
    before.around(new TableCall(operation, table), () -> table);
  }

  void after(Enum<?> operation, TableId table) {
    life.check();
    after.around(new TableCall(operation, table), () -> table);
  }
}
