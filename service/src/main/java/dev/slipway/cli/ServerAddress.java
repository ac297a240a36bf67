package dev.slipway.cli;

import picocli.CommandLine.Option;

/** Where a client command finds its server. */
final class ServerAddress {
  @Option(
      names = {"-s", "--server"},
      paramLabel = "HOST:PORT",
      defaultValue = "${env:SLIPWAY_SERVER:-127.0.0.1:7411}",
      description = "The server. Default: SLIPWAY_SERVER, or 127.0.0.1:7411.")
  private String target = "127.0.0.1:7411";

  Connection connect() {
    return Connection.to(target);
  }
}
