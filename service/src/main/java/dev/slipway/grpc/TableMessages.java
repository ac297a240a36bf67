package dev.slipway.grpc;

import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.StagedWriteInfo;
import dev.slipway.engine.TableInfo;
import dev.slipway.v1.Database;
import dev.slipway.v1.StagedWrite;
import dev.slipway.v1.Table;
import java.util.Locale;

/** Databases, tables and staged writes as messages. */
final class TableMessages {
  private TableMessages() {}

  static Database database(DatabaseInfo database) {
    return Database.newBuilder()
        .setName(database.name())
        .setId(database.id())
        .setCreateTime(Times.timestamp(database.created()))
        .build();
  }

  static Table table(TableInfo table) {
    Table.Builder message =
        Table.newBuilder()
            .setName(table.name())
            .setId(table.id())
            .setVersion(table.version())
            .setStorageVersion(table.storageVersion())
            .setChangedRevision(table.changedRevision())
            .setRows(table.rows())
            .setBytes(table.bytes())
            .setSchemaFingerprint(table.schemaFingerprint())
            .setUri(table.location());
    table.schema().ifPresent(schema -> message.setSchema(SchemaMessages.write(schema)));
    return message.build();
  }

  static StagedWrite stagedWrite(String database, StagedWriteInfo write) {
    return StagedWrite.newBuilder()
        .setId(write.id())
        .setDatabase(database)
        .setBranch(write.branch())
        .setTable(write.table())
        .setOperation(write.kind().name().toLowerCase(Locale.ROOT))
        .setRowsAdded(write.rowsAdded())
        .setRowsRemoved(write.rowsRemoved())
        .setBytes(write.bytes())
        .setBaseRevision(write.baseRevision())
        .setCreateTime(Times.timestamp(write.created()))
        .setExpireTime(Times.timestamp(write.expires()))
        .setActor(write.actor())
        .build();
  }
}
