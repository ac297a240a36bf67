package dev.slipway.cli;

import java.util.logging.LogManager;

/**
 * Java's log manager takes all handlers away when the process begins to stop, so nothing that an
 * orderly stop has to say would be seen. This one leaves them.
 */
public final class SteadyLogManager extends LogManager {
  @Override
  public void reset() {
    // Called by the JVM's shutdown hook, and by nobody here.
  }
}
