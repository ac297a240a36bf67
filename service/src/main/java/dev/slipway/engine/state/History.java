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

/**
 * Earlier states and entries, read back from the log. Keeps the last few states it worked out. Safe
 * for use by many threads.
 */
public final class History {
  private static final int KEPT = 64;

  private final LogStore log;
  private final CheckpointStore checkpoints;
  private final String incarnation;
  private final Map<Long, DatabaseState> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, DatabaseState> eldest) {
          return size() > KEPT;
        }
      };

  public History(LogStore log, CheckpointStore checkpoints, String incarnation) {
    this.log = log;
    this.checkpoints = checkpoints;
    this.incarnation = incarnation;
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
      LogBatch batch = batch(state.revision() + 1, now);
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
    LogBatch batch = batch(now.batchStart(revision), now);
    return batch.entries().get((int) (revision - batch.first()));
  }

  /** The entry that decided a request, for as long as it is remembered: also below the floor. */
  public LogEntry decided(Decision decision, DatabaseState now) {
    long revision = decision.revision();
    LogBatch batch = batch(now.batchStart(revision), now);
    return batch.entries().get((int) (revision - batch.first()));
  }

  /**
   * All entries of the batch that holds {@code revision}, which is at most {@code now}'s.
   *
   * @throws SlipwayException {@code REVISION_EXPIRED} below the floor
   */
  public List<LogEntry> batchOf(long revision, DatabaseState now) {
    requireAboveFloor(revision, now);
    return batch(now.batchStart(revision), now).entries();
  }

  private static void requireAboveFloor(long revision, DatabaseState now) {
    if (revision < now.floor() || revision < now.timesFrom() - 1) {
      throw expired(revision, now);
    }
  }

  private LogBatch batch(long first, DatabaseState now) {
    LogStore.Found found = log.read(first);
    if (found instanceof LogStore.Found.Batch batch) {
      return batch.batch();
    }
    if (found instanceof LogStore.Found.Hollow) {
      if (checkpoints.newestUpTo(Long.MAX_VALUE).map(DatabaseState::revision).orElse(0L) < first) {
        throw lost(first, "is hollow, and no checkpoint is newer");
      }
      throw expired(first, now);
    }
    throw lost(first, "is gone");
  }

  private SlipwayException lost(long first, String how) {
    return SlipwayException.of(
            ErrorReason.CORRUPT_RECORD, "the log record %s %s", log.key(first), how)
        .with("resource", log.key(first));
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
