package dev.slipway.soak;

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

  void asks(Request request) {
    asked.put(request.id(), request);
  }

  void isUnanswered() {
    unanswered.incrementAndGet();
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
    return "%d requests, %d committed, %d refused, %d calls without an answer"
        .formatted(asked.size(), answers.size() - refused, refused, unanswered.get());
  }
}
