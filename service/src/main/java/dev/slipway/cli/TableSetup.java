package dev.slipway.cli;

import dev.slipway.cli.data.DataFile;
import dev.slipway.cli.data.TypeNames;
import dev.slipway.v1.CreateDatabaseRequest;
import dev.slipway.v1.CreateTableRequest;
import dev.slipway.v1.Field;
import dev.slipway.v1.GetDatabaseRequest;
import dev.slipway.v1.GetTableRequest;
import dev.slipway.v1.ReadAt;
import dev.slipway.v1.Schema;
import dev.slipway.v1.Table;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Makes sure that what is loaded has a place to go.
 *
 * @param schemas columns of new tables
 * @param keys key columns of new tables
 */
record TableSetup(
    String database, String branch, Map<String, Schema> schemas, Map<String, List<String>> keys) {

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

  /**
   * The table's schema, if it is there.
   *
   * @throws CommandException if it isn't what was typed
   */
  Optional<Schema> find(Connection connection, String table) {
    Schema found;
    try {
      found =
          connection
              .tables()
              .getTable(
                  GetTableRequest.newBuilder()
                      .setDatabase(database)
                      .setTable(table)
                      .setAt(ReadAt.newBuilder().setBranch(branch))
                      .build())
              .getTable()
              .getSchema();
    } catch (StatusRuntimeException e) {
      if (isReason(e, "TABLE_NOT_FOUND") || isReason(e, "DATABASE_NOT_FOUND")) {
        return Optional.empty();
      }
      throw e;
    }
    checkColumns(table, found);
    checkKeys(table, found);
    return Optional.of(found);
  }

  private void checkColumns(String table, Schema found) {
    Schema typed = schemas.get(table);
    if (typed == null) {
      return;
    }
    List<String> key = found.getKeyColumnsList();
    Map<String, Field> wanted = new HashMap<>();
    typed.getFieldsList().forEach(field -> wanted.put(field.getName(), required(field, key)));
    Map<String, Field> there = new HashMap<>();
    found
        .getFieldsList()
        .forEach(field -> there.put(field.getName(), field.toBuilder().clearChildren().build()));
    if (!wanted.equals(there)) {
      throw new CommandException(
          ExitCode.CONFLICT,
          "table '%s' is there with the columns %s; --schema says %s"
              .formatted(
                  table,
                  TypeNames.columns(SchemaText.arrow(found).getFields()),
                  SchemaText.text(typed)));
    }
  }

  /** A key column is required, said or not. */
  private static Field required(Field field, List<String> key) {
    return key.contains(field.getName()) ? field.toBuilder().setNullable(false).build() : field;
  }

  private void checkKeys(String table, Schema found) {
    List<String> typed = keys.get(table);
    List<String> key = found.getKeyColumnsList();
    if (typed != null && !new HashSet<>(typed).equals(new HashSet<>(key))) {
      throw new CommandException(
          ExitCode.CONFLICT,
          "table '%s' is there with %s; --key says %s"
              .formatted(
                  table,
                  key.isEmpty() ? "no key" : "the key " + String.join(",", key),
                  String.join(",", typed)));
    }
  }

  /** What a new table's schema would be: as typed, or as the files have it. */
  Schema propose(
      String table, List<DataFile> files, BufferAllocator allocator, LongConsumer consumed)
      throws IOException {
    Schema typed = schemas.get(table);
    Schema.Builder schema =
        typed == null
            ? SchemaText.of(DataFile.schema(files, allocator, consumed))
            : typed.toBuilder();
    return schema.addAllKeyColumns(keys.getOrDefault(table, List.of())).build();
  }

  Table create(Connection connection, String table, Schema schema) {
    return connection
        .tables()
        .createTable(
            CreateTableRequest.newBuilder()
                .setDatabase(database)
                .setBranch(branch)
                .setTable(table)
                .setSchema(schema)
                .build())
        .getTable();
  }

  private static boolean isReason(StatusRuntimeException failure, String reason) {
    return failure.getStatus().getCode() != Status.Code.UNAVAILABLE
        && FailureLine.reason(failure).filter(reason::equals).isPresent();
  }
}
