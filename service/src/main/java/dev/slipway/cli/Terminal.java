package dev.slipway.cli;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** Where commands print. */
final class Terminal {
  private Terminal() {}

  static PrintWriter out(@Nullable CommandSpec spec) {
    return line(spec).commandLine().getOut();
  }

  /** The same place as {@link #out}, for bytes. */
  static ResultStream stream(@Nullable CommandSpec spec) {
    return ((SlipwayCommand) line(spec).root().userObject()).output();
  }

  static PrintWriter err(@Nullable CommandSpec spec) {
    return line(spec).commandLine().getErr();
  }

  /** Whether a person watches standard error; the start script can tell. */
  static boolean isInteractive() {
    return Boolean.getBoolean("slipway.terminal");
  }

  private static CommandSpec line(@Nullable CommandSpec spec) {
    if (spec == null) {
      throw new IllegalStateException("a command runs only from a command line");
    }
    return spec;
  }
}
