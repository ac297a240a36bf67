package dev.slipway.cli;

import dev.slipway.config.SlipwayConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a server is configured on the command line: the flags come before everything else. */
final class ServerOptions {
  @Option(
      names = "--storage",
      paramLabel = "KIND",
      description = "lance (default) or memory; sets storage.kind.")
  private @Nullable String storage;

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description = "Where Lance keeps its files; sets storage.path. Default: slipway-data.")
  private @Nullable String data;

  @Option(names = "--host", description = "The address to listen on; sets server.host.")
  private @Nullable String host;

  @Option(names = "--port", description = "The port to listen on; sets server.port.")
  private @Nullable String port;

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "Any setting of docs/configuration.md.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A properties file with settings. Default: SLIPWAY_CONFIG, or none.")
  private @Nullable Path file;

  SlipwayConfig config(Map<String, String> environment) {
    Map<String, String> flags = new LinkedHashMap<>(settings);
    put(flags, "storage.kind", storage);
    put(flags, "storage.path", data);
    put(flags, "server.host", host);
    put(flags, "server.port", port);
    Optional<Path> read =
        Optional.ofNullable(file)
            .or(() -> Optional.ofNullable(environment.get("SLIPWAY_CONFIG")).map(Path::of));
    return SlipwayConfig.read(flags, environment, read);
  }

  private static void put(Map<String, String> flags, String name, @Nullable String value) {
    if (value != null) {
      flags.put(name, value);
    }
  }
}
