package dev.slipway.engine.simulation;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** What goes wrong, how often, and when: drawn anew at every call that could go wrong. */
final class Weather {
  private final RandomGenerator random;
  private final double storeFaults;
  private final double windowFaults;
  private final double tableFaults;
  private final double sleepiness;
  private final double clockFaults;
  private boolean calm = true;

  /** What happens to a call. */
  enum Strike {
    NONE,
    /** It fails and does nothing. */
    FAIL,
    /** It does nothing, and its caller can't know. */
    VANISH,
    /** It is done, and its caller can't know. */
    LOSE_ANSWER,
    /** The call takes long. */
    SLOW,
    /** The whole process stands still for long. */
    PAUSE,
    /** The store is away for this process, for a while. */
    AWAY,
    /** The process ends before the call does anything. */
    CRASH_BEFORE,
    /** The process ends right after the call. */
    CRASH_AFTER
  }

  private static final Strike[] STORE = {
    Strike.FAIL,
    Strike.VANISH,
    Strike.LOSE_ANSWER,
    Strike.LOSE_ANSWER,
    Strike.SLOW,
    Strike.SLOW,
    Strike.PAUSE,
    Strike.PAUSE,
    Strike.AWAY,
    Strike.CRASH_BEFORE,
    Strike.CRASH_AFTER
  };
  private static final Strike[] WINDOW = {
    Strike.FAIL, Strike.SLOW, Strike.PAUSE, Strike.PAUSE, Strike.CRASH_BEFORE
  };
  private static final Strike[] TABLE = {
    Strike.FAIL, Strike.FAIL, Strike.SLOW, Strike.PAUSE, Strike.CRASH_BEFORE
  };

  /**
   * @param clocksJump whether clocks do
   */
  Weather(RandomGenerator random, boolean clocksJump) {
    this.random = random;
    double[] levels = {0, 0.005, 0.02, 0.06};
    this.storeFaults = levels[random.nextInt(levels.length)];
    this.windowFaults = levels[random.nextInt(levels.length)] * 2;
    this.tableFaults = levels[random.nextInt(levels.length)];
    this.sleepiness = new double[] {0, 0.002, 0.01}[random.nextInt(3)];
    double often = random.nextBoolean() ? 0.002 : 0.01;
    this.clockFaults = clocksJump ? often : 0;
  }

  void calm() {
    calm = true;
  }

  boolean isCalm() {
    return calm;
  }

  void storm() {
    calm = false;
  }

  /**
   * @param changes whether the call changes anything
   */
  Strike atStore(boolean changes) {
    Strike strike = draw(storeFaults, STORE);
    boolean fits = changes || (strike != Strike.VANISH && strike != Strike.LOSE_ANSWER);
    return fits ? strike : Strike.FAIL;
  }

  Strike atWindow() {
    return draw(windowFaults, WINDOW);
  }

  Strike atTable() {
    return draw(tableFaults, TABLE);
  }

  /** Whether whoever takes a step stands still there, for longer than others wait for it. */
  boolean isSleepy() {
    return !calm && random.nextDouble() < sleepiness;
  }

  /** How long: seconds or hours. */
  Duration slumber() {
    return coin()
        ? Duration.ofMillis(1_000 + random.nextInt(10_000))
        : Duration.ofMinutes(10 + random.nextInt(180));
  }

  /** How the clock of whoever takes a step jumps, if it does. */
  Optional<SimulatedClock.Jump> clockJump() {
    if (calm || random.nextDouble() >= clockFaults) {
      return Optional.empty();
    }
    Duration far =
        switch (random.nextInt(4)) {
          case 0 -> Duration.ofDays(365);
          case 1 -> Duration.ofHours(1 + random.nextInt(48));
          default -> Duration.ofMinutes(1 + random.nextInt(40));
        };
    return Optional.of(
        new SimulatedClock.Jump(
            coin() ? far : far.negated(),
            coin() ? slumber() : Duration.ofMillis(random.nextInt(1_000)),
            coin()));
  }

  boolean coin() {
    return random.nextBoolean();
  }

  private Strike draw(double chance, Strike[] strikes) {
    return calm || random.nextDouble() >= chance
        ? Strike.NONE
        : strikes[random.nextInt(strikes.length)];
  }

  /** How long something takes or is away: mostly less than a second, sometimes an hour. */
  Duration span() {
    return switch (random.nextInt(8)) {
      case 0 -> Duration.ofMinutes(random.nextInt(60));
      case 1, 2 -> Duration.ofMillis(random.nextInt(10_000));
      default -> Duration.ofMillis(random.nextInt(300));
    };
  }
}
