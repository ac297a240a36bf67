package dev.slipway.engine;

import dev.slipway.storage.Cancellation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells work that its caller is gone. Safe for use by many threads; listeners run once, on the
 * thread that cancels, or at once if it is cancelled already.
 */
public final class CancelSignal implements Cancellation {
  private final List<Runnable> listeners = new ArrayList<>();
  private volatile @Nullable ErrorReason reason;

  /**
   * @param why {@link ErrorReason#CANCELLED}, {@link ErrorReason#DEADLINE} or {@link
   *     ErrorReason#SHUTTING_DOWN}; the first call counts
   */
  public void cancel(ErrorReason why) {
    List<Runnable> toRun;
    synchronized (listeners) {
      if (reason != null) {
        return;
      }
      reason = why;
      toRun = List.copyOf(listeners);
      listeners.clear();
    }
    toRun.forEach(Runnable::run);
  }

  @Override
  public boolean isCancelled() {
    return reason != null;
  }

  /**
   * @throws SlipwayException with the reason it was cancelled for
   */
  @Override
  public void check() {
    ErrorReason why = reason;
    if (why != null) {
      throw SlipwayException.of(
          why,
          why == ErrorReason.DEADLINE
              ? "the deadline passed before the call was done"
              : "the call was cancelled");
    }
  }

  public void onCancel(Runnable listener) {
    synchronized (listeners) {
      if (reason == null) {
        listeners.add(listener);
        return;
      }
    }
    listener.run();
  }
}
