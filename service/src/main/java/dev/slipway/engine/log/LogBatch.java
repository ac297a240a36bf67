package dev.slipway.engine.log;

import java.util.List;

/**
 * One log object: entries that became visible together.
 *
 * @param first the revision of its first entry, and the object's key
 * @param nonce tells the writer that what it finds under the key is its own
 */
public record LogBatch(String incarnation, String nonce, long first, List<LogEntry> entries) {
  public LogBatch {
    entries = List.copyOf(entries);
  }

  /** Whether an operator's verdict made it empty. */
  public boolean isVoid() {
    return entries.stream().allMatch(LogEntry.Voided.class::isInstance);
  }

  public long last() {
    return first + entries.size() - 1;
  }
}
