package dev.slipway.soak;

import dev.slipway.v1.CleanupSummary;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What clients asked for and were told. Safe for use by many threads. */
final class Witness {
  /** A request was refused for good. */
  static final long REFUSED = -1;

  private final Map<String, Request> asked = new ConcurrentHashMap<>();
  private final Map<String, Long> told = new ConcurrentHashMap<>();
  private final AtomicLong newest = new AtomicLong();
  private final AtomicLong unanswered = new AtomicLong();
  private final AtomicLong cleanups = new AtomicLong();
  private final AtomicLong files = new AtomicLong();
  private final AtomicLong records = new AtomicLong();

  void asks(Request request) {
    asked.put(request.id(), request);
  }

  void isUnanswered() {
    unanswered.incrementAndGet();
  }

  /** A cleanup came to its end. */
  void isCleaned(CleanupSummary summary) {
    cleanups.incrementAndGet();
    files.addAndGet(summary.getDeletedFiles());
    records.addAndGet(summary.getLogRecords());
  }

  /**
   * @param revision what it was told, or {@link #REFUSED}; whatever it is told later must agree
   */
  void isTold(Request request, long revision) {
    Long before = told.putIfAbsent(request.id(), revision);
    if (before != null && before != revision) {
      throw new AssertionError(
          "%s was told revision %d, and then %d".formatted(request.id(), before, revision));
    }
    newest.accumulateAndGet(revision, Math::max);
  }

  boolean isCommitted(Request request) {
    Long revision = told.get(request.id());
    return revision != null && revision != REFUSED;
  }

  /** The newest revision that any client was told. */
  long newest() {
    return newest.get();
  }

  Map<String, Request> asked() {
    return asked;
  }

  /** What each decided request was told by now: its revision, or {@link #REFUSED}. */
  Map<String, Long> told() {
    return new HashMap<>(told);
  }

  @Override
  public String toString() {
    Map<String, Long> answers = told();
    long refused = answers.values().stream().filter(revision -> revision == REFUSED).count();
    return ("%d requests, %d committed, %d refused, %d calls without an answer;"
            + " %d cleanups, %d files and %d log records gone")
        .formatted(
            asked.size(),
            answers.size() - refused,
            refused,
            unanswered.get(),
            cleanups.get(),
            files.get(),
            records.get());
  }
}
