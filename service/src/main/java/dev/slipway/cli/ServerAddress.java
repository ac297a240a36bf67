package dev.slipway.cli;

import java.time.Duration;
import picocli.CommandLine.Option;

/** Where a client command finds its server. */
final class ServerAddress {
  @Option(
      names = {"-s", "--server"},
      paramLabel = "HOST:PORT",
      defaultValue = "${env:SLIPWAY_SERVER:-127.0.0.1:7411}",
      description = "The server. Default: SLIPWAY_SERVER, or 127.0.0.1:7411.")
  private String target = "127.0.0.1:7411";

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "60s",
      converter = DurationText.class,
      description = "How long one answer may take; rows and uploads may take longer. Default: 60s.")
  private Duration timeout = Duration.ofSeconds(60);

  /** Connects; fails if nothing that speaks gRPC answers there in time. */
  Connection connect() {
    return Connection.to(target, timeout);
  }
}
