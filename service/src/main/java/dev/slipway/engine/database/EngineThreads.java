package dev.slipway.engine.database;

import dev.slipway.engine.commit.Committer;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The engine's own threads: one set a server. Committers run on threads of their own, so that a
 * caller that leaves never takes a batch with it.
 */
public final class EngineThreads implements AutoCloseable {
  private static final long STOP_SECONDS = 30;

  private final ExecutorService committers = Executors.newCachedThreadPool(named("commit"));
  private final ExecutorService tables;
  private final ExecutorService background = Executors.newSingleThreadExecutor(named("background"));
  private final ScheduledThreadPoolExecutor delays =
      new ScheduledThreadPoolExecutor(1, named("delay"));

  /**
   * @param tableThreads how many tables of a commit are written at once
   */
  public EngineThreads(int tableThreads) {
    // What is due later needn't be done any more once this closes.
    delays.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.tables = Executors.newFixedThreadPool(tableThreads, named("table"));
  }

  public Committer.Work work() {
    return new Committer.Work(
        committers,
        tables,
        (delay, task) -> {
          var unused = delays.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        },
        EngineThreads::await);
  }

  public Executor background() {
    return background;
  }

  private static void await(CompletableFuture<?> future) {
    try {
      future.join();
    } catch (CompletionException | CancellationException e) {
      // Whoever waits looks at the future itself.
      return;
    }
  }

  private static ThreadFactory named(String name) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, "slipway-" + name + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /** Lets what is under way end; the databases are closed before. */
  @Override
  public void close() {
    for (ExecutorService executor :
        new ExecutorService[] {delays, committers, tables, background}) {
      executor.shutdown();
      try {
        if (!executor.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
          executor.shutdownNow();
        }
      } catch (InterruptedException e) {
        executor.shutdownNow();
        Thread.currentThread().interrupt();
      }
    }
  }
}
