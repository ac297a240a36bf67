package dev.slipway.cli;

import dev.slipway.v1.Finding;
import dev.slipway.v1.FindingKind;
import dev.slipway.v1.FindingSeverity;
import dev.slipway.v1.VerifyProgress;
import dev.slipway.v1.VerifyRequest;
import dev.slipway.v1.VerifyResponse;
import dev.slipway.v1.VerifySummary;
import java.io.PrintWriter;
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

/** Checks a database. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Check a database against itself: log, checkpoints, versions, files, intents.",
      "Without a database, check the root's catalog: its log.",
      "",
      "It changes nothing. The exit code is 7 if it finds a problem.%n"
    })
final class VerifyCommand implements Callable<Integer> {
  @Mixin private ServerAddress server = new ServerAddress();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "DATABASE",
      description = "The database. Without: the catalog, which says what databases there are.")
  private String database = "";

  @Option(names = "--deep", description = "Also read every row of every version.")
  private boolean deep;

  @Option(names = "--unreferenced", description = "Also print each file that nothing names.")
  private boolean unreferenced;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = Terminal.out(spec);
    PrintWriter err = Terminal.err(spec);
    long garbage = 0;
    try (Connection connection = server.connect()) {
      Iterator<VerifyResponse> steps =
          connection
              .maintenance()
              .verify(VerifyRequest.newBuilder().setDatabase(database).setDeep(deep).build());
      VerifySummary summary = VerifySummary.getDefaultInstance();
      while (steps.hasNext()) {
        VerifyResponse step = steps.next();
        if (step.hasProgress() && Terminal.isInteractive()) {
          print(err, step.getProgress());
        } else if (step.hasFinding()) {
          boolean file = step.getFinding().getKind() == FindingKind.FINDING_KIND_UNREFERENCED;
          garbage += file ? 1 : 0;
          if (!file || unreferenced) {
            print(out, step.getFinding());
          }
        } else if (step.hasSummary()) {
          summary = step.getSummary();
        }
      }
      print(out, summary, garbage);
      out.flush();
      return summary.getProblems() == 0 ? ExitCode.OK : ExitCode.PROBLEMS;
    }
  }

  private static void print(PrintWriter err, VerifyProgress progress) {
    err.printf(
        Locale.ROOT,
        "\r%-12s %,d of %,d  ",
        progress.getPhase(),
        progress.getDone(),
        progress.getTotal());
    if (progress.getDone() == progress.getTotal()) {
      err.print("\r" + " ".repeat(60) + "\r");
    }
    err.flush();
  }

  private static void print(PrintWriter out, Finding finding) {
    out.printf(
        "%s %s%s%s %s: %s%n",
        finding.getSeverity() == FindingSeverity.FINDING_SEVERITY_PROBLEM ? "PROBLEM" : "notice",
        finding.getKind().name().substring("FINDING_KIND_".length()),
        finding.getTable().isEmpty() ? "" : " " + finding.getTable(),
        finding.getRevision() == 0 ? "" : " revision " + finding.getRevision(),
        finding.getResource(),
        finding.getMessage());
  }

  private static void print(PrintWriter out, VerifySummary summary, long garbage) {
    out.printf(
        Locale.ROOT,
        "revision %d: %,d log records, %,d checkpoints, %,d versions, %,d files, %,d bytes%s%n",
        summary.getHeadRevision(),
        summary.getRecords(),
        summary.getCheckpoints(),
        summary.getVersions(),
        summary.getFiles(),
        summary.getBytes(),
        summary.getRows() == 0
            ? ""
            : String.format(Locale.ROOT, ", %,d rows read", summary.getRows()));
    out.printf(
        Locale.ROOT,
        "%,d problems, %,d notices%s%n",
        summary.getProblems(),
        summary.getNotices(),
        garbage == 0
            ? ""
            : String.format(Locale.ROOT, ", of them %,d that nothing names", garbage));
  }
}
