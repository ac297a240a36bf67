package dev.slipway.cli;

import dev.slipway.SlipwayServer;
import dev.slipway.config.SlipwayConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A tour of what the store does, over a real port and on real files. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = "Show in a minute what the store does: over a real port, on Lance files.")
final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description = "Keep the files here. Default: a temporary folder, removed at the end.")
  private @Nullable Path data;

  @Option(
      names = "--database",
      defaultValue = "demo",
      description = "A database that isn't there yet. Default: demo.")
  private String database = "demo";

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (data != null) {
      tour(data);
      Terminal.out(spec).printf("%nThe files are in %s.%n", data);
      return ExitCode.OK;
    }
    Path folder = Files.createTempDirectory("slipway-demo");
    try {
      tour(folder);
    } finally {
      delete(folder);
    }
    return ExitCode.OK;
  }

  private void tour(Path folder) {
    PrintWriter out = Terminal.out(spec);
    SlipwayConfig config =
        SlipwayConfig.of(Map.of("storage.path", folder.toString(), "server.port", "0"));
    try (SlipwayServer server = SlipwayServer.start(config);
        Connection connection =
            Connection.to("127.0.0.1:" + server.port(), Duration.ofMinutes(1))) {
      out.printf("A server on 127.0.0.1:%d, with Lance files in %s.%n", server.port(), folder);
      new Tour(connection, database, out).run();
    }
    out.printf("%nDone: everything was as expected.%n");
    out.flush();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
