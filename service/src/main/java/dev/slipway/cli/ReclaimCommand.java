package dev.slipway.cli;

import com.google.protobuf.util.Durations;
import dev.slipway.v1.ReclaimDatabasesRequest;
import dev.slipway.v1.ReclaimDatabasesResponse;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Frees what dropped databases left. */
@Command(
    name = "reclaim",
    mixinStandardHelpOptions = true,
    description = {
      "Free the files of dropped databases.",
      "",
      "A folder goes only once two runs found it unnamed, the grace period apart.%n"
    })
final class ReclaimCommand implements Callable<Integer> {
  @Mixin private ServerAddress server = new ServerAddress();

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      defaultValue = "24h",
      converter = DurationText.class,
      description = "Leave alone what was created within this time. Default: 24h.")
  private Duration grace = Duration.ofHours(24);

  @Option(names = "--dry-run", description = "Tell what would be done, and change nothing.")
  private boolean dryRun;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = Terminal.out(spec);
    try (Connection connection = server.connect()) {
      ReclaimDatabasesResponse report =
          connection
              .maintenance()
              .reclaimDatabases(
                  ReclaimDatabasesRequest.newBuilder()
                      .setGrace(Durations.fromMillis(grace.toMillis()))
                      .setDryRun(dryRun)
                      .build());
      String done = dryRun ? "would reclaim" : "reclaimed";
      report.getReclaimedIdsList().forEach(id -> out.printf("%s %s%n", done, id));
      report.getCandidateIdsList().forEach(id -> out.printf("later %s%n", id));
      report.getFailedMap().forEach((id, why) -> out.printf("left %s: %s%n", id, why));
      out.flush();
      return report.getFailedCount() == 0 ? ExitCode.OK : ExitCode.PROBLEMS;
    }
  }
}
