package dev.slipway.engine.state;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogStore;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of one log as this process knows it, moved forward by reading what others published and
 * by what this process publishes itself. It only ever moves by whole batches that are known to be
 * written. Safe for use by many threads, and no lock is held while reading: states are immutable.
 *
 * <p>A record that can't be read or that the fold refuses stops it at the last good revision:
 * {@link #poison()} then says why, reads go on, and nothing may be published.
 *
 * @param <S> what the log adds up to
 */
public final class LiveState<S extends Folded<S>> {
  private static final Logger LOG = LoggerFactory.getLogger(LiveState.class);

  private final LogStore log;
  private final Supplier<S> reload;
  private volatile S current;
  private volatile Optional<RuntimeException> poison = Optional.empty();

  /**
   * @param reload gives the newest checkpoint's state: to begin with, and when a record is hollow
   */
  public LiveState(LogStore log, Supplier<S> reload) {
    this.log = log;
    this.reload = reload;
    this.current = reload.get();
  }

  /** What is known without looking. */
  public S known() {
    return current;
  }

  /** Why the log can't be followed any further, if it can't. */
  public Optional<RuntimeException> poison() {
    return poison;
  }

  /**
   * For what must know all that the log says.
   *
   * @param refusal what can't be done, as a sentence without its end
   * @throws SlipwayException {@code CORRUPT_RECORD} if the log can't be followed any further
   */
  public void requireFollowed(Supplier<String> refusal) {
    Optional<RuntimeException> why = poison;
    if (why.isPresent()) {
      throw SlipwayException.of(
              ErrorReason.CORRUPT_RECORD,
              "%s: %s",
              refusal.get(),
              String.valueOf(why.get().getMessage()))
          .causedBy(why.get());
    }
  }

  /** Reads on to the head of the log and gives the state there. */
  public S refresh() {
    while (true) {
      S state = current;
      LogStore.Found found;
      try {
        found = log.read(state.revision() + 1);
        if (found instanceof LogStore.Found.Absent) {
          return state;
        }
        if (found instanceof LogStore.Found.Batch batch) {
          advance(state, batch.batch());
          continue;
        }
      } catch (CorruptRecordException | RefusedEntryException e) {
        if (poisoned(state, e)) {
          return state;
        }
        continue;
      } catch (StorageException e) {
        if (e.code() == StorageErrorCode.OUTCOME_UNKNOWN) {
          // Nobody is told of what a power loss may take back: the storage only reads from here on.
          return state;
        }
        throw e;
      }
      // A cleanup may have replaced the checkpoints while they were looked through.
      S reloaded = reload.get();
      if (reloaded.revision() <= state.revision()) {
        reloaded = reload.get();
      }
      if (reloaded.revision() > state.revision()) {
        moveTo(reloaded);
        continue;
      }
      if (poisoned(
          state,
          new CorruptRecordException(
              log.key(state.revision() + 1),
              "it is hollow, and no checkpoint is newer than revision " + state.revision(),
              null))) {
        return state;
      }
    }
  }

  /** False if others have come further than the state whose next record can't be followed. */
  private synchronized boolean poisoned(S state, RuntimeException why) {
    if (current.revision() != state.revision()) {
      return false;
    }
    if (poison.isEmpty()) {
      LOG.error("read-only at revision {}: {}", state.revision(), why.getMessage());
    }
    poison = Optional.of(why);
    return true;
  }

  /** After this process published {@code batch} on {@code state}. */
  public S published(S state, LogBatch batch) {
    return advance(state, batch);
  }

  private S advance(S state, LogBatch batch) {
    S next = state.apply(batch);
    moveTo(next);
    return next;
  }

  private synchronized void moveTo(S next) {
    if (next.revision() > current.revision()) {
      current = next;
      poison = Optional.empty();
    }
  }
}
