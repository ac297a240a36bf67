package dev.slipway.engine;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How a database is.
 *
 * @param head the newest revision
 * @param changed the time of that revision; empty before the first
 * @param historyFloor reads below this revision are refused; 0: all can be read
 * @param stagedFloor staged writes begun below this revision are dead, unless renewed
 * @param idempotencyFloor request ids of operations begun below this revision are forgotten
 * @param checkpoint the revision of the newest checkpoint; 0 if there is none
 * @param checkpoints how many there are
 * @param branches how many there are
 * @param tables how many there are at the heads of all branches
 * @param inFlight intents that this process is carrying out
 * @param pending intents that somebody else is carrying out, or that wait for recovery
 */
public record DatabaseStatus(
    DatabaseInfo database,
    long head,
    Optional<Instant> changed,
    long historyFloor,
    long stagedFloor,
    long idempotencyFloor,
    long checkpoint,
    int checkpoints,
    int branches,
    int tables,
    int inFlight,
    List<String> pending,
    Condition condition) {
  public DatabaseStatus {
    pending = List.copyOf(pending);
  }
}
