package dev.slipway.grpc;

import dev.slipway.engine.CancelSignal;
import dev.slipway.engine.Database;
import dev.slipway.engine.Databases;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.RequestKey;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.Upload;
import dev.slipway.grpc.payload.PayloadReader;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One upload. It holds no thread and nothing of storage's until there is work that can't wait: a
 * whole upload, small enough to lie here, is answered like any other call; one that goes on takes
 * one of few places, and a thread of its own that may wait for its client. So uploads that stall
 * stand in nobody's way but that of others that stream.
 */
final class UploadCall<Q, A> implements StreamObserver<Q> {
  private static final Logger LOG = LoggerFactory.getLogger(UploadCall.class);
  private static final long STREAM_FROM = 64 << 10;

  private final Calls calls;
  private final ActiveCall<A> call;
  private final Form<Q, A> form;
  private final Databases databases;
  private final BufferAllocator allocator;
  private final UploadData data = new UploadData(this::askForMore);
  private @Nullable UploadJob<A> job;
  private boolean started;
  private long held;
  private @Nullable ScheduledFuture<?> idle;

  /** How one method's messages are read. */
  interface Form<Q, A> {
    UploadMessage message(Q request);

    /**
     * What the first message asks for.
     *
     * @throws SlipwayException if it has no shape
     */
    UploadJob<A> job(Q first);
  }

  private UploadCall(
      Calls calls,
      ActiveCall<A> call,
      Form<Q, A> form,
      Databases databases,
      BufferAllocator allocator) {
    this.calls = calls;
    this.call = call;
    this.form = form;
    this.databases = databases;
    this.allocator = allocator;
  }

  /** Begins an upload; within the service's method, so that it can take messages one by one. */
  static <Q, A> StreamObserver<Q> begin(
      Calls calls,
      StreamObserver<A> observer,
      Form<Q, A> form,
      Databases databases,
      BufferAllocator allocator) {
    ActiveCall<A> call = calls.upload(observer);
    if (call == null) {
      return new Ignored<>();
    }
    call.observer().disableAutoRequest();
    UploadCall<Q, A> upload = new UploadCall<>(calls, call, form, databases, allocator);
    call.context().cancel().onCancel(upload::cancelled);
    upload.askForMore();
    return upload;
  }

  @Override
  public void onNext(Q request) {
    stopIdle();
    if (call.isEnded()) {
      return;
    }
    try {
      accept(request);
    } catch (RuntimeException e) {
      breakOff(e);
    }
  }

  private void accept(Q request) {
    UploadMessage message = form.message(request);
    UploadJob<A> known = job;
    boolean more = known != null;
    if (known == null) {
      if (!message.hasHeader()) {
        throw Arguments.invalid("header", "a header in the first message, found none");
      }
      known = form.job(request);
      job = known;
      call.requestId(known.requestId());
      if (known.digest().isEmpty()) {
        call.unrepeatable();
      }
    } else if (message.hasHeader()) {
      throw Arguments.invalid("header", "a header in the first message only");
    }
    boolean wait;
    synchronized (this) {
      if (!started) {
        calls.uploadBytes().hold(message.size());
        held += message.size();
      }
      wait = !started && !(more && held >= STREAM_FROM);
    }
    boolean brought = data.add(message, known);
    if (wait || !brought) {
      // Who reads asks for more once a piece is taken: without one, nobody would.
      askForMore();
    }
    if (!wait) {
      stream(known);
    }
  }

  /** Goes on in a thread of its own, unless somebody works on it already. */
  private void stream(UploadJob<A> known) {
    synchronized (this) {
      if (started) {
        return;
      }
    }
    calls.admitStream();
    if (!start()) {
      calls.streamEnded();
      return;
    }
    data.stream();
    boolean runs =
        calls.execute(
            call,
            calls.uploadThreads(),
            () -> {
              try {
                work(known);
              } finally {
                calls.streamEnded();
              }
            });
    if (!runs) {
      release();
      calls.streamEnded();
    }
  }

  @Override
  public void onCompleted() {
    stopIdle();
    UploadJob<A> known = job;
    if (known == null) {
      breakOff(Arguments.invalid("header", "at least one message with a header, found none"));
      return;
    }
    data.end();
    if (!call.isEnded() && start() && !calls.execute(call, calls.work(), () -> work(known))) {
      release();
    }
  }

  @Override
  public void onError(Throwable gone) {
    call.context().cancel().cancel(ErrorReason.CANCELLED);
  }

  private void cancelled() {
    try {
      call.context().cancel().check();
    } catch (SlipwayException why) {
      breakOff(why);
    }
  }

  /** Ends an upload that can't go on: by whoever works on it, if anybody does. */
  private void breakOff(RuntimeException failure) {
    stopIdle();
    SlipwayException why =
        failure instanceof SlipwayException known
            ? known
            : SlipwayException.of(ErrorReason.INTERNAL, "an unexpected failure").causedBy(failure);
    boolean mine = start();
    data.fail(why);
    release();
    if (mine) {
      call.fail(failure);
    }
  }

  /** True for the one who takes the upload over. */
  private synchronized boolean start() {
    if (started) {
      return false;
    }
    started = true;
    return true;
  }

  /** What it sent waits no longer: a thread has taken it, or it is dropped. */
  private synchronized void release() {
    calls.uploadBytes().release(held);
    held = 0;
  }

  private void askForMore() {
    Duration patience = calls.options().patience().uploadIdle();
    synchronized (this) {
      idle = calls.later(patience, () -> breakOff(idled(patience)));
    }
    call.observer().request(1);
  }

  private void stopIdle() {
    synchronized (this) {
      if (idle != null) {
        idle.cancel(false);
        idle = null;
      }
    }
  }

  private static SlipwayException idled(Duration patience) {
    return SlipwayException.of(
        ErrorReason.DEADLINE,
        "the upload sent nothing for %d ms; nothing of it is kept, start again at 0",
        patience.toMillis());
  }

  private void work(UploadJob<A> known) {
    release();
    CancelSignal signal = call.context().cancel();
    signal.check();
    Database database = databases.database(call.context(), known.database());
    A answer;
    try (Holdings holdings = new Holdings()) {
      BufferAllocator own =
          holdings.add(
              allocator.newChildAllocator("upload", 0, calls.options().payload().memoryBytes()));
      answer = applied(database, known, own, holdings);
    }
    call.answer(answer);
  }

  private A applied(Database database, UploadJob<A> known, BufferAllocator own, Holdings holdings) {
    Upload upload;
    try {
      upload = holdings.add(database.upload(call.context(), known.target()));
    } catch (SlipwayException gone) {
      return replayed(database, known).orElseThrow(() -> gone);
    }
    Optional<PayloadReader> source =
        data.reader(
            own, upload.schema().columns(), known.target().operation(), calls.options().payload());
    source.ifPresent(holdings::add);
    try {
      return known.work().run(upload, known.digestHex(), source);
    } catch (RuntimeException e) {
      throw source.flatMap(PayloadReader::failure).map(RuntimeException.class::cast).orElse(e);
    }
  }

  /** The first answer to a request that was decided while its table was still there. */
  private Optional<A> replayed(Database database, UploadJob<A> known) {
    if (known.requestId().isEmpty()) {
      return Optional.empty();
    }
    Supplier<String> digest =
        () -> {
          data.drain();
          return known.digestHex().get();
        };
    return known
        .replay()
        .flatMap(
            answer ->
                database
                    .replayed(call.context(), new RequestKey(known.requestId(), digest))
                    .map(answer));
  }

  /**
   * What an upload holds, closed in reverse. A failure to close is logged and not thrown: what was
   * committed can't fail any more.
   */
  private static final class Holdings implements AutoCloseable {
    private final Deque<AutoCloseable> held = new ArrayDeque<>();

    <T extends AutoCloseable> T add(T holding) {
      held.push(holding);
      return holding;
    }

    @Override
    public void close() {
      for (AutoCloseable holding : held) {
        try {
          holding.close();
        } catch (Exception e) {
          LOG.error("an upload left something behind", e);
        }
      }
    }
  }

  /** Takes the messages of a call that was refused already. */
  private static final class Ignored<Q> implements StreamObserver<Q> {
    @Override
    public void onNext(Q message) {}

    @Override
    public void onError(Throwable gone) {}

    @Override
    public void onCompleted() {}
  }
}
