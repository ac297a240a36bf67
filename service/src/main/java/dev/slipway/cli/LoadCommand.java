package dev.slipway.cli;

import dev.slipway.cli.data.DataFile;
import dev.slipway.cli.data.DataFormat;
import dev.slipway.v1.CommitResponse;
import dev.slipway.v1.TableChange;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Stages files, each into its table, and commits all of them at one revision. */
@Command(
    name = "load",
    mixinStandardHelpOptions = true,
    description = {
      "Load CSV, NDJSON and Arrow IPC files into tables, all in one commit.",
      "",
      "Nothing is visible until every file is staged; then all of it is, at one revision."
          + " Missing databases and tables are created, with the columns the files have."
          + " An upsert leaves columns alone that a file doesn't have.%n"
    })
final class LoadCommand implements Callable<Integer> {
  private static final int MAX_BATCH_ROWS = 1_000_000;

  @Mixin private ServerAddress server = new ServerAddress();

  @Parameters(index = "0", paramLabel = "DATABASE", description = "The database.")
  private String database = "";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "TABLE=FILE",
      description = {
        "A table and a file for it: .csv, .ndjson, .jsonl, .arrow, .arrows or .ipc, perhaps with"
            + " .gz behind it."
      })
  private List<String> files = List.of();

  @Option(
      names = "--mode",
      defaultValue = "APPEND",
      description = "append (default), overwrite or upsert.")
  private LoadMode mode = LoadMode.APPEND;

  @Option(names = "--branch", defaultValue = "main", description = "The branch. Default: main.")
  private String branch = "main";

  @Option(
      names = "--schema",
      paramLabel = "TABLE=COLUMNS",
      description = {
        "Columns of a new table instead of those the file suggests: id:int64!,name:utf8 for"
            + " instance (! means never null). Of a table that exists they must be its own."
      })
  private List<String> schemas = List.of();

  @Option(
      names = "--key",
      paramLabel = "TABLE=COLUMN,...",
      description = "Columns that identify a row of a new table; upserts need them.")
  private List<String> keys = List.of();

  @Option(
      names = "--null",
      paramLabel = "TEXT",
      description = "What stands for null in CSV files. Default: an empty field.")
  private Set<String> nullTexts = Set.of("");

  @Option(names = "--format", description = "csv, ndjson or arrow. Default: by the file's name.")
  private @Nullable DataFormat format;

  @Option(names = "--message", defaultValue = "", description = "A message for the history.")
  private String message = "";

  @Option(
      names = "--batch-rows",
      defaultValue = "8192",
      description = "Rows held in memory at a time. Default: 8192.")
  private int batchRows = 8192;

  @Option(
      names = "--progress",
      negatable = true,
      description = "Show how far it is. Default: on a terminal.")
  private @Nullable Boolean progress;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (batchRows < 1 || batchRows > MAX_BATCH_ROWS) {
      throw new CommandException(
          ExitCode.USAGE,
          "--batch-rows: expected 1 to %d, found %d".formatted(MAX_BATCH_ROWS, batchRows));
    }
    Map<String, List<DataFile>> tables =
        TableFiles.of(files, Optional.ofNullable(format), nullTexts);
    Set<String> names = new LinkedHashSet<>(tables.keySet());
    TableSetup setup =
        new TableSetup(
            database,
            branch,
            SchemaText.schemas(TableFiles.perTable("--schema", schemas, names)),
            SchemaText.keys(TableFiles.perTable("--key", keys, names)));
    PrintWriter out = Terminal.out(spec);
    boolean shown = progress == null ? Terminal.isInteractive() : progress;
    try (Connection connection = server.connect();
        BufferAllocator allocator = new RootAllocator(Runtime.getRuntime().maxMemory());
        Progress told = new Progress(Terminal.err(spec), InstantSource.system(), shown)) {
      Loader loader =
          new Loader(connection, allocator, setup, told, Terminal.err(spec), mode, batchRows);
      CommitResponse commit = loader.load(tables, message);
      told.finish();
      report(out, commit, told);
    }
    return ExitCode.OK;
  }

  private void report(PrintWriter out, CommitResponse commit, Progress told) {
    out.printf("revision %d of %s:%n", commit.getRevision(), database);
    for (TableChange table : commit.getTablesList()) {
      out.printf("  %s: %s%n", table.getName(), LogCommand.rows(table));
    }
    out.printf(Locale.ROOT, "%,d rows, %s%n", told.rows(), told.rate());
    out.flush();
  }
}
