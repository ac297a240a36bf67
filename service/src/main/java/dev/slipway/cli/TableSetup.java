package dev.slipway.cli;

import dev.slipway.cli.data.DataFile;
import dev.slipway.v1.CreateDatabaseRequest;
import dev.slipway.v1.CreateTableRequest;
import dev.slipway.v1.GetDatabaseRequest;
import dev.slipway.v1.GetTableRequest;
import dev.slipway.v1.ReadAt;
import dev.slipway.v1.Schema;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Makes sure that what is loaded has a place to go.
 *
 * @param schemas columns of new tables, as typed
 * @param keys key columns of new tables, with commas between
 */
record TableSetup(
    String database, String branch, Map<String, String> schemas, Map<String, String> keys) {

  void database(Connection connection) {
    try {
      connection
          .databases()
          .getDatabase(GetDatabaseRequest.newBuilder().setDatabase(database).build());
    } catch (StatusRuntimeException e) {
      if (!isReason(e, "DATABASE_NOT_FOUND")) {
        throw e;
      }
      create(connection);
    }
  }

  private void create(Connection connection) {
    try {
      connection
          .databases()
          .createDatabase(CreateDatabaseRequest.newBuilder().setDatabase(database).build());
    } catch (StatusRuntimeException e) {
      // Somebody else was faster, which is as good.
      if (!isReason(e, "DATABASE_EXISTS")) {
        throw e;
      }
    }
  }

  /** The table's columns; it is created if it isn't there. */
  org.apache.arrow.vector.types.pojo.Schema table(
      Connection connection,
      String table,
      List<DataFile> files,
      BufferAllocator allocator,
      LongConsumer consumed)
      throws IOException {
    try {
      return SchemaText.arrow(
          connection
              .tables()
              .getTable(
                  GetTableRequest.newBuilder()
                      .setDatabase(database)
                      .setTable(table)
                      .setAt(ReadAt.newBuilder().setBranch(branch))
                      .build())
              .getTable()
              .getSchema());
    } catch (StatusRuntimeException e) {
      if (!isReason(e, "TABLE_NOT_FOUND")) {
        throw e;
      }
    }
    Schema.Builder schema =
        schemas.containsKey(table)
            ? SchemaText.parse(schemas.getOrDefault(table, ""))
            : SchemaText.of(DataFile.schema(files, allocator, consumed));
    if (keys.containsKey(table)) {
      schema.addAllKeyColumns(
          Arrays.stream(keys.getOrDefault(table, "").split(",")).map(String::strip).toList());
    }
    return SchemaText.arrow(
        connection
            .tables()
            .createTable(
                CreateTableRequest.newBuilder()
                    .setDatabase(database)
                    .setBranch(branch)
                    .setTable(table)
                    .setSchema(schema)
                    .build())
            .getTable()
            .getSchema());
  }

  private static boolean isReason(StatusRuntimeException failure, String reason) {
    return failure.getStatus().getCode() != Status.Code.UNAVAILABLE
        && FailureLine.reason(failure).filter(reason::equals).isPresent();
  }
}
