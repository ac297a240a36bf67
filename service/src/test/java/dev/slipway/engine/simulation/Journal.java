package dev.slipway.engine.simulation;

import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.log.TableDelta;
import dev.slipway.storage.MetadataStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Every batch of the database's log, noted at the moment it was published. */
final class Journal {
  private final MetadataStore raw;
  private final List<LogBatch> batches = new ArrayList<>();
  private final Set<String> keys = new HashSet<>();
  private final Set<String> staged = new HashSet<>();
  private long head;

  /**
   * @param raw the store as it lies in storage
   */
  Journal(MetadataStore raw) {
    this.raw = raw;
  }

  /** The newest revision there is. */
  long head() {
    return head;
  }

  List<LogBatch> batches() {
    return batches;
  }

  /** Whether a staged write's record has been there. */
  boolean wasStaged(String id) {
    return staged.contains(id);
  }

  /** A process put this key, and it wasn't there. */
  void wasPut(EngineProcess by, String key) {
    int record = key.indexOf("/staged/");
    if (record >= 0) {
      staged.add(key.substring(record + "/staged/".length(), key.lastIndexOf('/')));
    }
    int log = key.indexOf("/log/");
    if (!key.startsWith("db/") || log < 0) {
      return;
    }
    if (!keys.add(key)) {
      throw new AssertionError("log key " + key + " was given twice, to " + by.name() + " at last");
    }
    long first = Long.parseLong(key.substring(log + "/log/".length()));
    if (!(new LogStore(raw, key.substring(0, log)).read(first)
        instanceof LogStore.Found.Batch found)) {
      throw new AssertionError("log key " + key + " isn't what " + by.name() + " put");
    }
    LogBatch batch = found.batch();
    if (batch.first() != head + 1) {
      throw new AssertionError(
          by.name() + " published revision " + batch.first() + ", the head was " + head);
    }
    batches.add(batch);
    head = batch.last();
    batch.entries().forEach(entry -> requireForced(by, entry));
  }

  /** A version that a record names must outlive a power loss. */
  private static void requireForced(EngineProcess by, LogEntry entry) {
    if (entry instanceof LogEntry.Commit commit) {
      for (TableDelta delta : commit.tables()) {
        Pin pin = delta.pin();
        if (pin != null && by.hasUnforced(pin.table())) {
          throw new AssertionError(
              by.name() + " named version " + pin.storage() + " of " + pin.name() + " unforced");
        }
      }
    }
  }
}
