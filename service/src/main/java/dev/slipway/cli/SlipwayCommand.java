package dev.slipway.cli;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code slipway} command. */
@Command(
    name = "slipway",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "A gRPC storage service for tables: stage writes, commit them atomically.%n",
    subcommands = {
      ServeCommand.class,
      DemoCommand.class,
      LoadCommand.class,
      ScanCommand.class,
      CountCommand.class,
      LogCommand.class,
      ListCommand.class,
      StatusCommand.class,
      RecoverCommand.class,
      RecoveriesCommand.class,
      VerifyCommand.class,
      CleanupCommand.class,
      ReclaimCommand.class,
      RepairCommand.class
    })
public final class SlipwayCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  /** Runs one command and leaves with its exit code. */
  public static void main(String[] args) {
    System.setProperty("java.util.logging.manager", SteadyLogManager.class.getName());
    ServerLog quiet = ServerLog.quiet();
    int exitCode = commandLine().execute(args);
    quiet.close();
    System.exit(exitCode);
  }

  /** A command line that prints failures as one line and answers exit codes. */
  static CommandLine commandLine() {
    return new CommandLine(new SlipwayCommand())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(
            (failure, line, parsed) -> {
              Optional<FailureLine> known = FailureLine.of(failure);
              if (known.isEmpty()) {
                throw failure;
              }
              line.getErr().println("slipway: " + known.get().text());
              line.getErr().flush();
              return known.get().exitCode();
            });
  }

  @Override
  public void run() {
    throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "expected a command");
  }
}
