package dev.slipway.engine.verify;

import dev.slipway.engine.CancelSignal;
import dev.slipway.engine.Finding;
import dev.slipway.engine.Finding.Kind;
import dev.slipway.engine.VerifyListener;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.Verdict;
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

  /** What can't be read. */
  void corrupt(long revision, CorruptRecordException e) {
    add(Kind.CORRUPT_RECORD, revision, e.key(), String.valueOf(e.getMessage()));
  }

  /** What operators decided on records of a log. */
  void addVerdicts(LogStore log) {
    for (Verdict verdict : log.verdicts().all().values()) {
      add(
          Kind.VOIDED_RECORD,
          verdict.revision(),
          log.key(verdict.revision()),
          "%s voided it (%d entries, checksum %s), for: %s. It had been refused: %s"
              .formatted(
                  verdict.actor(),
                  verdict.entries(),
                  verdict.crc(),
                  verdict.reason(),
                  verdict.why()));
    }
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
