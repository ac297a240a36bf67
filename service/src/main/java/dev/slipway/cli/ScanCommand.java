package dev.slipway.cli;

import dev.slipway.cli.data.DataFormat;
import dev.slipway.cli.data.RowOutput;
import dev.slipway.v1.PayloadFormat;
import dev.slipway.v1.ScanRequest;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a table's rows. */
@Command(
    name = "scan",
    mixinStandardHelpOptions = true,
    description = "Print rows of a table, at one revision.")
final class ScanCommand implements Callable<Integer> {
  @Mixin private ServerAddress server = new ServerAddress();
  @Mixin private ReadPoint at = new ReadPoint();

  @Parameters(index = "0", paramLabel = "DATABASE", description = "The database.")
  private String database = "";

  @Parameters(index = "1", paramLabel = "TABLE", description = "The table.")
  private String table = "";

  @Option(
      names = "--columns",
      split = ",",
      paramLabel = "COLUMN",
      description = "Columns, in the order wanted. Default: all.")
  private List<String> columns = List.of();

  @Option(
      names = {"-f", "--filter"},
      defaultValue = "",
      description = "A SQL condition: \"species = 'Adelie' AND year > 2007\".")
  private String filter = "";

  @Option(names = "--limit", description = "At most this many rows.")
  private @Nullable Long limit;

  @Option(names = "--offset", defaultValue = "0", description = "Skip this many matching rows.")
  private long offset;

  @Option(
      names = "--format",
      defaultValue = "NDJSON",
      description = "ndjson (default), csv or arrow (an IPC stream).")
  private DataFormat format = DataFormat.NDJSON;

  @Option(
      names = {"-o", "--out"},
      description = "A file to write. Default: standard output.")
  private @Nullable Path file;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    ScanRequest.Builder request =
        ScanRequest.newBuilder()
            .setDatabase(database)
            .setTable(table)
            .setAt(at.message())
            .addAllColumns(columns)
            .setFilter(filter)
            .setOffset(offset)
            .setFormat(PayloadFormat.PAYLOAD_FORMAT_ARROW_IPC);
    if (limit != null) {
      request.setLimit(limit);
    }
    try (Connection connection = server.connect()) {
      at.requireReached(connection, database);
      print(connection, request.build());
    }
    return ExitCode.OK;
  }

  private void print(Connection connection, ScanRequest request) throws IOException {
    try (BufferAllocator allocator = new RootAllocator();
        InputStream pieces = new ScanStream(connection.reads().scan(request));
        ArrowStreamReader rows =
            new ArrowStreamReader(pieces, allocator, CommonsCompressionFactory.INSTANCE)) {
      // The first batch before the file: a refused scan must not empty one.
      boolean more = rows.loadNextBatch();
      try (OutputStream out = open();
          RowOutput output = RowOutput.to(out, format, rows)) {
        while (more) {
          output.write(rows);
          more = rows.loadNextBatch();
        }
      }
    }
  }

  private OutputStream open() {
    return new BufferedOutputStream(
        file == null ? Terminal.stream(spec) : ResultStream.file(file), 1 << 16);
  }
}
