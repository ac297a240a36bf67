package dev.slipway.cli;

import com.google.protobuf.Timestamp;
import dev.slipway.v1.ReadAt;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What a client command reads. */
final class ReadPoint {
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
