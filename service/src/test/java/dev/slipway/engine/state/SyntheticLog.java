package dev.slipway.engine.state;

import dev.slipway.engine.log.EntryHeader;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Makes batches that the fold takes: commits without tables, aborts, new settings, floors. Beside
 * the fold, and in the plainest way, it remembers what they said.
 */
final class SyntheticLog {
  static final String INCARNATION = "synthetic";

  private final Random random;
  private final List<Entry> entries = new ArrayList<>();
  private Settings settings = Settings.DEFAULT;
  private long time = 1_700_000_000_000_000L;
  private long head;
  private long begun;
  private long floor;
  private long decisionsFloor;
  private int ids;

  /**
   * What was said at a revision.
   *
   * @param start of its batch
   * @param request the id that it decides; empty if none
   */
  record Entry(long revision, long start, long time, long parent, String op, String request) {}

  SyntheticLog(Random random) {
    this.random = random;
  }

  List<Entry> entries() {
    return entries;
  }

  long revision() {
    return entries.size();
  }

  /** One above the newest revision that is old in time and in revisions. */
  long decisionsFloor() {
    return decisionsFloor;
  }

  long floor() {
    return floor;
  }

  /** The next batch, of one to {@code most} entries. */
  LogBatch next(int most) {
    int count = 1 + random.nextInt(most);
    long first = revision() + 1;
    List<LogEntry> batch = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      batch.add(entry(first));
    }
    for (long next = Math.max(1, decisionsFloor); isOld(next); next++) {
      decisionsFloor = next + 1;
    }
    return new LogBatch(INCARNATION, "nonce-" + first, first, batch);
  }

  private LogEntry entry(long start) {
    long revision = revision() + 1;
    begun = revision - 1;
    time += 1 + random.nextInt(3_000_000);
    int kind = random.nextInt(40);
    String request = random.nextInt(3) == 0 ? "" : request();
    String op = "op-" + ids++;
    EntryHeader header =
        new EntryHeader(
            op,
            request.isEmpty() ? null : request,
            request.isEmpty() ? null : "digest of " + request,
            "tester",
            begun,
            time);
    LogEntry entry;
    long parent = -1;
    if (kind == 0) {
      settings = new Settings(random.nextInt(60), random.nextInt(60), 86_400);
      entry = new LogEntry.SettingsChanged(header, settings);
    } else if (kind == 1) {
      floor = Math.max(floor, random.nextInt((int) revision));
      entry = new LogEntry.HistoryExpired(header, floor, 0, List.of());
    } else if (kind < 8) {
      boolean decides = random.nextBoolean();
      request = decides ? request : "";
      entry = new LogEntry.Abort(header, "main", "CANCELLED", "", List.of(), decides, null);
    } else {
      parent = head;
      head = revision;
      entry =
          new LogEntry.Commit(header, "main", 0, parent, "", Map.of(), List.of(), List.of(), null);
    }
    entries.add(new Entry(revision, start, time, parent, op, request));
    return entry;
  }

  private boolean isOld(long revision) {
    return revision < revision() - settings.idempotencyCommits()
        && revision > 0
        && entries.get((int) revision - 1).time()
            < time - settings.idempotencySeconds() * 1_000_000;
  }

  /** Now and then one that was used before, and is forgotten. */
  private String request() {
    if (decisionsFloor > 1 && random.nextInt(4) == 0) {
      Entry old = entries.get(random.nextInt((int) decisionsFloor - 1));
      if (!old.request().isEmpty() && !isRemembered(old.request())) {
        return old.request();
      }
    }
    return "request-" + ids;
  }

  /** Whether an entry within the window decides it. */
  private boolean isRemembered(String request) {
    return entries.stream()
        .skip(Math.max(0, decisionsFloor - 1))
        .anyMatch(entry -> entry.request().equals(request));
  }
}
