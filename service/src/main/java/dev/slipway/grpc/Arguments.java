package dev.slipway.grpc;

import com.google.protobuf.util.Timestamps;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Expectation;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.WriteTarget;
import dev.slipway.v1.TableVersionId;
import dev.slipway.v1.WriteHeader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Parts of requests as the engine takes them; refuses what has no shape. */
final class Arguments {
  private static final int DEFAULT_PAGE = 100;
  private static final int MAX_PAGE = 1_000;

  private Arguments() {}

  static SlipwayException invalid(String field, String expected) {
    return SlipwayException.of(ErrorReason.ARGUMENT_INVALID, "%s: expected %s", field, expected)
        .with("field", field);
  }

  /** A field that every request of its kind has. */
  static String required(String field, String value) {
    if (value.isEmpty()) {
      throw invalid(field, "a value, found nothing");
    }
    return value;
  }

  static String branch(String branch) {
    return branch.isEmpty() ? ReadAt.MAIN : branch;
  }

  static int pageSize(int given) {
    if (given < 0) {
      throw invalid("page_size", "0 or more, found " + given);
    }
    return given == 0 ? DEFAULT_PAGE : Math.min(given, MAX_PAGE);
  }

  static long notNegative(String field, long given) {
    if (given < 0) {
      throw invalid(field, "0 or more, found " + given);
    }
    return given;
  }

  static Optional<String> optional(String value) {
    return value.isEmpty() ? Optional.empty() : Optional.of(value);
  }

  static ReadAt readAt(dev.slipway.v1.ReadAt at) {
    ReadAt.Point point =
        switch (at.getPointCase()) {
          case REVISION -> new ReadAt.Point.Revision(notNegative("at.revision", at.getRevision()));
          case TIMESTAMP -> {
            if (!Timestamps.isValid(at.getTimestamp())) {
              throw invalid("at.timestamp", "a time in the years 1 to 9999");
            }
            yield new ReadAt.Point.Time(
                Instant.ofEpochSecond(
                    at.getTimestamp().getSeconds(), at.getTimestamp().getNanos()));
          }
          case STAGED_WRITE_ID ->
              new ReadAt.Point.Staged(required("at.staged_write_id", at.getStagedWriteId()));
          case POINT_NOT_SET -> new ReadAt.Point.Head();
        };
    return new ReadAt(
        branch(at.getBranch()), point, notNegative("at.min_revision", at.getMinRevision()));
  }

  static WriteTarget target(WriteHeader header) {
    required("header.database", header.getDatabase());
    return new WriteTarget(
        branch(header.getBranch()), required("header.table", header.getTable()), operation(header));
  }

  private static WriteOperation operation(WriteHeader header) {
    return switch (header.getOperationCase()) {
      case APPEND -> new WriteOperation.Append(header.getAppend().getUnique());
      case OVERWRITE -> new WriteOperation.Overwrite();
      case UPSERT -> new WriteOperation.Upsert(header.getUpsert().getPartial());
      case DELETE ->
          new WriteOperation.Delete(
              rows("header.delete", header.getDelete().getFilter(), header.getDelete().getAll()));
      case UPDATE -> {
        if (header.getUpdate().getSetCount() == 0) {
          throw invalid("header.update.set", "at least one column, found none");
        }
        yield new WriteOperation.Update(
            header.getUpdate().getSetMap(),
            rows("header.update", header.getUpdate().getFilter(), header.getUpdate().getAll()));
      }
      case OPERATION_NOT_SET ->
          throw invalid(
              "header.operation", "one of append, overwrite, upsert, delete, update; found none");
    };
  }

  /** A filter, or all rows said in so many words. */
  private static Optional<String> rows(String operation, String filter, boolean all) {
    if (filter.isBlank() && !all) {
      throw invalid(operation + ".filter", "a filter, or all: true to mean every row");
    }
    if (!filter.isBlank() && all) {
      throw invalid(operation + ".all", "either a filter or all, found both");
    }
    return all ? Optional.empty() : Optional.of(filter);
  }

  static List<Expectation> expectations(List<dev.slipway.v1.Expectation> messages) {
    List<Expectation> expectations = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      expectations.add(expectation("expectations[" + i + "]", messages.get(i)));
    }
    return expectations;
  }

  private static Expectation expectation(String at, dev.slipway.v1.Expectation message) {
    String table = message.getTable();
    if (message.getConditionCase() == dev.slipway.v1.Expectation.ConditionCase.BRANCH_AT_REVISION) {
      if (!table.isEmpty()) {
        throw invalid(at + ".table", "no table beside branch_at_revision");
      }
      return new Expectation.BranchAt(
          notNegative(at + ".branch_at_revision", message.getBranchAtRevision()));
    }
    required(at + ".table", table);
    return switch (message.getConditionCase()) {
      case AT_VERSION -> {
        TableVersionId version = message.getAtVersion();
        yield new Expectation.TableAt(
            table,
            required(at + ".at_version.table_id", version.getTableId()),
            version.getStorageVersion());
      }
      case EXISTS -> {
        requireTrue(at + ".exists", message.getExists());
        yield new Expectation.TableExists(table);
      }
      case ABSENT -> {
        requireTrue(at + ".absent", message.getAbsent());
        yield new Expectation.TableAbsent(table);
      }
      case UNCHANGED_SINCE_REVISION ->
          new Expectation.UnchangedSince(
              table,
              notNegative(at + ".unchanged_since_revision", message.getUnchangedSinceRevision()));
      case SCHEMA_FINGERPRINT ->
          new Expectation.SchemaIs(
              table, required(at + ".schema_fingerprint", message.getSchemaFingerprint()));
      case BRANCH_AT_REVISION, CONDITION_NOT_SET -> throw invalid(at, "one condition, found none");
    };
  }

  private static void requireTrue(String field, boolean given) {
    if (!given) {
      throw invalid(field, "true (exists and absent each say one thing), found false");
    }
  }
}
