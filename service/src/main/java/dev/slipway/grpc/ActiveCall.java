package dev.slipway.grpc;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.CancelSignal;
import dev.slipway.engine.ErrorReason;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * One call being answered: who calls, until when, and the one answer it gets. Whoever ends it first
 * decides; later ends are ignored. Safe for use by many threads, but messages are sent by one at a
 * time.
 */
final class ActiveCall<A> {
  // Answered this much before a client gives up, the typed error still reaches it.
  private static final long MARGIN_NANOS = Duration.ofMillis(50).toNanos();

  private static final Metadata.Key<String> RETRY_PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  private final ServerCallStreamObserver<A> observer;
  private final ErrorMapper errors;
  private final Runnable onEnd;
  private final CallContext context;
  private final Context grpc;
  private final ScheduledFuture<?> deadline;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final Context.CancellationListener cancelled;
  private volatile String requestId = "";
  private volatile boolean repeatable = true;

  /**
   * @param onEnd runs once, when the call ends
   */
  ActiveCall(
      ServerCallStreamObserver<A> observer,
      ErrorMapper errors,
      ScheduledExecutorService timer,
      Duration defaultDeadline,
      Runnable onEnd) {
    this.observer = observer;
    this.errors = errors;
    this.onEnd = onEnd;
    this.grpc = Context.current();
    CancelSignal signal = new CancelSignal();
    this.context = new CallContext(CallContext.ANONYMOUS, Correlation.current(), signal);
    // Without a handler, sending after a cancel throws.
    observer.setOnCancelHandler(() -> signal.cancel(ErrorReason.CANCELLED));
    this.cancelled = context -> signal.cancel(reason(context.cancellationCause()));
    grpc.addListener(cancelled, Runnable::run);
    this.deadline =
        timer.schedule(
            () -> signal.cancel(ErrorReason.DEADLINE),
            nanosLeft(grpc.getDeadline(), defaultDeadline),
            TimeUnit.NANOSECONDS);
  }

  private static ErrorReason reason(@Nullable Throwable cause) {
    return cause instanceof TimeoutException ? ErrorReason.DEADLINE : ErrorReason.CANCELLED;
  }

  private static long nanosLeft(@Nullable Deadline deadline, Duration otherwise) {
    if (deadline == null) {
      return otherwise.toNanos();
    }
    long left = Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS));
    return left - Math.min(left / 10, MARGIN_NANOS);
  }

  CallContext context() {
    return context;
  }

  ServerCallStreamObserver<A> observer() {
    return observer;
  }

  /** The id the client gave the request, for errors that leave its outcome open. */
  void requestId(String id) {
    requestId = id;
  }

  /** Sent again it would be another call: the client's transport may not retry it by itself. */
  void unrepeatable() {
    repeatable = false;
  }

  boolean isEnded() {
    return ended.get();
  }

  /** Runs a step of the call with its id in log lines. */
  void run(Runnable step) {
    Context before = grpc.attach();
    MDC.put(Correlation.LOG_KEY, context.correlationId());
    try {
      step.run();
    } finally {
      MDC.remove(Correlation.LOG_KEY);
      grpc.detach(before);
    }
  }

  /** Sends the one answer. */
  void answer(A message) {
    if (end()) {
      observer.onNext(message);
      observer.onCompleted();
    }
  }

  /** Ends a stream of answers. */
  void complete() {
    if (end()) {
      observer.onCompleted();
    }
  }

  void fail(Throwable failure) {
    if (end()) {
      StatusRuntimeException error = errors.map(failure, context.correlationId(), requestId);
      Metadata trailers = error.getTrailers();
      if (!repeatable && trailers != null) {
        trailers.put(RETRY_PUSHBACK, "-1");
      }
      observer.onError(error);
    }
  }

  private boolean end() {
    if (!ended.compareAndSet(false, true)) {
      return false;
    }
    deadline.cancel(false);
    grpc.removeListener(cancelled);
    onEnd.run();
    return true;
  }
}
