package dev.slipway.cli;

import dev.slipway.v1.CountRequest;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Counts a table's rows. */
@Command(
    name = "count",
    mixinStandardHelpOptions = true,
    description = "Count rows of a table, at one revision.")
final class CountCommand implements Callable<Integer> {
  @Mixin private ServerAddress server = new ServerAddress();
  @Mixin private ReadPoint at = new ReadPoint();

  @Parameters(index = "0", paramLabel = "DATABASE", description = "The database.")
  private String database = "";

  @Parameters(index = "1", paramLabel = "TABLE", description = "The table.")
  private String table = "";

  @Option(
      names = {"-f", "--filter"},
      defaultValue = "",
      description = "A SQL condition. Default: all rows.")
  private String filter = "";

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    try (Connection connection = server.connect()) {
      at.requireReached(connection, database);
      long count =
          connection
              .reads()
              .count(
                  CountRequest.newBuilder()
                      .setDatabase(database)
                      .setTable(table)
                      .setAt(at.message())
                      .setFilter(filter)
                      .build())
              .getCount();
      Terminal.out(spec).println(count);
    }
    return ExitCode.OK;
  }
}
