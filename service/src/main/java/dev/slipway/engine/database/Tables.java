package dev.slipway.engine.database;

import dev.slipway.engine.AtRevision;
import dev.slipway.engine.CallContext;
import dev.slipway.engine.CommitInfo;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Names;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.RequestKey;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.TableCommit;
import dev.slipway.engine.TableInfo;
import dev.slipway.engine.TableSchema;
import dev.slipway.engine.commit.Change;
import dev.slipway.engine.commit.Committer;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.log.TableDelta;
import dev.slipway.engine.state.Branch;
import dev.slipway.storage.SchemaRules;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.TableSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creating, finding, renaming and dropping tables: each change is one commit. */
final class Tables {
  private static final Logger LOG = LoggerFactory.getLogger(Tables.class);

  private final DatabaseCore core;

  Tables(DatabaseCore core) {
    this.core = core;
  }

  TableCommit create(
      CallContext context,
      String branchName,
      String name,
      TableSchema schema,
      Optional<RequestKey> request) {
    Names.table(name);
    Branch branch = core.branch(core.now(), branchName);
    Schema columns = checked(schema);
    Change.Create create =
        new Change.Create(core.parts().ids().ulid(), name, columns.toJson(), schema.keyColumns());
    return committed(
        commit(context, branch, request, create),
        Optional.of(new TableSchema(columns, schema.keyColumns())));
  }

  AtRevision<TableInfo> get(CallContext context, String name, ReadAt at) {
    Revisions.Moment moment = core.revisions().resolve(context, at);
    Pin pin = core.pin(moment.branch(), name);
    try (TableSnapshot snapshot = core.open(pin, moment.revision())) {
      return new AtRevision<>(moment.revision(), describe(pin, snapshot));
    }
  }

  AtRevision<List<TableInfo>> list(CallContext context, ReadAt at, String after, int limit) {
    Revisions.Moment moment = core.revisions().resolve(context, at);
    List<TableInfo> tables =
        moment.branch().tables().entrySet().stream()
            .filter(entry -> entry.getKey().compareTo(Branch.key(after)) > 0)
            .limit(limit)
            .map(entry -> info(entry.getValue(), Optional.empty()))
            .toList();
    return new AtRevision<>(moment.revision(), tables);
  }

  CommitInfo drop(
      CallContext context, String branchName, String name, Optional<RequestKey> request) {
    Branch branch = core.branch(core.now(), branchName);
    if (request.isEmpty()) {
      core.pin(branch, name);
    }
    Committer.Decided decided = commit(context, branch, request, new Change.Drop(name));
    return CommitInfos.of(decided.revision(), (LogEntry.Commit) decided.entry());
  }

  TableCommit rename(
      CallContext context,
      String branchName,
      String name,
      String newName,
      Optional<RequestKey> request) {
    Names.table(newName);
    Branch branch = core.branch(core.now(), branchName);
    return committed(
        commit(context, branch, request, new Change.Rename(name, newName)), Optional.empty());
  }

  /** A table with its schema, which its version is opened for. */
  TableInfo describe(Pin pin) {
    try (TableSnapshot snapshot = core.open(pin)) {
      return describe(pin, snapshot);
    }
  }

  private TableInfo describe(Pin pin, TableSnapshot snapshot) {
    return info(pin, Optional.of(new TableSchema(snapshot.schema(), pin.keys())));
  }

  private Committer.Decided commit(
      CallContext context, Branch branch, Optional<RequestKey> request, Change change) {
    return core.committer()
        .commit(context, core.operation(context, request, branch, List.of(change)), Duration.ZERO);
  }

  /**
   * @param known the schema, if the caller has it anyway
   */
  private TableCommit committed(Committer.Decided decided, Optional<TableSchema> known) {
    LogEntry.Commit commit = (LogEntry.Commit) decided.entry();
    TableDelta delta = commit.tables().get(0);
    Pin pin = delta.pin();
    if (pin == null) {
      throw new IllegalStateException("a created or renamed table has a pin");
    }
    return new TableCommit(
        described(pin.stamped(decided.revision()), known),
        CommitInfos.of(decided.revision(), commit));
  }

  /** The commit stands: that its table can't be opened now must not make it look failed. */
  private TableInfo described(Pin pin, Optional<TableSchema> known) {
    try {
      return describe(pin);
    } catch (StorageException e) {
      LOG.warn("table {} can't be described right after its commit", pin.name(), e);
      return info(pin, known);
    }
  }

  private TableInfo info(Pin pin, Optional<TableSchema> schema) {
    return new TableInfo(
        pin.name(),
        pin.table(),
        schema,
        pin.version(),
        pin.storage(),
        pin.changed(),
        pin.rows(),
        pin.bytes(),
        pin.fingerprint(),
        core.backend().location(core.tableId(pin)));
  }

  /** The columns as they will be stored: key columns can't be null. */
  private static Schema checked(TableSchema schema) {
    Schema columns = schema.columns();
    List<String> keys = schema.keyColumns();
    try {
      SchemaRules.check(columns);
      for (String key : keys) {
        SchemaRules.requireKeyType(SchemaRules.column(columns, key));
      }
    } catch (StorageException e) {
      ErrorReason reason =
          e.code() == StorageErrorCode.COLUMN_NOT_FOUND
              ? ErrorReason.COLUMN_NOT_FOUND
              : ErrorReason.ARGUMENT_INVALID;
      throw SlipwayException.of(reason, "%s", String.valueOf(e.getMessage()))
          .with("field", "schema")
          .causedBy(e);
    }
    if (new HashSet<>(keys).size() != keys.size()) {
      throw SlipwayException.of(ErrorReason.ARGUMENT_INVALID, "a key column is named twice")
          .with("field", "schema.key_columns");
    }
    List<Field> fields = new ArrayList<>();
    for (Field field : columns.getFields()) {
      fields.add(
          keys.contains(field.getName()) && field.isNullable()
              ? new Field(
                  field.getName(), FieldType.notNullable(field.getType()), field.getChildren())
              : field);
    }
    return new Schema(fields);
  }
}
