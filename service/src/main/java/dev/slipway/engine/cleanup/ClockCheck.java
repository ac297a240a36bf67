package dev.slipway.engine.cleanup;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.log.Micros;
import java.time.Duration;

/**
 * Floors are revisions picked by their times: a clock far behind the log's would pick wrong ones.
 */
public final class ClockCheck {
  private static final Duration MAX_AHEAD = Duration.ofMinutes(10);
  private static final long MAX_SECONDS = Long.MAX_VALUE / 4_000_000;

  private ClockCheck() {}

  /**
   * @param lastMicros the time of the newest record
   * @throws SlipwayException {@code CLOCK_SKEW}
   */
  public static void require(long lastMicros, long nowMicros) {
    if (lastMicros - nowMicros > micros(MAX_AHEAD)) {
      throw SlipwayException.of(
          ErrorReason.CLOCK_SKEW,
          "the newest record is of %s and this server's clock says %s; nothing is reclaimed while"
              + " it is more than ten minutes behind",
          Micros.instant(lastMicros),
          Micros.instant(nowMicros));
    }
  }

  /** Whole microseconds; the longest there can be if it is longer than that. */
  public static long micros(Duration duration) {
    return duration.toSeconds() > MAX_SECONDS
        ? MAX_SECONDS * 1_000_000
        : duration.toSeconds() * 1_000_000 + duration.toNanosPart() / 1_000;
  }
}
