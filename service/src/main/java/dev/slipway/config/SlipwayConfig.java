package dev.slipway.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** All of a server's configuration: immutable, built once, handed to whoever needs it. */
public record SlipwayConfig(
    ServerConfig server, StorageConfig storage, EngineConfig engine, LogConfig log) {

  static final List<ConfigKey<?>> KEYS =
      Stream.of(ServerConfig.KEYS, StorageConfig.KEYS, EngineConfig.KEYS, LogConfig.KEYS)
          .<ConfigKey<?>>flatMap(List::stream)
          .toList();

  /**
   * The defaults with some settings changed: {@code of(Map.of("storage.kind", "memory"))}.
   *
   * @throws ConfigException with every mistake
   */
  public static SlipwayConfig of(Map<String, String> settings) {
    return read(settings, Map.of(), Optional.empty());
  }

  /**
   * Settings given as flags go before the environment's, those before the file's, those before the
   * defaults.
   *
   * @param flags by name
   * @param environment variables, of which those that begin with {@code SLIPWAY_} count
   * @param file a Java properties file in UTF-8
   * @throws ConfigException with every mistake
   */
  public static SlipwayConfig read(
      Map<String, String> flags, Map<String, String> environment, Optional<Path> file) {
    ConfigReader reader = new ConfigReader(KEYS);
    file.ifPresent(reader::file);
    ConfigValues values = reader.environment(environment).flags(flags).values();
    SlipwayConfig config =
        new SlipwayConfig(
            ServerConfig.of(values),
            StorageConfig.of(values),
            EngineConfig.of(values),
            LogConfig.of(values));
    if (!values.problems().isEmpty()) {
      throw new ConfigException(values.problems());
    }
    return config;
  }
}
