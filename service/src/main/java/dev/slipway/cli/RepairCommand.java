package dev.slipway.cli;

import dev.slipway.OfflineRepair;
import dev.slipway.OfflineRepair.Decision;
import dev.slipway.OfflineRepair.Poison;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Voids a record that stops a log. */
@Command(
    name = "repair",
    mixinStandardHelpOptions = true,
    description = {
      "Void the newest log record of a database or the catalog, if it can't be read or says what",
      "must not be.",
      "",
      "Such a record makes the database read-only; the catalog's keeps databases from being"
          + " created",
      "and dropped. What it held is lost for good. Stop every server of the root first. Without",
      "--void it only tells what it would do.%n"
    })
final class RepairCommand implements Callable<Integer> {
  @Mixin private ServerOptions options = new ServerOptions();

  /** Whose log. */
  static final class Log {
    @Parameters(index = "0", paramLabel = "DATABASE", description = "The database.")
    private @Nullable String database;

    @Option(
        names = "--catalog",
        description = "The catalog, the log that says what databases there are.")
    private boolean catalog;
  }

  @ArgGroup(multiplicity = "1")
  private Log log = new Log();

  @Option(
      names = "--void",
      paramLabel = "REASON",
      description = "Do it: every server is stopped, and this is why. The reason is kept.")
  private @Nullable String reason;

  @Option(
      names = "--actor",
      defaultValue = "${sys:user.name}",
      description = "Who does it; kept too. Default: the user's name.")
  private String actor = "";

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = Terminal.out(spec);
    Optional<Decision> decision = Optional.ofNullable(reason).map(why -> new Decision(actor, why));
    Optional<Poison> found =
        OfflineRepair.run(
            options.config(System.getenv()),
            log.catalog ? Optional.empty() : Optional.ofNullable(log.database),
            decision);
    if (found.isEmpty()) {
      out.println("the log can be followed to its end; there is nothing to repair");
      out.flush();
      return ExitCode.OK;
    }
    Poison poison = found.get();
    out.printf(
        "%s %s: revisions %d to %d, %s%n",
        decision.isPresent() ? "voided" : "would void",
        poison.key(),
        poison.revision(),
        poison.revision() + poison.entries() - 1,
        poison.why());
    out.flush();
    return decision.isPresent() ? ExitCode.OK : ExitCode.PROBLEMS;
  }
}
