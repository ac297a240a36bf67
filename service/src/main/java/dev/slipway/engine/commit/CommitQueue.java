package dev.slipway.engine.commit;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.storage.MetadataStore;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits to be decided: whatever waits while a batch is published becomes the next batch. Never
 * sleeps to gather, unless a commit allows it. Safe for use by many threads.
 */
final class CommitQueue {
  private static final Logger LOG = LoggerFactory.getLogger(CommitQueue.class);

  /** What the intents of a batch may come to: what is in store has at most twice as much. */
  static final long MAX_INTENT_BYTES = MetadataStore.MAX_VALUE_BYTES / 2;

  private final CommitParts parts;
  private final Committer.Work work;
  private final Deque<Operation> operations = new ArrayDeque<>();
  private final Deque<Task> tasks = new ArrayDeque<>();
  private final Map<String, Operation> inFlight = new HashMap<>();
  private final CompletableFuture<Void> drained = new CompletableFuture<>();
  private boolean running;
  private boolean closed;

  CommitQueue(CommitParts parts, Committer.Work work) {
    this.parts = parts;
    this.work = work;
  }

  /** Runs in turn with others; {@code done} tells how it ended. */
  private record Task(Runnable work, CompletableFuture<Void> done) {}

  /** Whether a request waits or is being decided. */
  synchronized boolean isInFlight(String request) {
    Operation operation = inFlight.get(request);
    return operation != null && !operation.answer().isDone();
  }

  /**
   * Adds a commit, or joins the same request of the same client if that is in flight.
   *
   * @param maxDelay how long it may wait for others to share its batch
   */
  Operation join(OperationSpec spec, Duration maxDelay) {
    Operation operation;
    synchronized (this) {
      requireOpen();
      String request = spec.request();
      if (request != null) {
        Operation other = inFlight.get(request);
        if (other != null
            && !other.answer().isDone()
            && other.spec().actor().equals(spec.actor())) {
          if (!Objects.equals(other.spec().digest(), spec.digest())) {
            throw Replay.reused(request);
          }
          if (other.join()) {
            return other;
          }
        }
      }
      operation = Operation.commit(spec);
      if (request != null) {
        inFlight.put(request, operation);
        Operation mine = operation;
        var unused = operation.answer().whenComplete((decided, failure) -> forget(request, mine));
      }
      operations.add(operation);
    }
    if (maxDelay.isZero() || maxDelay.isNegative()) {
      run();
    } else {
      work.delayer().after(maxDelay, this::run);
    }
    return operation;
  }

  private synchronized void forget(String request, Operation operation) {
    inFlight.remove(request, operation);
  }

  void add(Operation operation) {
    synchronized (this) {
      requireOpen();
      operations.add(operation);
    }
    run();
  }

  /** Has something run while no batch is; before batches that wait. */
  CompletableFuture<Void> inTurn(Runnable task) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    synchronized (this) {
      requireOpen();
      tasks.add(new Task(task, done));
    }
    run();
    return done;
  }

  /** Refuses what comes; done when nothing waits or runs any more. */
  CompletableFuture<Void> close() {
    synchronized (this) {
      closed = true;
      if (!running && operations.isEmpty() && tasks.isEmpty()) {
        drained.complete(null);
      }
    }
    run();
    return drained;
  }

  private void requireOpen() {
    if (closed) {
      throw SlipwayException.of(ErrorReason.SHUTTING_DOWN, "the database is closing")
          .retryAfter(Duration.ofSeconds(1));
    }
  }

  private void run() {
    synchronized (this) {
      if (running || (operations.isEmpty() && tasks.isEmpty())) {
        return;
      }
      running = true;
    }
    try {
      work.runner().execute(this::drain);
    } catch (RuntimeException | Error e) {
      LOG.error("no thread can be had for commits", e);
      refuseWaiting(
          SlipwayException.of(
                  ErrorReason.OVERLOADED, "no thread can be had for the commit; try again")
              .retryAfter(Duration.ofSeconds(1))
              .causedBy(e));
    }
  }

  /** Nothing of what waits has begun; none of it may begin once it is answered. */
  private void refuseWaiting(SlipwayException why) {
    List<Operation> waiting;
    List<Task> waitingTasks;
    synchronized (this) {
      waiting = List.copyOf(operations);
      waitingTasks = List.copyOf(tasks);
      operations.clear();
      tasks.clear();
      stopped();
    }
    waiting.forEach(operation -> operation.fail(why));
    waitingTasks.forEach(task -> task.done().completeExceptionally(why));
  }

  private synchronized void stopped() {
    running = false;
    if (closed) {
      drained.complete(null);
    }
  }

  private void drain() {
    while (true) {
      Task task;
      synchronized (this) {
        if (!tasks.isEmpty()) {
          task = tasks.remove();
        } else if (!operations.isEmpty()) {
          task = decide(nextBatch());
        } else {
          stopped();
          return;
        }
      }
      try {
        task.work().run();
        task.done().complete(null);
      } catch (RuntimeException | Error e) {
        // Later ones must not wait for ever.
        LOG.error("a commit or recovery broke off", e);
        task.done().completeExceptionally(e);
      }
    }
  }

  /** A batch that answers its operations whatever happens. */
  private Task decide(List<Operation> batch) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    var unused =
        done.whenComplete(
            (nothing, failure) -> {
              if (failure != null) {
                batch.forEach(
                    operation ->
                        operation.fail(CommitRound.unknown(operation.spec().request(), failure)));
              }
            });
    return new Task(() -> new CommitRound(parts, batch, null).run(), done);
  }

  private List<Operation> nextBatch() {
    List<Operation> batch = new ArrayList<>();
    Set<String> requests = new HashSet<>();
    long bytes = 0;
    long intentBytes = 0;
    Iterator<Operation> waiting = operations.iterator();
    while (waiting.hasNext() && batch.size() < parts.options().maxBatchCommits()) {
      Operation operation = waiting.next();
      if (operation.alone() && !batch.isEmpty()) {
        break;
      }
      String request = operation.spec().request();
      // The second of two with one request id waits until the first is decided.
      if (request != null && !requests.add(request)) {
        continue;
      }
      bytes += operation.estimatedBytes();
      intentBytes += operation.intentBytes();
      boolean full = bytes > parts.options().maxBatchBytes() || intentBytes > MAX_INTENT_BYTES;
      if (full && !batch.isEmpty()) {
        break;
      }
      waiting.remove();
      batch.add(operation);
      if (operation.alone()) {
        break;
      }
    }
    return batch;
  }
}
