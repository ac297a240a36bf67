package dev.slipway.config;

import java.util.List;

/**
 * What the server tells its operator.
 *
 * @param format how a line looks
 * @param level the least important lines shown
 */
public record LogConfig(Format format, Level level) {

  /** Ways to write a line. */
  public enum Format {
    LOGFMT,
    JSON
  }

  /** Importance, most important first. */
  public enum Level {
    ERROR,
    WARN,
    INFO,
    DEBUG
  }

  private static final ConfigKey<Format> FORMAT =
      ConfigKey.choice(
          "log.format", Format.class, Format.LOGFMT, "How log lines are written, one an event.");
  private static final ConfigKey<Level> LEVEL =
      ConfigKey.choice("log.level", Level.class, Level.INFO, "The least important lines shown.");

  static final List<ConfigKey<?>> KEYS = List.of(FORMAT, LEVEL);

  static LogConfig of(ConfigValues values) {
    return new LogConfig(values.of(FORMAT), values.of(LEVEL));
  }
}
