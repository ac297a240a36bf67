package dev.slipway.engine.verify;

import dev.slipway.engine.CancelSignal;
import dev.slipway.engine.Finding;
import dev.slipway.engine.Finding.Kind;
import dev.slipway.engine.VerifyListener;
import java.util.EnumMap;
import java.util.Map;

/** Counts findings and passes them on, each kind up to a bound. Used by one thread. */
final class Findings {
  /** More of one kind are only counted. */
  private static final long PASSED_ON = 10_000;

  private final VerifyListener listener;
  private final CancelSignal cancel;
  private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);

  Findings(VerifyListener listener, CancelSignal cancel) {
    this.listener = listener;
    this.cancel = cancel;
  }

  CancelSignal cancel() {
    return cancel;
  }

  void add(Kind kind, String table, long revision, String resource, String message) {
    if (counts.merge(kind, 1L, Long::sum) <= PASSED_ON) {
      listener.found(new Finding(kind, table, revision, resource, message));
    }
  }

  /** About no table. */
  void add(Kind kind, long revision, String resource, String message) {
    add(kind, "", revision, resource, message);
  }

  /** Also looks whether the caller has left. */
  void progress(String phase, long done, long total) {
    cancel.check();
    listener.progress(phase, done, total);
  }

  long count(Finding.Severity severity) {
    return counts.entrySet().stream()
        .filter(entry -> entry.getKey().severity() == severity)
        .mapToLong(Map.Entry::getValue)
        .sum();
  }
}
