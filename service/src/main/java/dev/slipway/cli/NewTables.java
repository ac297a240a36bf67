package dev.slipway.cli;

import dev.slipway.v1.DropTableRequest;
import dev.slipway.v1.GetTableRequest;
import dev.slipway.v1.ReadAt;
import dev.slipway.v1.Schema;
import dev.slipway.v1.Table;
import io.grpc.StatusRuntimeException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Tables that a load made: if it fails they are dropped again. Used by one thread. */
final class NewTables {
  private final Connection connection;
  private final TableSetup setup;
  private final PrintWriter err;
  private final List<Table> made = new ArrayList<>();

  NewTables(Connection connection, TableSetup setup, PrintWriter err) {
    this.connection = connection;
    this.setup = setup;
    this.err = err;
  }

  Schema create(String table, Schema schema) {
    Table created = setup.create(connection, table, schema);
    made.add(created);
    return created.getSchema();
  }

  /** Those that nobody else has changed. What fails here must not hide why the load failed. */
  void drop() {
    for (Table table : made) {
      try {
        if (isAsMade(table)) {
          connection
              .tables()
              .dropTable(
                  DropTableRequest.newBuilder()
                      .setDatabase(setup.database())
                      .setBranch(setup.branch())
                      .setTable(table.getName())
                      .build());
        } else {
          stays(table, "it was changed since");
        }
      } catch (StatusRuntimeException e) {
        if (FailureLine.reason(e).filter("TABLE_NOT_FOUND"::equals).isPresent()) {
          continue;
        }
        stays(table, FailureLine.of(e).map(FailureLine::text).orElse(e.toString()));
      }
    }
  }

  private boolean isAsMade(Table table) {
    Table now =
        connection
            .tables()
            .getTable(
                GetTableRequest.newBuilder()
                    .setDatabase(setup.database())
                    .setTable(table.getName())
                    .setAt(ReadAt.newBuilder().setBranch(setup.branch()))
                    .build())
            .getTable();
    return now.getId().equals(table.getId()) && now.getVersion() == table.getVersion();
  }

  private void stays(Table table, String why) {
    err.printf("slipway: table '%s', which this load made, stays: %s%n", table.getName(), why);
    err.flush();
  }
}
