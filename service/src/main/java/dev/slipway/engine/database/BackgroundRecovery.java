package dev.slipway.engine.database;

import dev.slipway.engine.commit.Committer;
import java.time.Duration;

/**
 * Recovery in the background: looks at every open database each interval, so that what a crash of
 * another process left is resolved without a restart. Databases are looked at on threads of their
 * own: one that is stuck holds up no other. Safe for use by many threads.
 */
public final class BackgroundRecovery implements AutoCloseable {
  private final Runnable pass;
  private final Committer.Delayer delayer;
  private final Duration interval;
  private volatile boolean closed;

  public BackgroundRecovery(OpenDatabases databases, Committer.Delayer delayer, Duration interval) {
    this(databases::backgroundPass, delayer, interval);
  }

  BackgroundRecovery(Runnable pass, Committer.Delayer delayer, Duration interval) {
    this.pass = pass;
    this.delayer = delayer;
    this.interval = interval;
  }

  /** Begins; call it once. */
  public void start() {
    delayer.after(
        interval,
        () -> {
          if (closed) {
            return;
          }
          try {
            pass.run();
          } finally {
            // A pass that can't be begun, for want of a thread maybe, isn't the last one.
            start();
          }
        });
  }

  /** Begins no more passes. */
  @Override
  public void close() {
    closed = true;
  }
}
