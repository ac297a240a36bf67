package dev.slipway.cli;

import dev.slipway.config.LogConfig;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;

/**
 * The log of a process: one line an event on standard error. Only a command may open it, for it is
 * the process's, not a server's.
 */
final class ServerLog implements AutoCloseable {
  /** Libraries that tell too much. */
  private static final List<String> QUIETER = List.of("io.grpc", "io.netty", "org.apache.arrow");

  private final Handler handler;

  /** Loggers are forgotten, levels and all, unless somebody holds them. */
  private final List<Logger> held;

  private ServerLog(Handler handler, List<Logger> held) {
    this.handler = handler;
    this.held = held;
  }

  static ServerLog open(LogConfig config) {
    Level level =
        switch (config.level()) {
          case ERROR -> Level.SEVERE;
          case WARN -> Level.WARNING;
          case INFO -> Level.INFO;
          case DEBUG -> Level.FINE;
        };
    Handler handler = new Flushing(new LogLine(config.format()));
    handler.setLevel(level);
    Logger root = Logger.getLogger("");
    for (Handler before : root.getHandlers()) {
      root.removeHandler(before);
    }
    root.setLevel(level);
    root.addHandler(handler);
    List<Logger> quieter = QUIETER.stream().map(Logger::getLogger).toList();
    if (config.level() != LogConfig.Level.ERROR) {
      quieter.forEach(logger -> logger.setLevel(Level.WARNING));
    }
    return new ServerLog(handler, quieter);
  }

  /** For commands that aren't servers: only what must be known. */
  static ServerLog quiet() {
    return open(new LogConfig(LogConfig.Format.LOGFMT, LogConfig.Level.ERROR));
  }

  @Override
  public void close() {
    held.forEach(logger -> logger.setLevel(null));
    handler.close();
  }

  private static final class Flushing extends StreamHandler {
    Flushing(LogLine line) {
      super(System.err, line);
    }

    @Override
    public synchronized void publish(java.util.logging.LogRecord event) {
      super.publish(event);
      flush();
    }

    /** Standard error outlives the log. */
    @Override
    public synchronized void close() {
      flush();
    }
  }
}
