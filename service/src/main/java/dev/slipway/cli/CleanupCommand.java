package dev.slipway.cli;

import com.google.protobuf.util.Durations;
import dev.slipway.v1.CleanupFiles;
import dev.slipway.v1.CleanupPolicy;
import dev.slipway.v1.CleanupRequest;
import dev.slipway.v1.CleanupResponse;
import dev.slipway.v1.CleanupSummary;
import dev.slipway.v1.CleanupTable;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Iterator;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Forgets old history and frees what nothing refers to. */
@Command(
    name = "cleanup",
    mixinStandardHelpOptions = true,
    description = {
      "Forget old history and free what nothing refers to any more.",
      "",
      "A file goes only once two cleanups found it unreferenced, the grace period apart.%n"
    })
final class CleanupCommand implements Callable<Integer> {
  @Mixin private ServerAddress server = new ServerAddress();

  @Parameters(index = "0", paramLabel = "DATABASE", description = "The database.")
  private String database = "";

  @Option(
      names = "--keep-revisions",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Keep at least so many of the newest revisions. Default: 1000.")
  private long keepRevisions = 1_000;

  @Option(
      names = "--older-than",
      paramLabel = "TIME",
      defaultValue = "7d",
      converter = DurationText.class,
      description = "Keep revisions younger than this. Default: 7d.")
  private Duration olderThan = Duration.ofDays(7);

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      defaultValue = "24h",
      converter = DurationText.class,
      description = "Leave alone what was begun within this time. Default: 24h.")
  private Duration grace = Duration.ofHours(24);

  @Option(names = "--dry-run", description = "Tell what would be done, and change nothing.")
  private boolean dryRun;

  @Option(names = "--files", description = "Print each file.")
  private boolean files;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = Terminal.out(spec);
    CleanupRequest request =
        CleanupRequest.newBuilder()
            .setDatabase(database)
            .setPolicy(
                CleanupPolicy.newBuilder()
                    .setKeepRevisions(keepRevisions)
                    .setOlderThan(Durations.fromMillis(olderThan.toMillis()))
                    .setGrace(Durations.fromMillis(grace.toMillis())))
            .setDryRun(dryRun)
            .build();
    try (Connection connection = server.connect()) {
      Iterator<CleanupResponse> steps = connection.maintenance().cleanup(request);
      CleanupSummary summary = CleanupSummary.getDefaultInstance();
      while (steps.hasNext()) {
        CleanupResponse step = steps.next();
        if (step.hasTable()) {
          print(out, step.getTable());
        } else if (step.hasFiles() && files) {
          print(out, step.getFiles());
        } else if (step.hasSummary()) {
          summary = step.getSummary();
        }
      }
      print(out, summary);
      out.flush();
      return summary.getFailedTables() + summary.getProblemsCount() == 0
          ? ExitCode.OK
          : ExitCode.PROBLEMS;
    }
  }

  private static void print(PrintWriter out, CleanupFiles some) {
    some.getDeletedList().forEach(file -> out.printf("  delete %s%n", file));
    some.getCandidatesList().forEach(file -> out.printf("  later %s%n", file));
  }

  private static void print(PrintWriter out, CleanupTable table) {
    String name = table.getTable().isEmpty() ? table.getTableId() : table.getTable();
    if (!table.getFailureReason().isEmpty()) {
      out.printf("%s: %s: %s%n", name, table.getFailureReason(), table.getFailureMessage());
      return;
    }
    out.printf(
        Locale.ROOT,
        "%s: %,d versions kept, %,d files deleted, %,d for a later cleanup%s%n",
        name,
        table.getVersions(),
        table.getDeletedFiles(),
        table.getCandidateFiles(),
        table.getPurged()
            ? "; gone for good"
            : table.getPurgeable() ? "; dropped, goes with a later cleanup" : "");
  }

  private static void print(PrintWriter out, CleanupSummary summary) {
    out.printf(
        Locale.ROOT,
        "%srevisions from %d on can be read, of %d; %,d files deleted, %,d for a later cleanup;"
            + " %,d log records emptied, %,d checkpoints and %,d staged writes deleted%n",
        summary.getDryRun() ? "dry run: " : "",
        summary.getFloors().getHistoryFloor(),
        summary.getRevision(),
        summary.getDeletedFiles(),
        summary.getCandidateFiles(),
        summary.getLogRecords(),
        summary.getCheckpoints(),
        summary.getStagedWrites());
    summary.getProblemsList().forEach(problem -> out.printf("PROBLEM %s%n", problem));
  }
}
