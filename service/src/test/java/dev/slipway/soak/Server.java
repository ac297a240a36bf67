package dev.slipway.soak;

import dev.slipway.engine.fault.ChildProcess;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A real server in a process of its own. */
final class Server implements AutoCloseable {
  private static final String STARTED = "started on 127.0.0.1:";
  private static final String MAIN = "dev.slipway.cli.SlipwayCommand";

  private final ChildProcess process;
  private final CountDownLatch committed = new CountDownLatch(1);
  private volatile boolean doomed;

  private Server(ChildProcess process) {
    this.process = process;
  }

  /**
   * @param folder where it keeps its files
   */
  static Server start(SoakFolder folder) {
    try {
      return new Server(
          ChildProcess.start(
              folder.children(),
              Class.forName(MAIN),
              Map.of(),
              List.of(
                  "serve",
                  "--port",
                  "0",
                  "--data",
                  folder.data().toString(),
                  "--set",
                  "engine.checkpoint-every=20")));
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits until it listens, and gives its port. */
  int port() {
    String rest = process.awaitAfter(STARTED);
    return Integer.parseInt(rest.substring(0, rest.indexOf(',')));
  }

  /** A client was told of a commit by it. */
  void hasCommitted() {
    committed.countDown();
  }

  CountDownLatch committed() {
    return committed;
  }

  /** Whether it was killed, or is just about to be. */
  boolean isDoomed() {
    return doomed;
  }

  void kill() {
    doomed = true;
    process.kill();
  }

  String output() {
    return process.output();
  }

  @Override
  public void close() {
    doomed = true;
    process.close();
  }
}
