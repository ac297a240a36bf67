package dev.slipway.cli;

import com.google.protobuf.util.Timestamps;
import dev.slipway.v1.CommitInfo;
import dev.slipway.v1.DatabaseStatus;
import dev.slipway.v1.GetStatusRequest;
import dev.slipway.v1.ListCommitsRequest;
import dev.slipway.v1.ListCommitsResponse;
import dev.slipway.v1.TableChange;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a branch's commits. */
@Command(
    name = "log",
    mixinStandardHelpOptions = true,
    description = "Print the commits of a database, newest first.")
final class LogCommand implements Callable<Integer> {
  private static final int PAGE = 1000;

  @Mixin private ServerAddress server = new ServerAddress();

  @Parameters(index = "0", paramLabel = "DATABASE", description = "The database.")
  private String database = "";

  @Option(names = "--branch", defaultValue = "main", description = "The branch. Default: main.")
  private String branch = "main";

  @Option(names = "--table", defaultValue = "", description = "Only commits that changed it.")
  private String table = "";

  @Option(
      names = {"-n", "--limit"},
      defaultValue = "20",
      description = "At most this many. Default: 20.")
  private int limit = 20;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = Terminal.out(spec);
    try (Connection connection = server.connect()) {
      int left = limit;
      String token = "";
      do {
        ListCommitsResponse page =
            connection
                .commits()
                .listCommits(
                    ListCommitsRequest.newBuilder()
                        .setDatabase(database)
                        .setBranch(branch)
                        .setTable(table)
                        .setPageSize(Math.max(1, Math.min(left, PAGE)))
                        .setPageToken(token)
                        .build());
        page.getCommitsList().stream().limit(left).forEach(commit -> print(out, commit));
        left -= page.getCommitsCount();
        token = page.getNextPageToken();
      } while (left > 0 && !token.isEmpty());
      if (left > 0) {
        printFloor(connection, out);
      }
      out.flush();
    }
    return ExitCode.OK;
  }

  /** What a cleanup took isn't what never was. */
  private void printFloor(Connection connection, PrintWriter out) {
    GetStatusRequest request = GetStatusRequest.newBuilder().setDatabase(database).build();
    for (DatabaseStatus status : connection.maintenance().getStatus(request).getDatabasesList()) {
      if (status.getHistoryFloor() > 1) {
        out.printf("what came before revision %d was cleaned up%n", status.getHistoryFloor());
      }
    }
  }

  static void print(PrintWriter out, CommitInfo commit) {
    out.printf(
        "revision %d  %s  %s%s%n",
        commit.getRevision(),
        Timestamps.toString(commit.getCommitTime()),
        commit.getActor(),
        commit.getMessage().isEmpty() ? "" : "  " + commit.getMessage().replace('\n', ' '));
    for (TableChange table : commit.getTablesList()) {
      out.printf("  %s: %s%n", table.getName(), rows(table));
    }
  }

  /** {@code created}, {@code +344 rows}, {@code dropped} and so on. */
  static String rows(TableChange table) {
    StringBuilder text = new StringBuilder();
    if (table.getFromVersion() == 0) {
      text.append("created ");
    }
    if (table.getToVersion() == 0) {
      text.append("dropped ");
    }
    if (!table.getPreviousName().isEmpty()) {
      text.append("renamed from ").append(table.getPreviousName()).append(' ');
    }
    if (table.getRowsAdded() > 0) {
      text.append(String.format(Locale.ROOT, "+%,d ", table.getRowsAdded()));
    }
    if (table.getRowsRemoved() > 0) {
      text.append(String.format(Locale.ROOT, "-%,d ", table.getRowsRemoved()));
    }
    if (table.getRowsAdded() + table.getRowsRemoved() > 0) {
      text.append("rows ");
    }
    if (table.getRebased()) {
      text.append("(rebased) ");
    }
    return text.isEmpty() ? "no rows changed" : text.toString().strip();
  }
}
