package dev.slipway.engine.simulation;

import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageOperation;
import dev.slipway.storage.TableId;
import org.jspecify.annotations.Nullable;

/** Tells the process whose strand calls the table storage. */
final class SimulatedHooks implements StorageHooks {
  private final Scheduler scheduler;

  SimulatedHooks(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  @Override
  public void before(StorageOperation operation, TableId table) {
    EngineProcess process = caller();
    if (process != null) {
      process.beforeTable(operation, table);
    }
  }

  @Override
  public void after(StorageOperation operation, TableId table) {
    EngineProcess process = caller();
    if (process != null) {
      boolean byEngineThread = scheduler.running().name().startsWith(process.name() + ".");
      process.afterTable(operation, table, byEngineThread);
    }
  }

  private @Nullable EngineProcess caller() {
    return scheduler.running().process();
  }
}
