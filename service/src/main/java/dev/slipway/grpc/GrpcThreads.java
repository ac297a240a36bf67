package dev.slipway.grpc;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of the gRPC face. Queues are unbounded: what may enter them is counted before.
 *
 * @param callbacks takes messages apart; never blocks
 * @param work answers calls; blocks on storage, never on a client
 * @param uploads one thread for each upload that streams: blocks on its client
 * @param timer deadlines and idle times; never blocks
 */
public record GrpcThreads(
    ExecutorService callbacks,
    ExecutorService work,
    ExecutorService uploads,
    ScheduledExecutorService timer)
    implements AutoCloseable {

  public static GrpcThreads create(GrpcOptions options) {
    int cores = Runtime.getRuntime().availableProcessors();
    ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, named("grpc-timer"));
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    return new GrpcThreads(
        Executors.newFixedThreadPool(Math.max(2, cores), named("grpc-callback")),
        Executors.newFixedThreadPool(options.bounds().workers(), named("grpc-work")),
        Executors.newCachedThreadPool(named("grpc-upload")),
        timer);
  }

  /** Lets what is queued run, starts nothing new; doesn't wait. */
  @Override
  public void close() {
    List.of(callbacks, work, uploads, timer).forEach(ExecutorService::shutdown);
  }

  private static ThreadFactory named(String prefix) {
    AtomicInteger next = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, prefix + "-" + next.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
