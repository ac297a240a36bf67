package dev.slipway.cli;

import com.google.protobuf.Timestamp;
import dev.slipway.v1.ListTablesRequest;
import dev.slipway.v1.ReadAt;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What a client command reads. */
final class ReadPoint {
  /** How long a revision may be on its way: another server's commit takes no longer. */
  private static final Duration REACH = Duration.ofSeconds(2);

  @Option(names = "--branch", defaultValue = "main", description = "The branch. Default: main.")
  private String branch = "main";

  @ArgGroup private @Nullable Point point;

  /** At most one of these. */
  static final class Point {
    @Option(names = "--revision", description = "Read right after this revision.")
    private @Nullable Long revision;

    @Option(
        names = "--time",
        paramLabel = "INSTANT",
        description = "Read as of this time: 2026-01-31T12:00:00Z.")
    private @Nullable String time;

    @Option(
        names = "--staged-write",
        paramLabel = "ID",
        description = "Read as if this staged write were committed.")
    private @Nullable String stagedWrite;
  }

  ReadAt message() {
    ReadAt.Builder at = ReadAt.newBuilder().setBranch(branch);
    if (point == null) {
      return at.build();
    }
    if (point.revision != null) {
      at.setRevision(point.revision);
    } else if (point.time != null) {
      at.setTimestamp(timestamp(point.time));
    } else if (point.stagedWrite != null) {
      at.setStagedWriteId(point.stagedWrite);
    }
    return at.build();
  }

  /**
   * Asks whether the revision is there: a read of one to come is answered only at its deadline,
   * which for a scan is an hour away.
   *
   * @throws StatusRuntimeException {@code REVISION_NOT_REACHED}, which names the newest
   */
  void requireReached(Connection connection, String database) {
    if (point == null || point.revision == null) {
      return;
    }
    try {
      connection
          .tables()
          .withDeadlineAfter(REACH.toMillis(), TimeUnit.MILLISECONDS)
          .listTables(
              ListTablesRequest.newBuilder()
                  .setDatabase(database)
                  .setAt(message())
                  .setPageSize(1)
                  .build());
    } catch (StatusRuntimeException e) {
      // A server that is only slow has the call's own time to answer.
      if (e.getStatus().getCode() != Status.Code.DEADLINE_EXCEEDED) {
        throw e;
      }
    }
  }

  private static Timestamp timestamp(String text) {
    try {
      Instant instant = Instant.parse(text);
      return Timestamp.newBuilder()
          .setSeconds(instant.getEpochSecond())
          .setNanos(instant.getNano())
          .build();
    } catch (DateTimeException e) {
      throw new CommandException(
          ExitCode.USAGE, "--time: expected 2026-01-31T12:00:00Z, found '" + text + "'");
    }
  }
}
