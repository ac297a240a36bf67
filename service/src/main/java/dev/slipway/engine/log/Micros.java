package dev.slipway.engine.log;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/** Times as the log has them: microseconds since 1970. */
public final class Micros {
  private Micros() {}

  public static long now(InstantSource clock) {
    return of(clock.instant());
  }

  public static long of(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  public static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
