package dev.slipway.grpc;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes calls from gRPC's threads to those that may block, and counts them: what is beyond a bound
 * is refused at once instead of waiting in line.
 */
public final class Calls {
  private static final Duration COME_BACK = Duration.ofSeconds(1);

  /** Checks and cleanups at once: each holds a thread. */
  static final int MAX_MAINTENANCE = 4;

  private final GrpcOptions options;
  private final GrpcThreads threads;
  private final ErrorMapper errors;
  private final Bulkhead calls;
  private final Bulkhead uploads;
  private final Bulkhead openUploads;
  private final Bulkhead scans;
  private final Bulkhead waiting;
  private final Bulkhead maintenance;
  private final HeldBytes uploadBytes;
  private final HeldBytes requestBytes;

  public Calls(GrpcOptions options, GrpcThreads threads, ErrorMapper errors) {
    this.options = options;
    this.threads = threads;
    this.errors = errors;
    this.calls = bulkhead("calls", options.bounds().maxCalls());
    this.uploads = bulkhead("uploads that stream", options.bounds().maxUploads());
    this.openUploads = bulkhead("open uploads", options.bounds().maxOpenUploads());
    this.scans = bulkhead("scans", options.bounds().maxScans());
    this.waiting = bulkhead("reads waiting for a revision", options.bounds().maxWaiting());
    this.maintenance = bulkhead("checks and cleanups", MAX_MAINTENANCE);
    long waitingBytes = options.bounds().maxWaitingBytes();
    this.uploadBytes = new HeldBytes("open uploads", waitingBytes);
    this.requestBytes = new HeldBytes("calls", waitingBytes);
  }

  private static Bulkhead bulkhead(String name, int size) {
    return Bulkhead.of(
        name,
        BulkheadConfig.custom().maxConcurrentCalls(size).maxWaitDuration(Duration.ZERO).build());
  }

  GrpcOptions options() {
    return options;
  }

  Executor work() {
    return threads.work();
  }

  Executor uploadThreads() {
    return threads.uploads();
  }

  /** Admits uploads that stream; {@link #streamEnded} gives the place back. */
  void admitStream() {
    admit(uploads);
  }

  void streamEnded() {
    uploads.onComplete();
  }

  /** What uploads sent before a thread takes it. */
  HeldBytes uploadBytes() {
    return uploadBytes;
  }

  /** Runs a read that waits for a revision of another process; few may, for each holds a thread. */
  <T> T waiting(Supplier<T> read) {
    admit(waiting);
    try {
      return read.get();
    } finally {
      waiting.onComplete();
    }
  }

  /** Answers a unary call by work that may block. */
  <A> void unary(StreamObserver<A> observer, String requestId, Function<CallContext, A> work) {
    unary(begin(observer, calls, options.patience().callDeadline()), requestId, work);
  }

  /** Answers a unary call by work that takes as long as there is much to do. */
  <A> void maintenance(StreamObserver<A> observer, Function<CallContext, A> work) {
    unary(begin(observer, maintenance, options.patience().streamDeadline()), "", work);
  }

  private <A> void unary(
      @Nullable ActiveCall<A> call, String requestId, Function<CallContext, A> work) {
    if (call == null) {
      return;
    }
    call.requestId(requestId);
    execute(
        call,
        threads.work(),
        () -> {
          call.context().cancel().check();
          call.answer(work.apply(call.context()));
        });
  }

  /** Begins a scan, or answers that there are too many: null then. */
  <A> @Nullable ActiveCall<A> scan(StreamObserver<A> observer) {
    return begin(observer, scans, options.patience().streamDeadline());
  }

  /** Begins an upload, or answers that there are too many: null then. */
  <A> @Nullable ActiveCall<A> upload(StreamObserver<A> observer) {
    return begin(observer, openUploads, options.patience().streamDeadline(), 0);
  }

  /** Answers by a stream that work which may block pushes. */
  <A> void pushed(StreamObserver<A> observer, BiConsumer<CallContext, Consumer<A>> work) {
    ActiveCall<A> call = begin(observer, maintenance, options.patience().streamDeadline());
    if (call == null) {
      return;
    }
    Push<A> push = new Push<>(this, call);
    execute(
        call,
        threads.work(),
        () -> {
          call.context().cancel().check();
          work.accept(call.context(), push);
          call.complete();
        });
  }

  /**
   * Runs a step of a call on other threads; what it throws is the call's answer.
   *
   * @return false if the step will never run; the call is answered then
   */
  boolean execute(ActiveCall<?> call, Executor executor, Runnable step) {
    try {
      executor.execute(
          () ->
              call.run(
                  () -> {
                    try {
                      step.run();
                    } catch (RuntimeException | Error e) {
                      // Unanswered it would hold its place for ever.
                      call.fail(e);
                    }
                  }));
      return true;
    } catch (RejectedExecutionException e) {
      call.fail(
          SlipwayException.of(ErrorReason.SHUTTING_DOWN, "the server is stopping").causedBy(e));
    } catch (Error e) {
      // No thread can be started, most likely.
      call.fail(e);
    }
    return false;
  }

  /** Begins a call that has its whole request; that lies in memory until it is answered. */
  private <A> @Nullable ActiveCall<A> begin(
      StreamObserver<A> observer, Bulkhead bulkhead, Duration deadline) {
    return begin(observer, bulkhead, deadline, RequestGuard.requestBytes());
  }

  private <A> @Nullable ActiveCall<A> begin(
      StreamObserver<A> observer, Bulkhead bulkhead, Duration deadline, long bytes) {
    ServerCallStreamObserver<A> server = (ServerCallStreamObserver<A>) observer;
    try {
      admit(bulkhead);
      hold(bytes, bulkhead);
    } catch (SlipwayException e) {
      observer.onError(errors.map(e, Correlation.current(), ""));
      return null;
    }
    return new ActiveCall<>(
        server,
        errors,
        threads.timer(),
        deadline,
        () -> {
          requestBytes.release(bytes);
          bulkhead.onComplete();
        });
  }

  private void hold(long bytes, Bulkhead admitted) {
    try {
      requestBytes.hold(bytes);
    } catch (SlipwayException e) {
      admitted.onComplete();
      throw e;
    }
  }

  private static void admit(Bulkhead bulkhead) {
    if (!bulkhead.tryAcquirePermission()) {
      int limit = bulkhead.getBulkheadConfig().getMaxConcurrentCalls();
      throw SlipwayException.of(
              ErrorReason.OVERLOADED,
              "the server has %d %s already; try again later",
              limit,
              bulkhead.getName())
          .with("limit", limit)
          .with("field", bulkhead.getName())
          .retryAfter(COME_BACK);
    }
  }

  /** A timer's task that does nothing once the call has ended. */
  ScheduledFuture<?> later(Duration delay, Runnable task) {
    return threads.timer().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
  }
}
