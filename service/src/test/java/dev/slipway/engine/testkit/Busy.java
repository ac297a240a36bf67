package dev.slipway.engine.testkit;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/** Knows when the executors around which it stands have nothing to do. */
final class Busy {
  private final AtomicInteger tasks = new AtomicInteger();

  Executor around(Executor executor) {
    return task -> {
      tasks.incrementAndGet();
      boolean accepted = false;
      try {
        executor.execute(
            () -> {
              try {
                task.run();
              } finally {
                tasks.decrementAndGet();
              }
            });
        accepted = true;
      } finally {
        if (!accepted) {
          tasks.decrementAndGet();
        }
      }
    };
  }

  void awaitIdle() {
    if (tasks.get() > 0) {
      await("the engine is idle")
          .pollInSameThread()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .atMost(Duration.ofSeconds(60))
          .until(() -> tasks.get() == 0);
    }
  }
}
