package dev.slipway.engine.commit;

import dev.slipway.engine.log.LogEntry;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One operation on its way through the committer: a commit that changes tables, or another entry.
 * {@link #answer()} completes with what the log decided, or with why it failed.
 */
final class Operation {
  // A header, ids of a request and a caller; a table's pin before and after.
  private static final int ENTRY_BYTES = 1_000;
  private static final int CHANGE_BYTES = 600;

  private final OperationSpec spec;
  private final Optional<Committer.EntryMaker> maker;
  private final boolean alone;
  private final Optional<LogEntry.Recovery> recovery;
  private final CompletableFuture<Committer.Decided> answer = new CompletableFuture<>();
  private final AtomicInteger waiters = new AtomicInteger(1);

  /** Versions already made for it, by table id; see {@link Made}. Tables are made in parallel. */
  private final Map<String, Made> made = new ConcurrentHashMap<>();

  private volatile boolean started;

  private Operation(
      OperationSpec spec,
      Optional<Committer.EntryMaker> maker,
      boolean alone,
      Optional<LogEntry.Recovery> recovery) {
    this.spec = spec;
    this.maker = maker;
    this.alone = alone;
    this.recovery = recovery;
  }

  static Operation commit(OperationSpec spec) {
    return new Operation(spec, Optional.empty(), false, Optional.empty());
  }

  static Operation recovered(OperationSpec spec, String by, String owner) {
    return new Operation(
        spec, Optional.empty(), false, Optional.of(new LogEntry.Recovery("", by, owner)));
  }

  /**
   * @param alone whether the entry must be the only one of its batch
   */
  static Operation entry(OperationSpec spec, Committer.EntryMaker maker, boolean alone) {
    return new Operation(spec, Optional.of(maker), alone, Optional.empty());
  }

  OperationSpec spec() {
    return spec;
  }

  Optional<Committer.EntryMaker> maker() {
    return maker;
  }

  boolean alone() {
    return alone;
  }

  LogEntry.@Nullable Recovery recovery(String how) {
    return recovery.map(r -> new LogEntry.Recovery(how, r.by(), r.owner())).orElse(null);
  }

  boolean isRecovery() {
    return recovery.isPresent();
  }

  Map<String, Made> made() {
    return made;
  }

  CompletableFuture<Committer.Decided> answer() {
    return answer;
  }

  /** At most what its entry adds to a log record, but for the names of key columns. */
  long estimatedBytes() {
    return ENTRY_BYTES
        + (long) CHANGE_BYTES * spec.changes().size()
        + JsonSize.of(spec.message())
        + spec.properties().entrySet().stream()
            .mapToLong(e -> JsonSize.of(e.getKey()) + JsonSize.of(e.getValue()))
            .sum();
  }

  /** At most what it adds to an intent: that has what was staged in the same call whole. */
  long intentBytes() {
    return estimatedBytes()
        + spec.changes().stream()
            .mapToLong(
                change ->
                    change instanceof Change.Inline inline
                        ? CHANGE_BYTES + inline.staged().token().length * 4L / 3
                        : 0)
            .sum();
  }

  /** One more caller waits for the same answer; false if nobody waits any more. */
  boolean join() {
    return waiters.getAndUpdate(n -> n == 0 ? 0 : n + 1) > 0;
  }

  /** A caller stopped waiting. */
  void detach() {
    waiters.getAndUpdate(n -> n == 0 ? 0 : n - 1);
  }

  /** Step 2 begins: from here on it runs to its end, whoever waits. */
  void start() {
    started = true;
  }

  boolean isAbandoned() {
    return !started && waiters.get() == 0 && !isRecovery();
  }

  void fail(RuntimeException failure) {
    answer.completeExceptionally(failure);
  }
}
