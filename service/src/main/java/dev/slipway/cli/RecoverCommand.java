package dev.slipway.cli;

import dev.slipway.v1.RecoverRequest;
import dev.slipway.v1.RecoverResponse;
import dev.slipway.v1.UnresolvedIntent;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Resolves what crashes left. */
@Command(
    name = "recover",
    mixinStandardHelpOptions = true,
    description = {
      "Complete or roll back commits that a crash cut off.",
      "",
      "Servers do so by themselves, when they open a database and in the background.%n"
    })
final class RecoverCommand implements Callable<Integer> {
  @Mixin private ServerAddress server = new ServerAddress();

  @Parameters(index = "0", paramLabel = "DATABASE", description = "The database.")
  private String database = "";

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = Terminal.out(spec);
    try (Connection connection = server.connect()) {
      RecoverResponse report =
          connection
              .maintenance()
              .recover(RecoverRequest.newBuilder().setDatabase(database).build());
      out.printf("resolved %d%n", report.getResolved());
      print(out, "pending", report.getPendingList());
      print(out, "quarantined", report.getQuarantinedList());
      out.flush();
      return report.getPendingCount() + report.getQuarantinedCount() == 0
          ? ExitCode.OK
          : ExitCode.PROBLEMS;
    }
  }

  static void print(PrintWriter out, String what, List<UnresolvedIntent> intents) {
    for (UnresolvedIntent intent : intents) {
      out.printf("%s %s: %s%n", what, intent.getId(), intent.getReason());
    }
  }
}
