package dev.slipway.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code slipway} command. */
@Command(
    name = "slipway",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "A gRPC storage service for tables: stage writes, commit them atomically.")
public final class SlipwayCommand {
  public static void main(String[] args) {
    System.exit(new CommandLine(new SlipwayCommand()).execute(args));
  }
}
