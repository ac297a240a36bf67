package dev.slipway.engine;

import java.time.Instant;
import java.util.Optional;

/**
 * Which recoveries to list; what is empty lets all through.
 *
 * @param from not earlier than this
 * @param until earlier than this
 */
public record RecoveryFilter(
    Optional<CommitInfo.RecoveredInfo.Outcome> outcome,
    Optional<String> branch,
    Optional<Instant> from,
    Optional<Instant> until) {
  public static final RecoveryFilter ALL =
      new RecoveryFilter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /** Whether a recovery is one of them. */
  public boolean admits(RecoveryInfo recovery) {
    return outcome.map(recovery.recovered().outcome()::equals).orElse(true)
        && branch.map(recovery.branch()::equals).orElse(true)
        && from.map(time -> !recovery.time().isBefore(time)).orElse(true)
        && until.map(recovery.time()::isBefore).orElse(true);
  }
}
