package dev.slipway;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What was opened, in order, so that it can be closed in reverse. Nothing is left open because
 * something else fails to close.
 */
final class Lifecycle implements AutoCloseable {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  synchronized <T extends AutoCloseable> T add(T resource) {
    open.push(resource);
    return resource;
  }

  /**
   * @throws IllegalStateException with all failures, once everything has been closed or has failed
   *     to
   */
  @Override
  public synchronized void close() {
    IllegalStateException failures = null;
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        if (failures == null) {
          failures = new IllegalStateException("the server didn't stop cleanly: " + e, e);
        } else {
          failures.addSuppressed(e);
        }
      }
    }
    if (failures != null) {
      throw failures;
    }
  }
}
