package dev.slipway.engine.state;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Earlier states and entries, read back from the log. Keeps the last few states it worked out. Safe
 * for use by many threads.
 */
public final class History {
  private static final int KEPT = 64;

  private final LogStore log;
  private final CheckpointStore checkpoints;
  private final String incarnation;
  private final Supplier<DatabaseState> head;
  private final Map<Long, DatabaseState> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, DatabaseState> eldest) {
          return size() > KEPT;
        }
      };

  /**
   * @param head reads on to the head of the log
   */
  public History(
      LogStore log, CheckpointStore checkpoints, String incarnation, Supplier<DatabaseState> head) {
    this.log = log;
    this.checkpoints = checkpoints;
    this.incarnation = incarnation;
    this.head = head;
  }

  /**
   * The state right after {@code revision}, which is at most {@code now}'s. It may lie inside a
   * batch.
   *
   * @throws SlipwayException {@code REVISION_EXPIRED} below the floor
   */
  public DatabaseState at(long revision, DatabaseState now) {
    if (revision == now.revision()) {
      return now;
    }
    requireAboveFloor(revision, now);
    Optional<DatabaseState> known = keptAt(revision);
    if (known.isPresent()) {
      return known.get();
    }
    DatabaseState state = nearest(revision, now);
    while (state.revision() < revision) {
      LogBatch batch = batch(state.revision() + 1, revision);
      if (batch.last() > revision) {
        int count = (int) (revision - batch.first() + 1);
        batch =
            new LogBatch(
                batch.incarnation(),
                batch.nonce(),
                batch.first(),
                batch.entries().subList(0, count));
      }
      state = state.apply(batch);
    }
    keep(state);
    return state;
  }

  /**
   * The entry that made {@code revision}, which is at most {@code now}'s.
   *
   * @throws SlipwayException {@code REVISION_EXPIRED} below the floor
   */
  public LogEntry entry(long revision, DatabaseState now) {
    requireAboveFloor(revision, now);
    LogBatch batch = batch(now.batchStart(revision), revision);
    return batch.entries().get((int) (revision - batch.first()));
  }

  /** The entry that decided a request, for as long as it is remembered: also below the floor. */
  public LogEntry decided(Decision decision, DatabaseState now) {
    long revision = decision.revision();
    LogBatch batch = batch(now.batchStart(revision), revision);
    return batch.entries().get((int) (revision - batch.first()));
  }

  /**
   * All entries of the batch that holds {@code revision}, which is at most {@code now}'s.
   *
   * @throws SlipwayException {@code REVISION_EXPIRED} below the floor
   */
  public List<LogEntry> batchOf(long revision, DatabaseState now) {
    requireAboveFloor(revision, now);
    return batch(now.batchStart(revision), revision).entries();
  }

  private static void requireAboveFloor(long revision, DatabaseState now) {
    if (revision < now.floor() || revision < now.timesFrom() - 1) {
      throw expired(revision, now);
    }
  }

  /**
   * The batch that begins at {@code first}.
   *
   * @param wanted the revision that was asked for
   */
  private LogBatch batch(long first, long wanted) {
    LogStore.Found found = log.read(first);
    if (found instanceof LogStore.Found.Batch batch) {
      return batch.batch();
    }
    if (found instanceof LogStore.Found.Hollow) {
      // Records are hollowed below the floor alone.
      requireAboveFloor(wanted, head.get());
      throw checkpoints
          .damaged(first, wanted)
          .map(
              damaged ->
                  lost(damaged.key(), String.valueOf(damaged.getMessage())).causedBy(damaged))
          .orElseGet(
              () ->
                  lost(
                      log.key(first),
                      "the log record "
                          + log.key(first)
                          + " is hollow, and no readable checkpoint leads from it to revision "
                          + wanted));
    }
    throw lost(log.key(first), "the log record " + log.key(first) + " is gone");
  }

  private static SlipwayException lost(String key, String how) {
    return SlipwayException.of(ErrorReason.CORRUPT_RECORD, "%s", how).with("resource", key);
  }

  /** What a read below the floor is answered. */
  public static SlipwayException expired(long revision, DatabaseState now) {
    return SlipwayException.of(
            ErrorReason.REVISION_EXPIRED,
            "revision %d is below the history floor %d; read a newer one",
            revision,
            now.floor())
        .with("floor", now.floor());
  }

  private synchronized Optional<DatabaseState> keptAt(long revision) {
    return Optional.ofNullable(kept.get(revision));
  }

  private synchronized void keep(DatabaseState state) {
    kept.put(state.revision(), state);
  }

  private DatabaseState nearest(long revision, DatabaseState now) {
    DatabaseState best = checkpoints.upTo(revision, incarnation);
    synchronized (this) {
      for (DatabaseState state : kept.values()) {
        boolean whole = now.batchStart(state.revision() + 1) == state.revision() + 1;
        if (whole && state.revision() <= revision && state.revision() > best.revision()) {
          best = state;
        }
      }
    }
    return best;
  }
}
