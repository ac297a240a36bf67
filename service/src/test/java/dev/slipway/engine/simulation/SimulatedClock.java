package dev.slipway.engine.simulation;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A process's own clock: a little wrong always, and far off for a while when it jumps. */
final class SimulatedClock implements InstantSource {
  private final Scheduler scheduler;
  private final long skew;
  private long off;
  private long until;
  private boolean untilRecord;
  private long latest;
  private long lowestOff;

  /**
   * How a clock jumps.
   *
   * @param by how far off it is then; negative: behind
   * @param lasts how long
   * @param oneRecord whether it ends with the next record that the process publishes, if that comes
   *     first
   */
  record Jump(Duration by, Duration lasts, boolean oneRecord) {}

  SimulatedClock(Scheduler scheduler, Duration skew) {
    this.scheduler = scheduler;
    this.skew = micros(skew);
    this.lowestOff = this.skew;
  }

  @Override
  public Instant instant() {
    if (off != 0 && scheduler.micros() >= until) {
      settle();
    }
    long micros = scheduler.micros() + skew + off;
    latest = Math.max(latest, micros);
    return Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1_000);
  }

  /** From now on, for a while. */
  void jump(Jump jump) {
    off = micros(jump.by());
    until = scheduler.micros() + micros(jump.lasts());
    untilRecord = jump.oneRecord();
    lowestOff = Math.min(lowestOff, skew + off);
  }

  /** A record was published with its times; gives whether a jump ends with it. */
  boolean published() {
    boolean ends = off != 0 && untilRecord;
    if (ends) {
      settle();
    }
    return ends;
  }

  /** It is only a little wrong again. */
  void settle() {
    off = 0;
  }

  /** The latest time it ever gave. */
  long latest() {
    return latest;
  }

  /** What it can't have been behind of since a moment, in true time. */
  long earliestSince(long micros) {
    return micros + lowestOff;
  }

  private static long micros(Duration duration) {
    return duration.toSeconds() * 1_000_000 + duration.toNanosPart() / 1_000;
  }
}
