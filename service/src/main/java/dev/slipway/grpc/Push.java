package dev.slipway.grpc;

import dev.slipway.engine.ErrorReason;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Consumer;

/**
 * A stream of answers that its work pushes, no faster than the client takes them: sending waits
 * until the transport has room. A client that takes nothing for long is dropped. Used by one
 * thread.
 */
final class Push<A> implements Consumer<A> {
  private final Calls calls;
  private final ActiveCall<A> call;

  /** Made within the service's method, so that it hears of the transport. */
  Push(Calls calls, ActiveCall<A> call) {
    this.calls = calls;
    this.call = call;
    call.observer().setOnReadyHandler(this::wake);
    call.context().cancel().onCancel(this::wake);
  }

  private synchronized void wake() {
    notifyAll();
  }

  @Override
  public void accept(A message) {
    awaitRoom();
    call.context().cancel().check();
    call.observer().onNext(message);
  }

  private void awaitRoom() {
    if (call.observer().isReady()) {
      return;
    }
    ScheduledFuture<?> patience =
        calls.later(
            calls.options().patience().scanIdle(),
            () -> call.context().cancel().cancel(ErrorReason.DEADLINE));
    try {
      synchronized (this) {
        while (!call.observer().isReady() && !call.context().cancel().isCancelled()) {
          wait();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      call.context().cancel().cancel(ErrorReason.SHUTTING_DOWN);
    } finally {
      patience.cancel(false);
    }
  }
}
