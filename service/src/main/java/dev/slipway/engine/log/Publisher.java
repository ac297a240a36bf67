package dev.slipway.engine.log;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.time.Duration;
import java.util.Optional;

/**
 * The commit point. An unclear answer is cleared up by reading the key back; an absent key isn't
 * failure: the same batch is put under the same key until something occupies it.
 */
public final class Publisher {
  private final LogStore log;
  private final FailureInjector failures;
  private final int attempts;

  /**
   * @param attempts how often a key is tried before its answer counts as unknown
   */
  public Publisher(LogStore log, FailureInjector failures, int attempts) {
    this.log = log;
    this.failures = failures;
    this.attempts = attempts;
  }

  /**
   * Puts the batch under its key.
   *
   * @return false if another batch has the key
   * @throws SlipwayException {@code OUTCOME_UNKNOWN}
   */
  public boolean publish(LogBatch batch) {
    for (int i = 1; ; i++) {
      try {
        LogStore.Put put = log.publish(batch);
        failures.at(FailPoint.COMMIT_PUBLISH_ANSWER_LOST);
        return put == LogStore.Put.PUBLISHED;
      } catch (StorageException unclear) {
        if (unclear.code() == StorageErrorCode.INVALID_ARGUMENT) {
          // The store refuses it: asking again changes nothing.
          throw unclear;
        }
        Optional<Boolean> ours = readBack(batch, unclear);
        if (ours.isPresent()) {
          return ours.get();
        }
        if (i == attempts) {
          throw SlipwayException.of(
                  ErrorReason.OUTCOME_UNKNOWN, "the log doesn't answer whether it took the commit")
              .retryAfter(Duration.ofSeconds(1))
              .causedBy(unclear);
        }
      }
    }
  }

  private Optional<Boolean> readBack(LogBatch batch, StorageException unclear) {
    try {
      return log.isOurs(batch);
    } catch (StorageException stillUnclear) {
      unclear.addSuppressed(stillUnclear);
      return Optional.empty();
    }
  }
}
