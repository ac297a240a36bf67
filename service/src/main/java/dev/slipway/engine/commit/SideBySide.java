package dev.slipway.engine.commit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs jobs at the same time and returns when all have ended. The calling thread takes jobs too, in
 * order, so they get done also while the executor has no thread to give. Safe for use by many
 * threads.
 */
record SideBySide(Executor executor, Committer.Waiter waiter) {
  private static final Logger LOG = LoggerFactory.getLogger(SideBySide.class);

  /** Throws what the first job in order threw; the failures of others are suppressed in it. */
  void run(List<Runnable> jobs) {
    List<CompletableFuture<Void>> ends = new ArrayList<>();
    jobs.forEach(job -> ends.add(new CompletableFuture<>()));
    AtomicInteger next = new AtomicInteger();
    Runnable share =
        () -> {
          for (int i = next.getAndIncrement(); i < jobs.size(); i = next.getAndIncrement()) {
            run(jobs.get(i), ends.get(i));
          }
        };
    for (int others = 1; others < jobs.size(); others++) {
      if (!start(share)) {
        break;
      }
    }
    share.run();
    await(ends);
  }

  private boolean start(Runnable share) {
    try {
      executor.execute(share);
      return true;
    } catch (RuntimeException | Error e) {
      LOG.warn("no other thread can be had; one does it all: {}", e.toString());
      return false;
    }
  }

  private static void run(Runnable job, CompletableFuture<Void> end) {
    try {
      job.run();
      end.complete(null);
    } catch (RuntimeException | Error e) {
      end.completeExceptionally(e);
    }
  }

  /** All must have ended before anything is decided. */
  private void await(List<CompletableFuture<Void>> ends) {
    @Nullable Throwable failure = null;
    for (CompletableFuture<Void> end : ends) {
      waiter.await(end);
      try {
        end.join();
      } catch (CompletionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        if (failure == null) {
          failure = cause;
        } else if (failure != cause) {
          failure.addSuppressed(cause);
        }
      }
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException exception) {
      throw exception;
    }
  }
}
