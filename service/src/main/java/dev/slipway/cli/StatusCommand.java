package dev.slipway.cli;

import com.google.protobuf.util.Timestamps;
import dev.slipway.v1.CheckpointFailure;
import dev.slipway.v1.DatabaseCondition;
import dev.slipway.v1.DatabaseStatus;
import dev.slipway.v1.GetStatusRequest;
import dev.slipway.v1.GetStatusResponse;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints how databases are. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = "Print how databases are: revisions, floors, what waits for recovery.")
final class StatusCommand implements Callable<Integer> {
  @Mixin private ServerAddress server = new ServerAddress();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "DATABASE",
      defaultValue = "",
      description = "One database. Default: all.")
  private String database = "";

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = Terminal.out(spec);
    boolean well = true;
    GetStatusRequest.Builder request = GetStatusRequest.newBuilder().setDatabase(database);
    try (Connection connection = server.connect()) {
      do {
        GetStatusResponse page = connection.maintenance().getStatus(request.build());
        for (DatabaseStatus status : page.getDatabasesList()) {
          print(out, status);
          well &=
              status.getCondition() == DatabaseCondition.DATABASE_CONDITION_SERVING
                  && status.getQuarantinedIntentsCount() == 0
                  && !status.hasCheckpointFailure();
        }
        request.setPageToken(page.getNextPageToken());
      } while (!request.getPageToken().isEmpty());
      out.flush();
    }
    return well ? ExitCode.OK : ExitCode.PROBLEMS;
  }

  private static void print(PrintWriter out, DatabaseStatus status) {
    String condition =
        switch (status.getCondition()) {
          case DATABASE_CONDITION_SERVING -> "serving";
          case DATABASE_CONDITION_READ_ONLY -> "read-only";
          default -> "unavailable";
        };
    out.printf(
        "%s: %s%s%n",
        status.getDatabase().getName(),
        condition,
        status.getProblem().isEmpty() ? "" : ": " + status.getProblem());
    if (status.getCondition() == DatabaseCondition.DATABASE_CONDITION_UNAVAILABLE) {
      return;
    }
    out.printf(
        Locale.ROOT,
        "  revision %d%s, %d tables on %d branches%n",
        status.getDatabase().getHeadRevision(),
        status.hasHeadTime() ? " of " + Timestamps.toString(status.getHeadTime()) : "",
        status.getTables(),
        status.getBranches());
    out.printf(
        Locale.ROOT,
        "  floors: history %d, staged writes %d, request ids %d; newest checkpoint %d of %d%n",
        status.getHistoryFloor(),
        status.getStagedFloor(),
        status.getIdempotencyFloor(),
        status.getCheckpointRevision(),
        status.getCheckpoints());
    if (status.hasCheckpointFailure()) {
      CheckpointFailure failure = status.getCheckpointFailure();
      out.printf(
          Locale.ROOT,
          "  no checkpoint since %s, last tried at revision %d: %s%n",
          Timestamps.toString(failure.getSinceTime()),
          failure.getRevision(),
          failure.getReason());
    }
    out.printf(
        Locale.ROOT,
        "  intents: %d in flight, %d pending, %d quarantined%n",
        status.getInFlightIntents(),
        status.getPendingIntentIdsCount(),
        status.getQuarantinedIntentsCount());
    RecoverCommand.print(out, "  quarantined", status.getQuarantinedIntentsList());
  }
}
