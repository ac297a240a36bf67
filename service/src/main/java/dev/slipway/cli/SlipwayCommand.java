package dev.slipway.cli;

import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.RunLast;
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
  private final ResultStream output;

  @Spec private @Nullable CommandSpec spec;

  private SlipwayCommand(ResultStream output) {
    this.output = output;
  }

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
    return commandLine(ResultStream.standardOutput());
  }

  static CommandLine commandLine(ResultStream output) {
    IExecutionStrategy command = new RunLast();
    return new CommandLine(new SlipwayCommand(output))
        .setOut(new PrintWriter(new OutputStreamWriter(output, encoding()), true))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionStrategy(
            parsed -> {
              CommandLine line = parsed.commandSpec().commandLine();
              int exitCode = command.execute(parsed);
              line.getOut().flush();
              // A command isn't done while what it printed is lost.
              if (output.failure().isPresent()) {
                ResultException lost = output.failure().get();
                throw new ExecutionException(line, String.valueOf(lost.getMessage()), lost);
              }
              return exitCode;
            })
        .setExecutionExceptionHandler(
            (failure, line, parsed) -> {
              Optional<FailureLine> known = FailureLine.of(failure);
              if (known.isEmpty()) {
                throw failure;
              }
              if (known.get().exitCode() != ExitCode.OK) {
                line.getErr().println("slipway: " + known.get().text());
                line.getErr().flush();
              }
              return known.get().exitCode();
            });
  }

  /** What the terminal expects of text; rows are always UTF-8. */
  private static Charset encoding() {
    String system = System.getProperty("native.encoding", Charset.defaultCharset().name());
    return Charset.forName(System.getProperty("sun.stdout.encoding", system));
  }

  ResultStream output() {
    return output;
  }

  @Override
  public void run() {
    throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "expected a command");
  }
}
