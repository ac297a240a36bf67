package dev.slipway.cli;

import dev.slipway.v1.Database;
import dev.slipway.v1.ListDatabasesRequest;
import dev.slipway.v1.ListDatabasesResponse;
import dev.slipway.v1.ListTablesRequest;
import dev.slipway.v1.ListTablesResponse;
import dev.slipway.v1.Table;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the databases of a server, or the tables of one. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Print the databases of a server, or the tables of one.")
final class ListCommand implements Callable<Integer> {
  @Mixin private ServerAddress server = new ServerAddress();
  @Mixin private ReadPoint at = new ReadPoint();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "DATABASE",
      description = "The database whose tables to print.")
  private @Nullable String database;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = Terminal.out(spec);
    try (Connection connection = server.connect()) {
      if (database == null) {
        databases(connection, out);
      } else {
        at.requireReached(connection, database);
        tables(connection, database, out);
      }
      out.flush();
    }
    return ExitCode.OK;
  }

  private static void databases(Connection connection, PrintWriter out) {
    String token = "";
    do {
      ListDatabasesResponse page =
          connection
              .databases()
              .listDatabases(ListDatabasesRequest.newBuilder().setPageToken(token).build());
      for (Database each : page.getDatabasesList()) {
        out.println(each.getName());
      }
      token = page.getNextPageToken();
    } while (!token.isEmpty());
  }

  private void tables(Connection connection, String name, PrintWriter out) {
    String token = "";
    do {
      ListTablesResponse page =
          connection
              .tables()
              .listTables(
                  ListTablesRequest.newBuilder()
                      .setDatabase(name)
                      .setAt(at.message())
                      .setPageToken(token)
                      .build());
      for (Table each : page.getTablesList()) {
        out.printf(
            Locale.ROOT,
            "%s: %,d rows, changed at revision %d%n",
            each.getName(),
            each.getRows(),
            each.getChangedRevision());
      }
      token = page.getNextPageToken();
    } while (!token.isEmpty());
  }
}
