package dev.slipway.engine.matrix;

import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.StoreCall;
import dev.slipway.engine.fault.TableCall;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/** Calls of storage, counted, of which one isn't made: the process ends before it. */
final class Steps {
  private final int last;
  private final AtomicInteger made = new AtomicInteger();
  private final AtomicReference<Object> missed = new AtomicReference<>();

  /**
   * @param last the number of the call, from 1
   */
  Steps(int last) {
    this.last = last;
  }

  /** From here on the process's calls count, of its metadata store and of its tables alike. */
  void end(FaultyEngine engine) {
    engine.store().always(this::<StoreCall>isLast, engine.dies());
    endTables(engine, TableCall.any());
  }

  /** The same for some operations on tables alone. */
  void endTables(FaultyEngine engine, Predicate<TableCall> which) {
    engine.tables().before().always(call -> which.test(call) && isLast(call), engine.dies());
  }

  private <C> boolean isLast(C call) {
    boolean now = made.incrementAndGet() == last;
    if (now) {
      missed.set(call);
    }
    return now;
  }

  /** Whether there was such a call. */
  boolean cameToPass() {
    return missed.get() != null;
  }

  @Override
  public String toString() {
    return "call " + last + ", " + missed.get();
  }
}
