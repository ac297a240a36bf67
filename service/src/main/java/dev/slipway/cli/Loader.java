package dev.slipway.cli;

import dev.slipway.cli.data.DataFile;
import dev.slipway.v1.CommitRequest;
import dev.slipway.v1.CommitResponse;
import dev.slipway.v1.DiscardStagedWriteRequest;
import dev.slipway.v1.StagedWrite;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.Schema;

/** Stages files one after another, then commits them together. Used by one thread. */
final class Loader {
  private final Connection connection;
  private final BufferAllocator allocator;
  private final TableSetup setup;
  private final Progress progress;
  private final LoadMode mode;
  private final int batchRows;

  Loader(
      Connection connection,
      BufferAllocator allocator,
      TableSetup setup,
      Progress progress,
      LoadMode mode,
      int batchRows) {
    this.connection = connection;
    this.allocator = allocator;
    this.setup = setup;
    this.progress = progress;
    this.mode = mode;
    this.batchRows = batchRows;
  }

  CommitResponse load(Map<String, List<DataFile>> tables, String message) throws IOException {
    setup.database(connection);
    List<Target> targets = new ArrayList<>();
    for (Map.Entry<String, List<DataFile>> table : tables.entrySet()) {
      progress.begin("looking at " + table.getKey(), TableFiles.bytes(table.getValue()));
      targets.add(
          new Target(
              table.getKey(),
              table.getValue(),
              setup.table(
                  connection, table.getKey(), table.getValue(), allocator, progress::bytes)));
    }
    long bytes = 0;
    for (List<DataFile> files : tables.values()) {
      bytes += TableFiles.bytes(files);
    }
    progress.begin("staging", bytes);
    List<String> staged = new ArrayList<>();
    boolean committed = false;
    try {
      for (Target target : targets) {
        progress.label("staging " + target.table());
        for (DataFile file : target.files()) {
          staged.add(stage(target.table(), file, target.schema()).getId());
        }
      }
      CommitResponse commit = commit(staged, message);
      committed = true;
      return commit;
    } finally {
      if (!committed) {
        staged.forEach(this::discard);
      }
    }
  }

  private record Target(String table, List<DataFile> files, Schema schema) {}

  private StagedWrite stage(String table, DataFile file, Schema schema) throws IOException {
    try (StageUpload upload =
            new StageUpload(
                connection.uploads(),
                mode.header()
                    .setDatabase(setup.database())
                    .setBranch(setup.branch())
                    .setTable(table)
                    .build());
        ArrowReader rows = file.open(schema, batchRows, allocator, progress::bytes);
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
