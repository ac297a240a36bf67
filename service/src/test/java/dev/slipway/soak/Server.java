package dev.slipway.soak;

import dev.slipway.engine.fault.ChildProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A real server in a process of its own. */
final class Server implements AutoCloseable {
  private static final String STARTED = "started on 127.0.0.1:";
  private static final String MAIN = "dev.slipway.cli.SlipwayCommand";

  /**
   * History is short, so that checks stay quick and cleanups have something to do; what is
   * remembered of requests outlasts every retry.
   */
  private static final List<String> SETTINGS =
      List.of(
          "engine.checkpoint-every=20",
          "engine.idempotency-window=60s",
          "engine.idempotency-commits=50",
          "engine.recovery-interval=500ms");

  private final ChildProcess process;
  private final CountDownLatch committed = new CountDownLatch(1);
  private volatile boolean doomed;
  private volatile boolean cleaning;
  private volatile boolean checked;

  private Server(ChildProcess process) {
    this.process = process;
  }

  /**
   * @param folder where it keeps its files
   */
  static Server start(SoakFolder folder) {
    List<String> arguments =
        new ArrayList<>(List.of("serve", "--port", "0", "--data", folder.data().toString()));
    SETTINGS.forEach(setting -> arguments.addAll(List.of("--set", setting)));
    try {
      return new Server(
          ChildProcess.start(folder.children(), Class.forName(MAIN), Map.of(), arguments));
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

  /** It was asked to check the database, and found nothing. */
  void checked() {
    checked = true;
  }

  boolean isChecked() {
    return checked;
  }

  /** A client waits for a cleanup of it, or no more. */
  void cleans(boolean now) {
    cleaning = now;
  }

  boolean isCleaning() {
    return cleaning;
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
