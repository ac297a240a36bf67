package dev.slipway.engine.simulation;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.log.Settings;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How much of its past a run keeps.
 *
 * @param reclaims whether anybody cleans up: a staged write's id is forgotten below the floor, so
 *     that a client may stage it again after that, and staged writes must be such that doing one
 *     twice does no harm
 * @param forgets whether requests too are forgotten so soon that a client may ask for one again
 *     after that: it is carried out twice then, so all writes must be such
 * @param settings of the database
 * @param maxSkew by which clocks are wrong at most, but for jumps
 * @param clocksJump whether a process's clock runs far ahead or behind now and then
 * @param drops whether the database is dropped and created again
 */
record Regime(
    boolean reclaims,
    boolean forgets,
    Settings settings,
    Duration maxSkew,
    boolean clocksJump,
    boolean drops) {

  static Regime any(RandomGenerator random) {
    boolean clocksJump = random.nextInt(3) == 0;
    boolean drops = random.nextInt(5) == 0;
    return switch (random.nextInt(10)) {
      case 0, 1, 2, 3 ->
          new Regime(false, false, Settings.DEFAULT, Duration.ofMinutes(5), clocksJump, drops);
      case 4, 5 -> new Regime(true, false, Settings.DEFAULT, maxSkew(random), clocksJump, drops);
      default -> new Regime(true, true, small(random), maxSkew(random), clocksJump, drops);
    };
  }

  /**
   * Whether a staged write may be said to be expired: somebody cleans up, or a clock runs ahead.
   */
  boolean expires() {
    return reclaims || clocksJump;
  }

  private static Settings small(RandomGenerator random) {
    long[] windows = {0, 0, 1, 30};
    long[] lifetimes = {1, 60, 3_600, 86_400};
    return new Settings(
        windows[random.nextInt(windows.length)],
        2 + random.nextInt(8),
        lifetimes[random.nextInt(lifetimes.length)]);
  }

  private static Duration maxSkew(RandomGenerator random) {
    return random.nextBoolean() ? Duration.ZERO : Duration.ofMinutes(5);
  }

  /** By how much a clock is wrong. */
  Duration skew(RandomGenerator random) {
    int max = (int) maxSkew.toSeconds();
    return Duration.ofSeconds(random.nextInt(2 * max + 1) - max);
  }

  /** How somebody cleans up; most wait a little for what is under way. */
  static CleanupPolicy policy(RandomGenerator random) {
    return new CleanupPolicy(1 + random.nextInt(6), age(random), age(random));
  }

  private static Duration age(RandomGenerator random) {
    return switch (random.nextInt(8)) {
      case 0, 1 -> Duration.ZERO;
      case 2, 3, 4 -> Duration.ofMillis(random.nextInt(100));
      case 5, 6 -> Duration.ofMillis(random.nextInt(3_000));
      default -> Duration.ofMinutes(random.nextInt(30));
    };
  }

  /** How long nothing happens at all, now and then. */
  static Duration lull(RandomGenerator random) {
    return switch (random.nextInt(4)) {
      case 0 -> Duration.ofMinutes(1 + random.nextInt(120));
      case 1 -> Duration.ofMillis(random.nextInt(10_000));
      default -> Duration.ofMillis(random.nextInt(300));
    };
  }
}
