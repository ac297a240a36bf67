package dev.slipway.engine;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One commit that recovery completed or rolled back, as the log has it.
 *
 * @param revision of the entry that says so
 * @param operationId of the commit that was cut off
 * @param actor who had asked for it
 * @param reason why it was rolled back; empty if it was completed
 * @param message its own message, or why it was rolled back in words
 * @param tables what it changed; nothing if it was rolled back
 */
public record RecoveryInfo(
    long revision,
    CommitInfo.RecoveredInfo recovered,
    String operationId,
    Optional<String> requestId,
    String actor,
    String branch,
    Instant time,
    Optional<ErrorReason> reason,
    String message,
    List<CommitInfo.TableChange> tables) {
  public RecoveryInfo {
    tables = List.copyOf(tables);
  }
}
