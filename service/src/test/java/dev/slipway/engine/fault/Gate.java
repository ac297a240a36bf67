package dev.slipway.engine.fault;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Holds a call until it is released. */
public final class Gate implements Effect {
  private static final long PATIENCE_SECONDS = 60;

  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  @Override
  public void before() {
    reached.countDown();
    await(released, "nobody released the call");
  }

  /** Waits until a call stands at the gate. */
  public void awaitReached() {
    await(reached, "no call came to the gate");
  }

  public void release() {
    released.countDown();
  }

  static void await(CountDownLatch latch, String otherwise) {
    try {
      if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError(otherwise + " within " + PATIENCE_SECONDS + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting", e);
    }
  }
}
