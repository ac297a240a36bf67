package dev.slipway.engine.commit;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.StorageErrors;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What one batch leaves in storage before its commit point: an intent for each attempt that had
 * something new to make. Used by one thread at a time, for one batch.
 */
final class RoundIntents {
  private final CommitParts parts;
  private final List<Intent> written = new ArrayList<>();

  /** Operations that one of them names; their data is on the disk. */
  private final Set<Operation> named = new HashSet<>();

  private boolean kept;

  /**
   * @param taken the one that the batch was found in, if another process began it
   */
  RoundIntents(CommitParts parts, List<Operation> batch, @Nullable Intent taken) {
    this.parts = parts;
    if (taken != null) {
      written.add(taken);
      named.addAll(batch);
    }
  }

  /** Whether none may lie in storage. */
  boolean isEmpty() {
    return written.isEmpty();
  }

  boolean isNamed(Operation operation) {
    return named.contains(operation);
  }

  /**
   * Writes one for operations that none names yet, once their own data is on the disk.
   *
   * @param failed is told which can't go on, and why
   * @return false if it couldn't be written, or couldn't and may be there all the same
   * @throws SlipwayException if nothing was written, and nothing hangs on these operations alone
   */
  boolean write(
      DatabaseState state, List<Operation> fresh, BiConsumer<Operation, SlipwayException> failed) {
    // Recovery may carry out what an intent names: its files come first.
    if (!forceInline(fresh, failed)) {
      return false;
    }
    Intent intent =
        new Intent(
            parts.ids().ulid(),
            state.revision(),
            parts.instance(),
            fresh.stream().map(Operation::spec).toList());
    // Before it is there: whatever happens next, it may be, so its operations must be decided in
    // the log.
    parts.ownIntents().add(intent.id());
    written.add(intent);
    named.addAll(fresh);
    try {
      parts.intents().put(intent);
    } catch (RuntimeException e) {
      if (e instanceof StorageException storage && storage.code().safeToCleanUp()) {
        written.remove(intent);
        fresh.forEach(named::remove);
        parts.ownIntents().remove(intent.id());
        throw StorageErrors.translate(storage);
      }
      SlipwayException failure =
          SlipwayException.of(
                  ErrorReason.BACKEND_UNAVAILABLE, "the commit's intent couldn't be written")
              .causedBy(e);
      fresh.forEach(operation -> failed.accept(operation, failure));
      return false;
    }
    parts.failures().at(FailPoint.COMMIT_AFTER_INTENT);
    return true;
  }

  private boolean forceInline(
      List<Operation> fresh, BiConsumer<Operation, SlipwayException> failed) {
    try {
      parts.versions().forceInline(fresh);
      return true;
    } catch (StorageException e) {
      // Making the versions finds out whose files are missing. Otherwise nobody can tell what is
      // on the disk, and asking the disk again proves nothing.
      if (e.code() != StorageErrorCode.MISSING_FILE) {
        SlipwayException failure = StorageErrors.translate(e);
        fresh.stream()
            .filter(VersionBuilder::isInline)
            .forEach(operation -> failed.accept(operation, failure));
      }
      return false;
    }
  }

  /** An operation's outcome can't be told any more: they stay, for people to see. */
  void keep() {
    kept = true;
  }

  /** Everything they name is decided. */
  void drop() {
    if (!written.isEmpty() && !kept) {
      parts.failures().at(FailPoint.COMMIT_BEFORE_INTENT_DELETE);
      written.forEach(intent -> parts.intents().delete(intent.id()));
    }
  }

  /** From here on recovery may take them. */
  void release() {
    written.forEach(intent -> parts.ownIntents().remove(intent.id()));
  }
}
