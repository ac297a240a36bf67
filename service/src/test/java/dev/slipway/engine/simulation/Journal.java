package dev.slipway.engine.simulation;

import dev.slipway.engine.commit.Change;
import dev.slipway.engine.commit.Intent;
import dev.slipway.engine.commit.IntentStore;
import dev.slipway.engine.commit.OperationSpec;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.log.SealedJson;
import dev.slipway.engine.log.TableDelta;
import dev.slipway.engine.staging.StagedRecord;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.VersionRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Every batch of a database's log, noted at the moment it was published, and what was written down
 * of writes before.
 */
final class Journal {
  private final MetadataStore raw;
  private final List<LogBatch> batches = new ArrayList<>();
  private final Set<String> keys = new HashSet<>();
  private final Map<String, Map<Long, String>> staged = new HashMap<>();
  private final Map<String, Long> firstStaged = new HashMap<>();
  private final Map<String, String> inline = new HashMap<>();
  private final Map<String, VersionRef> newest = new HashMap<>();
  private long head;
  private final List<Long> times = new ArrayList<>();

  private record StoredStaged(int format, StagedRecord staged) {}

  private record StoredIntent(int format, Intent intent) {}

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

  /** The time of the newest record, in microseconds since 1970. */
  long lastTime() {
    return times.isEmpty() ? 0 : times.get(times.size() - 1);
  }

  /** A record's time; 0 before the first. */
  long time(long revision) {
    return revision == 0 ? 0 : times.get((int) revision - 1);
  }

  /** The newest revision that isn't later; 0 if all are. */
  long revisionAt(long micros) {
    return times.stream().filter(time -> time <= micros).count();
  }

  List<LogBatch> batches() {
    return batches;
  }

  /** Whether the database is dropped: nothing may follow. */
  boolean isDeleted() {
    List<LogEntry> last = batches.isEmpty() ? List.of() : batches.get(batches.size() - 1).entries();
    return !last.isEmpty() && last.get(last.size() - 1) instanceof LogEntry.DatabaseDeleted;
  }

  /** Whether a staged write's record was there before a revision was. */
  boolean wasStagedBefore(String id, long revision) {
    return firstStaged.getOrDefault(id, Long.MAX_VALUE) < revision;
  }

  /** Whether a staged write's record has been there. */
  boolean wasStaged(String id) {
    return staged.containsKey(id);
  }

  /** The id of the table that a commit writes to. */
  String table(LogEntry.Commit commit, Step.Write write) {
    String found =
        write.staged().isEmpty()
            ? inline.get(commit.header().op())
            : staged.getOrDefault(write.staged(), Map.of()).get(begun(commit, write));
    if (found == null) {
      throw new AssertionError(
          "operation " + commit.header().op() + " was committed without a record of its writes");
    }
    return found;
  }

  /** Whether an intent names a request now. */
  boolean isUnderWay(String home, String request) {
    IntentStore intents = new IntentStore(raw, home);
    return intents.ids().stream()
        .flatMap(id -> intents.get(id).stream())
        .flatMap(intent -> intent.operations().stream())
        .anyMatch(operation -> request.equals(operation.request()));
  }

  /** A table that a write was staged for, and the head when it was begun. */
  record Target(String table, long begun) {}

  /** What a staged write may have been for: who stages again may get another table. */
  List<Target> targets(String id) {
    return staged.getOrDefault(id, Map.of()).entrySet().stream()
        .map(one -> new Target(one.getValue(), one.getKey()))
        .toList();
  }

  /** The head when a write was begun that a commit carries out. */
  static long begun(LogEntry.Commit commit, Step.Write write) {
    return commit.consumed().stream()
        .filter(consumed -> consumed.id().equals(write.staged()))
        .mapToLong(LogEntry.Consumed::begun)
        .findFirst()
        .orElse(commit.header().begun());
  }

  /** A process put this key, and it wasn't there. */
  void wasPut(EngineProcess by, String key) {
    if (key.contains("/staged/")) {
      StagedRecord record = stored(key, StoredStaged.class).staged();
      firstStaged.putIfAbsent(record.id(), head);
      staged
          .computeIfAbsent(record.id(), id -> new HashMap<>())
          .put(record.begun(), record.tableId());
    } else if (key.contains("/intents/")) {
      stored(key, StoredIntent.class).intent().operations().forEach(this::note);
    }
    int log = key.indexOf("/log/");
    if (log >= 0) {
      wasPublished(by, key, log);
    }
  }

  private <T> T stored(String key, Class<T> type) {
    return SealedJson.open(key, raw.get(key).orElseThrow(), type);
  }

  private void note(OperationSpec operation) {
    for (Change change : operation.changes()) {
      if (change instanceof Change.Inline write) {
        inline.put(operation.op(), write.staged().tableId());
      }
    }
  }

  private void wasPublished(EngineProcess by, String key, int log) {
    if (!keys.add(key)) {
      throw new AssertionError("log key " + key + " was given twice, to " + by.name() + " at last");
    }
    long first = Long.parseLong(key.substring(log + "/log/".length()));
    if (!(new LogStore(raw, key.substring(0, log)).read(first)
        instanceof LogStore.Found.Batch found)) {
      throw new AssertionError("log key " + key + " isn't what " + by.name() + " put");
    }
    LogBatch batch = found.batch();
    if (isDeleted()) {
      throw new AssertionError(by.name() + " published " + batch.first() + " after the end");
    }
    if (batch.first() != head + 1) {
      throw new AssertionError(
          by.name() + " published revision " + batch.first() + ", the head was " + head);
    }
    batches.add(batch);
    head = batch.last();
    batch.entries().forEach(entry -> requireTime(by, entry));
    by.published();
    batch.entries().forEach(entry -> requireForced(by, entry));
  }

  /** Times go up, and none is later than both the one before and its publisher's clock. */
  private void requireTime(EngineProcess by, LogEntry entry) {
    long time = entry.header().time();
    long last = lastTime();
    if (time <= last || time > Math.max(last + 1, by.clock().latest())) {
      throw new AssertionError(
          by.name() + " gave " + entry.header().op() + " the time " + time + " after " + last);
    }
    times.add(time);
  }

  /** A new version that a record names must outlive a power loss. */
  private void requireForced(EngineProcess by, LogEntry entry) {
    if (entry instanceof LogEntry.Commit commit) {
      for (TableDelta delta : commit.tables()) {
        Pin pin = delta.pin();
        if (pin != null
            && !pin.ref().equals(newest.put(pin.table(), pin.ref()))
            && by.hasUnforced(pin.table())) {
          throw new AssertionError(
              by.name() + " named version " + pin.storage() + " of " + pin.name() + " unforced");
        }
      }
    }
  }
}
