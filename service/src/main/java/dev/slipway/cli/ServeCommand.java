package dev.slipway.cli;

import dev.slipway.SlipwayServer;
import dev.slipway.config.SlipwayConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs a server until it is told to stop. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = {
      "Start a server and keep it running.",
      "",
      "It stops in order on SIGTERM or Ctrl-C: it finishes calls in flight first.%n"
    })
final class ServeCommand implements Callable<Integer> {
  @Mixin private ServerOptions options = new ServerOptions();

  @Override
  public Integer call() throws InterruptedException {
    SlipwayConfig config = options.config(System.getenv());
    ServerLog log = ServerLog.open(config.log());
    SlipwayServer server = SlipwayServer.start(config);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.close();
                  log.close();
                },
                "slipway-stop"));
    server.awaitClose();
    return ExitCode.OK;
  }
}
