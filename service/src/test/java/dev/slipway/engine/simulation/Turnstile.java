package dev.slipway.engine.simulation;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stands before a lock that the engine holds while it reads and writes: who would wait at the lock
 * with the baton in hand waits here without it.
 */
final class Turnstile {
  private final Scheduler scheduler;
  private @Nullable CompletableFuture<Void> taken;

  Turnstile(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  <T> T alone(Supplier<T> work) {
    for (CompletableFuture<Void> other = taken; other != null; other = taken) {
      scheduler.await(other);
    }
    CompletableFuture<Void> mine = new CompletableFuture<>();
    taken = mine;
    try {
      return work.get();
    } finally {
      taken = null;
      mine.complete(null);
    }
  }
}
