package dev.slipway.cli;

/** What a command leaves behind, for scripts. Documented in docs/cli.md. */
final class ExitCode {
  static final int OK = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int UNAVAILABLE = 3;
  static final int NOT_FOUND = 4;
  static final int CONFLICT = 5;
  static final int BAD_DATA = 6;
  static final int PROBLEMS = 7;

  private ExitCode() {}
}
