package dev.slipway.storage.contract;

import java.util.stream.LongStream;

/** Which seeds a random test runs, and how to run one of them again. */
final class Seeds {
  private Seeds() {}

  /**
   * The seeds 0 to before {@code count}, unless the system property gives others: {@code 17} for
   * one alone, {@code 0-999} for a range.
   */
  static LongStream of(String property, int count) {
    String given = System.getProperty(property, "");
    if (given.isEmpty()) {
      return LongStream.range(0, count);
    }
    String[] ends = given.split("-", 2);
    long first = Long.parseLong(ends[0]);
    return LongStream.rangeClosed(first, ends.length == 1 ? first : Long.parseLong(ends[1]));
  }

  /** A line for a failure's message. */
  static String replay(String property, long seed, Object test) {
    Class<?> suite = test.getClass();
    return String.format(
        "replay: add -D%s=%d to the run of %s", property, seed, suite.getSimpleName());
  }
}
