package dev.slipway.cli;

import dev.slipway.cli.data.DataFile;
import dev.slipway.v1.CommitRequest;
import dev.slipway.v1.CommitResponse;
import dev.slipway.v1.DiscardStagedWriteRequest;
import dev.slipway.v1.Schema;
import dev.slipway.v1.StagedWrite;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;

/** Stages files one after another, then commits them together. Used by one thread. */
final class Loader {
  /** After these a commit hasn't happened, and won't. */
  private static final Set<Status.Code> REFUSALS =
      Set.of(
          Status.Code.INVALID_ARGUMENT,
          Status.Code.NOT_FOUND,
          Status.Code.ALREADY_EXISTS,
          Status.Code.FAILED_PRECONDITION,
          Status.Code.ABORTED,
          Status.Code.OUT_OF_RANGE,
          Status.Code.RESOURCE_EXHAUSTED);

  private final Connection connection;
  private final BufferAllocator allocator;
  private final TableSetup setup;
  private final Progress progress;
  private final PrintWriter err;
  private final LoadMode mode;
  private final int batchRows;

  Loader(
      Connection connection,
      BufferAllocator allocator,
      TableSetup setup,
      Progress progress,
      PrintWriter err,
      LoadMode mode,
      int batchRows) {
    this.connection = connection;
    this.allocator = allocator;
    this.setup = setup;
    this.progress = progress;
    this.err = err;
    this.mode = mode;
    this.batchRows = batchRows;
  }

  /** Looks at every file before it makes anything, and undoes what it made if it fails. */
  CommitResponse load(Map<String, List<DataFile>> tables, String message) throws IOException {
    List<Plan> plans = new ArrayList<>();
    for (Map.Entry<String, List<DataFile>> table : tables.entrySet()) {
      plans.add(plan(table.getKey(), table.getValue()));
    }
    NewTables made = new NewTables(connection, setup, err);
    List<String> staged = new ArrayList<>();
    boolean undo = true;
    try {
      setup.database(connection);
      List<LoadTarget> targets = new ArrayList<>();
      for (Plan plan : plans) {
        targets.addAll(targets(plan, made));
      }
      stage(targets, staged);
      undo = false;
      return commit(staged, message);
    } catch (StatusRuntimeException e) {
      if (!undo && REFUSALS.contains(e.getStatus().getCode())) {
        undo = true;
      } else if (!undo) {
        err.printf(
            "slipway: whether the load was committed isn't known; 'slipway log %s' tells%n",
            setup.database());
      }
      throw e;
    } finally {
      if (undo) {
        staged.forEach(this::discard);
        made.drop();
      }
    }
  }

  /**
   * @param schema the table's, or what it would be
   */
  private record Plan(String table, List<DataFile> files, boolean isNew, Schema schema) {
    String sources() {
      return String.join(", ", files.stream().map(file -> file.path().toString()).toList());
    }
  }

  private Plan plan(String table, List<DataFile> files) throws IOException {
    progress.begin("looking at " + table, TableFiles.bytes(files));
    Optional<Schema> found = setup.find(connection, table);
    Schema schema =
        found.isPresent() ? found.get() : setup.propose(table, files, allocator, progress::bytes);
    return new Plan(table, files, found.isEmpty(), schema);
  }

  private List<LoadTarget> targets(Plan plan, NewTables made) throws IOException {
    Schema schema = plan.schema();
    if (plan.isNew()) {
      try {
        schema = made.create(plan.table(), schema);
      } catch (StatusRuntimeException e) {
        throw about("table '%s' for %s".formatted(plan.table(), plan.sources()), e);
      }
    }
    org.apache.arrow.vector.types.pojo.Schema columns = SchemaText.arrow(schema);
    if (mode != LoadMode.UPSERT) {
      return LoadTarget.adding(plan.table(), plan.files(), columns);
    }
    progress.begin("looking at " + plan.table(), TableFiles.bytes(plan.files()));
    return LoadTarget.upserting(
        plan.table(),
        plan.files(),
        columns,
        schema.getKeyColumnsList(),
        allocator,
        progress::bytes);
  }

  private void stage(List<LoadTarget> targets, List<String> staged) throws IOException {
    progress.begin("staging", TableFiles.bytes(targets.stream().map(LoadTarget::file).toList()));
    for (LoadTarget target : targets) {
      progress.label("staging " + target.table());
      try {
        staged.add(stage(target).getId());
      } catch (StatusRuntimeException e) {
        throw about(target.file().path().toString(), e);
      }
    }
  }

  /** What the server finds wrong with data or columns is about a file. */
  private static StatusRuntimeException about(String subject, StatusRuntimeException failure) {
    Status status = failure.getStatus();
    return switch (status.getCode()) {
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE ->
          status
              .withDescription(subject + ": " + status.getDescription())
              .withCause(failure)
              .asRuntimeException(failure.getTrailers());
      default -> failure;
    };
  }

  private StagedWrite stage(LoadTarget target) throws IOException {
    try (StageUpload upload =
            new StageUpload(
                connection.uploads(),
                mode.header(target.partial())
                    .setDatabase(setup.database())
                    .setBranch(setup.branch())
                    .setTable(target.table())
                    .build());
        ArrowReader rows =
            target.file().open(target.columns(), batchRows, allocator, progress::bytes);
        ArrowStreamWriter writer =
            new ArrowStreamWriter(rows.getVectorSchemaRoot(), rows, upload)) {
      writer.start();
      while (rows.loadNextBatch()) {
        writer.writeBatch();
        progress.rows(rows.getVectorSchemaRoot().getRowCount());
      }
      writer.end();
      return upload.finish();
    }
  }

  private CommitResponse commit(List<String> staged, String message) {
    progress.label("committing");
    return connection
        .commits()
        .commit(
            CommitRequest.newBuilder()
                .setDatabase(setup.database())
                .setBranch(setup.branch())
                .addAllStagedWriteIds(staged)
                .setRequestId(UUID.randomUUID().toString())
                .setMessage(message)
                .build());
  }

  /** What isn't discarded expires by itself, so a failure here must not hide the first one. */
  private void discard(String id) {
    try {
      connection
          .staging()
          .discardStagedWrite(
              DiscardStagedWriteRequest.newBuilder()
                  .setDatabase(setup.database())
                  .setStagedWriteId(id)
                  .build());
    } catch (StatusRuntimeException e) {
      progress.label("not discarded: " + id);
    }
  }
}
