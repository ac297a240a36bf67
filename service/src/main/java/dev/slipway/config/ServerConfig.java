package dev.slipway.config;

import java.time.Duration;
import java.util.List;

/**
 * How the server meets its clients.
 *
 * @param host the address it listens on
 * @param port the port it listens on; 0 takes a free one
 * @param shutdownGrace how long a stopping server waits for calls in flight
 * @param arrowBytes Arrow memory of the whole server
 */
public record ServerConfig(String host, int port, Duration shutdownGrace, long arrowBytes) {

  private static final ConfigKey<String> HOST =
      ConfigKey.text(
          "server.host",
          "an address or host name",
          "127.0.0.1",
          "The address to listen on. There is no authentication: don't open it to a network you"
              + " don't trust.");
  private static final ConfigKey<Integer> PORT =
      ConfigKey.count("server.port", 0, 65_535, 7411, "The port to listen on; 0 takes a free one.");
  private static final ConfigKey<Duration> SHUTDOWN_GRACE =
      ConfigKey.time(
          "server.shutdown-grace",
          "0ms",
          "1h",
          "30s",
          "How long a stopping server waits for calls in flight before it cancels them.");
  private static final ConfigKey<Long> ARROW_LIMIT =
      ConfigKey.size(
          "server.arrow-limit",
          "16MiB",
          "16TiB",
          "4GiB",
          "Arrow memory of the whole server, outside Java's heap.");

  static final List<ConfigKey<?>> KEYS = List.of(HOST, PORT, SHUTDOWN_GRACE, ARROW_LIMIT);

  static ServerConfig of(ConfigValues values) {
    return new ServerConfig(
        values.of(HOST), values.of(PORT), values.of(SHUTDOWN_GRACE), values.of(ARROW_LIMIT));
  }
}
