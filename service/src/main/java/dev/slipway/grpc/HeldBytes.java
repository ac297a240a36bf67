package dev.slipway.grpc;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what clients sent and nobody has worked off yet. Safe for use by many threads. */
final class HeldBytes {
  private static final Duration COME_BACK = Duration.ofSeconds(1);

  private final String holders;
  private final long limit;
  private final AtomicLong held = new AtomicLong();

  /**
   * @param holders what holds them, for messages
   */
  HeldBytes(String holders, long limit) {
    this.holders = holders;
    this.limit = limit;
  }

  /**
   * Counts more; {@link #release} gives them back. What is alone is always let in: it could never
   * come back at a better time.
   */
  void hold(long bytes) {
    long now = held.addAndGet(bytes);
    if (now > limit && now > bytes) {
      held.addAndGet(-bytes);
      throw SlipwayException.of(
              ErrorReason.OVERLOADED,
              "%s hold %d bytes already, of at most %d; try again later",
              holders,
              now - bytes,
              limit)
          .with("limit", limit)
          .with("field", holders)
          .retryAfter(COME_BACK);
    }
  }

  void release(long bytes) {
    held.addAndGet(-bytes);
  }
}
