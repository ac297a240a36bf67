package dev.slipway.engine.verify;

import dev.slipway.engine.Finding.Kind;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.state.CheckpointStore;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.state.RefusedEntryException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Replays a log from its oldest whole part and compares every checkpoint on the way. Where a record
 * can't be followed it goes on from the next checkpoint, if there is one. Used by one thread, once.
 */
final class LogCheck {
  private static final int PAGE = 1_000;

  private final LogStore log;
  private final CheckpointStore checkpoints;
  private final Findings findings;
  private final long floor;
  private final Pins pins = new Pins();
  private final TreeSet<Long> unvisited = new TreeSet<>();
  private final Map<String, Long> proven = new HashMap<>();
  private final Set<String> told = new HashSet<>();

  /** Checkpoints by revision; empty once compared, read or missing. */
  private final TreeMap<Long, Boolean> points = new TreeMap<>();

  private final Set<Long> listed = new HashSet<>();

  private DatabaseState state;
  private long trustedFrom;
  private boolean broken;
  private boolean floorPassed;
  private long records;
  private long compared;

  /**
   * @param floor versions that only revisions below it name aren't looked for
   */
  LogCheck(
      LogStore log,
      CheckpointStore checkpoints,
      String incarnation,
      long floor,
      Findings findings) {
    this.log = log;
    this.checkpoints = checkpoints;
    this.findings = findings;
    this.floor = floor;
    this.state = checkpoints.upTo(0, incarnation);
  }

  void run() {
    list();
    long total = unvisited.size();
    while (step()) {
      if (records % PAGE == 0) {
        findings.progress("log", records, total);
      }
    }
    findings.progress("log", total, total);
    restOfTheLog();
    restOfTheCheckpoints();
    findings.addVerdicts(log);
  }

  private void list() {
    // Checkpoints first: the log goes at least as far as any of them.
    var unused = listCheckpoints();
    log.forEachRevision(PAGE, unvisited::add);
  }

  /** Whether there are some ahead that weren't there before. */
  private boolean listCheckpoints() {
    boolean found = false;
    for (long revision : checkpoints.revisions()) {
      if (listed.add(revision) && revision > state.revision()) {
        points.put(revision, true);
        found = true;
      }
    }
    return found;
  }

  /** The state at the newest revision that could be folded. */
  DatabaseState head() {
    return state;
  }

  Pins pins() {
    return pins;
  }

  long records() {
    return records;
  }

  long compared() {
    return compared;
  }

  /** Folds the next record, or goes to the next checkpoint; false at the end. */
  private boolean step() {
    long next = state.revision() + 1;
    LogStore.Found found;
    try {
      found = log.read(next);
    } catch (CorruptRecordException e) {
      unvisited.remove(next);
      findings.corrupt(next, e);
      return jump();
    }
    if (found instanceof LogStore.Found.Absent) {
      Long later = unvisited.higher(next);
      if (later == null) {
        return false;
      }
      findings.add(
          Kind.MISSING_RECORD,
          next,
          log.key(next),
          "it is gone: there is a later record, at revision " + later);
      return jump();
    }
    unvisited.remove(next);
    if (found instanceof LogStore.Found.Batch batch) {
      return fold(batch.batch());
    }
    boolean wasBroken = broken;
    if (jump()) {
      return true;
    }
    if (!wasBroken) {
      findings.add(
          Kind.MISSING_RECORD,
          next,
          log.key(next),
          "it is hollow, and no readable checkpoint is newer than revision " + state.revision());
    }
    return false;
  }

  private boolean fold(LogBatch batch) {
    DatabaseState after;
    try {
      after = state.apply(batch);
      collect(batch, after);
    } catch (RefusedEntryException e) {
      findings.add(
          Kind.REFUSED_RECORD,
          batch.first(),
          log.key(batch.first()),
          String.valueOf(e.getMessage()));
      return jump();
    }
    state = after;
    records++;
    if (points.remove(state.revision()) != null) {
      compare();
    }
    return true;
  }

  private void collect(LogBatch batch, DatabaseState after) {
    if (!floorPassed && batch.last() >= floor) {
      floorPassed = true;
      int below = (int) Math.max(0, floor - batch.first() + 1);
      DatabaseState atFloor =
          below == 0
              ? state
              : below == batch.entries().size()
                  ? after
                  : state.apply(
                      new LogBatch(
                          batch.incarnation(),
                          batch.nonce(),
                          batch.first(),
                          batch.entries().subList(0, below)));
      pins.addAll(atFloor);
    }
    for (int i = 0; i < batch.entries().size(); i++) {
      if (batch.first() + i >= floor) {
        pins.addChanges(batch.entries().get(i), batch.first() + i);
      }
    }
  }

  /** Goes on from the next checkpoint that can be read. */
  private boolean jump() {
    while (true) {
      Long next = points.higherKey(state.revision());
      if (next == null) {
        if (listCheckpoints()) {
          // A cleanup has deleted those that were there, and left newer ones.
          continue;
        }
        broken = true;
        return false;
      }
      points.remove(next);
      Optional<DatabaseState> found = read(next);
      if (found.isPresent()) {
        state = found.get();
        trustedFrom = next;
        if (next >= floor) {
          floorPassed = true;
          pins.addAll(state);
        }
        return true;
      }
    }
  }

  private void compare() {
    long revision = state.revision();
    Optional<DatabaseState> found = read(revision);
    if (found.isEmpty()) {
      return;
    }
    compared++;
    try {
      if (CheckpointStore.agree(found.get(), state)) {
        return;
      }
    } catch (CorruptRecordException e) {
      findings.corrupt(revision, e);
      return;
    }
    findings.add(
        Kind.CHECKPOINT_DIFFERS,
        revision,
        checkpoints.key(revision),
        "it isn't what the log up to its revision adds up to; delete it, it is derived");
  }

  /** Empty if it is damaged, or gone by now. */
  private Optional<DatabaseState> read(long revision) {
    try {
      for (CheckpointStore.Flaw flaw : checkpoints.flaws(revision, proven)) {
        if (flaw.gone() && isSuperseded(revision)) {
          return Optional.empty();
        }
        tell(flaw.gone() ? Kind.MISSING_RECORD : Kind.CORRUPT_RECORD, revision, flaw);
      }
      Optional<DatabaseState> found = checkpoints.read(revision);
      if (found.isPresent() && found.get().revision() != revision) {
        findings.add(
            Kind.CHECKPOINT_DIFFERS,
            revision,
            checkpoints.key(revision),
            "it is one of revision " + found.get().revision());
        return Optional.empty();
      }
      return found;
    } catch (CorruptRecordException e) {
      if (checkpoints.revisions().contains(revision) && told.add(e.key())) {
        findings.add(
            Kind.CORRUPT_RECORD,
            revision,
            e.key(),
            e.getMessage() + "; delete the checkpoint, it is derived");
      }
      return Optional.empty();
    }
  }

  /** Checkpoints share pages: one is told of once. */
  private void tell(Kind kind, long revision, CheckpointStore.Flaw flaw) {
    if (told.add(flaw.key())) {
      findings.add(
          kind,
          revision,
          flaw.key(),
          flaw.message()
              + ", and checkpoint "
              + revision
              + " names it; a cleanup writes it anew if the log still says what it held");
    }
  }

  /**
   * Whether the log is trimmed beyond it, up to a later one: somebody slept and wrote it then, and
   * the next cleanup deletes it.
   */
  private boolean isSuperseded(long checkpoint) {
    List<Long> next = log.revisions(checkpoint, 1);
    return !next.isEmpty() && log.isHollow(next.get(0));
  }

  /** Records that the walk didn't come by: hollow ones, passed-over ones, ones in no place. */
  private void restOfTheLog() {
    for (long revision : unvisited) {
      findings.cancel().check();
      Optional<byte[]> bytes = log.bytes(revision);
      if (bytes.isEmpty() || LogStore.isHollow(bytes.get())) {
        continue;
      }
      try {
        log.parse(revision, bytes.get());
      } catch (CorruptRecordException e) {
        findings.corrupt(revision, e);
        continue;
      }
      if (revision > trustedFrom && revision <= state.revision()) {
        findings.add(
            Kind.MISSING_RECORD,
            revision,
            log.key(revision),
            "it lies within another record's revisions");
      }
    }
  }

  private void restOfTheCheckpoints() {
    for (long revision : new ArrayList<>(points.keySet())) {
      Optional<DatabaseState> found = read(revision);
      if (found.isPresent() && revision > trustedFrom && !broken) {
        findings.add(
            Kind.CHECKPOINT_DIFFERS,
            revision,
            checkpoints.key(revision),
            "no record of the log ends at its revision; delete it, it is derived");
      }
    }
  }
}
