package dev.slipway.engine.cleanup;

import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.state.CheckpointStore;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.state.RefusedEntryException;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Step 4 for the log: once a checkpoint is proven, the records up to it are hollowed and older
 * checkpoints deleted. Keys stay occupied for ever.
 *
 * <p>Records go only below both the history floor and the idempotency floor: a request that is
 * remembered is answered from its record.
 */
final class LogTrim {
  private static final Logger LOG = LoggerFactory.getLogger(LogTrim.class);
  private static final int PAGE = 10_000;

  private final CleanupParts parts;
  private final boolean dryRun;

  LogTrim(CleanupParts parts, boolean dryRun) {
    this.parts = parts;
    this.dryRun = dryRun;
  }

  /**
   * @param records hollowed
   * @param checkpoints deleted
   * @param problem why nothing was done, if something must be looked at
   */
  record Trimmed(long records, int checkpoints, Optional<String> problem) {}

  /**
   * @param below records that reach this revision are still needed
   */
  Trimmed trim(long below) {
    Optional<DatabaseState> newest = parts.checkpoints().newestUpTo(below - 1);
    if (newest.isEmpty()) {
      return new Trimmed(0, 0, Optional.empty());
    }
    DatabaseState checkpoint = newest.get();
    List<Long> older =
        parts.checkpoints().revisions().stream()
            .filter(revision -> revision < checkpoint.revision())
            .toList();
    long done = done(older.isEmpty() ? checkpoint.revision() : older.get(0));
    if (done >= checkpoint.revision()) {
      return new Trimmed(0, 0, Optional.empty());
    }
    Optional<String> problem;
    try {
      problem = disprove(checkpoint);
    } catch (CorruptRecordException | RefusedEntryException e) {
      problem = Optional.of(String.valueOf(e.getMessage()));
    }
    if (problem.isPresent() && !parts.checkpoints().revisions().contains(checkpoint.revision())) {
      // Another cleanup went further, and deleted what this one was reading.
      return new Trimmed(0, 0, Optional.empty());
    }
    if (problem.isPresent()) {
      LOG.error("the log isn't trimmed: {}", problem.get());
      return new Trimmed(0, 0, problem);
    }
    long records = hollow(done, checkpoint.revision());
    int checkpoints = dryRun ? older.size() : parts.checkpoints().deleteBelow(checkpoint);
    return new Trimmed(records, checkpoints, Optional.empty());
  }

  /**
   * Up to where records were hollowed before: they go in ascending order, so the last one up to the
   * oldest checkpoint speaks for those before it.
   */
  private long done(long oldest) {
    Optional<DatabaseState> state = parts.checkpoints().newestUpTo(oldest);
    if (state.isEmpty() || state.get().revision() == 0) {
      return 0;
    }
    long last = state.get().revision();
    return parts.log().isHollow(state.get().batchStart(last)) ? last : 0;
  }

  /**
   * Why the checkpoint isn't whole with all it names, or isn't what the one before it and the log
   * after that add up to.
   */
  private Optional<String> disprove(DatabaseState checkpoint) {
    List<CheckpointStore.Flaw> flaws =
        parts.checkpoints().flaws(checkpoint.revision(), new HashMap<>());
    if (!flaws.isEmpty() && !dryRun) {
      parts.checkpoints().mend(checkpoint.revision());
      flaws = parts.checkpoints().flaws(checkpoint.revision(), new HashMap<>());
    }
    if (!flaws.isEmpty()) {
      return Optional.of(flaws.get(0).message());
    }
    DatabaseState state = parts.checkpoints().upTo(checkpoint.revision() - 1, parts.database());
    while (state.revision() < checkpoint.revision()) {
      LogStore.Found found = parts.log().read(state.revision() + 1);
      if (found instanceof LogStore.Found.Hollow) {
        // An earlier run broke off after it had proven this one; no state leads here any more.
        return Optional.empty();
      }
      if (!(found instanceof LogStore.Found.Batch batch)) {
        return Optional.of("record " + parts.log().key(state.revision() + 1) + " is gone");
      }
      state = state.apply(batch.batch());
    }
    return CheckpointStore.agree(state, checkpoint)
        ? Optional.empty()
        : Optional.of(
            "checkpoint "
                + checkpoint.revision()
                + " isn't what the log adds up to from the one before it");
  }

  private long hollow(long after, long upTo) {
    long hollowed = 0;
    long from = after;
    while (true) {
      List<Long> page = parts.log().revisions(from, PAGE);
      for (long first : page) {
        if (first > upTo) {
          return hollowed;
        }
        if (!parts.log().isHollow(first)) {
          if (!dryRun) {
            parts.log().hollow(first);
          }
          if (hollowed++ == 0) {
            parts.failures().at(FailPoint.CLEANUP_AFTER_FIRST_RECORD);
          }
        }
        from = first;
      }
      if (page.size() < PAGE) {
        return hollowed;
      }
    }
  }
}
