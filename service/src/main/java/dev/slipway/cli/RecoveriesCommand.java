package dev.slipway.cli;

import com.google.protobuf.util.Timestamps;
import dev.slipway.v1.ListRecoveriesRequest;
import dev.slipway.v1.ListRecoveriesResponse;
import dev.slipway.v1.Recovery;
import dev.slipway.v1.RecoveryOutcome;
import dev.slipway.v1.TableChange;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints what recovery did. */
@Command(
    name = "recoveries",
    mixinStandardHelpOptions = true,
    description = "Print the commits that recovery completed or rolled back, newest first.")
final class RecoveriesCommand implements Callable<Integer> {
  /** What recovery did, as one types it. */
  enum Outcome {
    FORWARD(RecoveryOutcome.RECOVERY_OUTCOME_ROLLED_FORWARD),
    BACK(RecoveryOutcome.RECOVERY_OUTCOME_ROLLED_BACK);

    private final RecoveryOutcome message;

    Outcome(RecoveryOutcome message) {
      this.message = message;
    }
  }

  @Mixin private ServerAddress server = new ServerAddress();

  @Parameters(index = "0", paramLabel = "DATABASE", description = "The database.")
  private String database = "";

  @Option(names = "--outcome", description = "Only these: forward or back.")
  private @Nullable Outcome outcome;

  @Option(names = "--branch", defaultValue = "", description = "Only of this branch.")
  private String branch = "";

  @Option(
      names = {"-n", "--limit"},
      defaultValue = "20",
      description = "At most this many. Default: 20.")
  private int limit = 20;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = Terminal.out(spec);
    ListRecoveriesRequest.Builder request =
        ListRecoveriesRequest.newBuilder().setDatabase(database).setBranch(branch);
    if (outcome != null) {
      request.setOutcome(outcome.message);
    }
    try (Connection connection = server.connect()) {
      int left = limit;
      do {
        ListRecoveriesResponse page = connection.maintenance().listRecoveries(request.build());
        page.getRecoveriesList().stream().limit(left).forEach(each -> print(out, each));
        left -= page.getRecoveriesCount();
        request.setPageToken(page.getNextPageToken());
      } while (left > 0 && !request.getPageToken().isEmpty());
      out.flush();
    }
    return ExitCode.OK;
  }

  private static void print(PrintWriter out, Recovery recovery) {
    boolean forward =
        recovery.getRecovered().getOutcome() == RecoveryOutcome.RECOVERY_OUTCOME_ROLLED_FORWARD;
    out.printf(
        "revision %d  %s  %s  %s, begun at revision %d%s%n",
        recovery.getRevision(),
        Timestamps.toString(recovery.getRecoverTime()),
        recovery.getActor(),
        forward ? "rolled forward" : "rolled back: " + recovery.getReason(),
        recovery.getRecovered().getBegunRevision(),
        recovery.getRequestId().isEmpty() ? "" : ", request " + recovery.getRequestId());
    for (TableChange table : recovery.getTablesList()) {
      out.printf("  %s: %s%n", table.getName(), LogCommand.rows(table));
    }
  }
}
