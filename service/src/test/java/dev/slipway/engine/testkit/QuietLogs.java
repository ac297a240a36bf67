package dev.slipway.engine.testkit;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Keeps the engine's warnings out of the output of tests that provoke thousands of them. */
public final class QuietLogs implements BeforeAllCallback, AfterAllCallback {
  private final Logger logger = Logger.getLogger("dev.slipway.engine");
  private @Nullable Level before;

  @Override
  public void beforeAll(ExtensionContext context) {
    before = logger.getLevel();
    logger.setLevel(Level.OFF);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    logger.setLevel(before);
  }
}
