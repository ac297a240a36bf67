package dev.slipway.grpc;

import static dev.slipway.grpc.Failures.assertIs;
import static dev.slipway.grpc.GrpcFixture.json;
import static dev.slipway.grpc.GrpcFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.grpc.payload.IpcStreams;
import dev.slipway.v1.CommitServiceGrpc;
import dev.slipway.v1.ReadServiceGrpc;
import dev.slipway.v1.ScanRequest;
import dev.slipway.v1.ScanResponse;
import dev.slipway.v1.WriteRequest;
import dev.slipway.v1.WriteResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that are held back, or stop taking: they are dropped, and harm nobody but themselves. */
final class StalledCallsTest {
  private static final GrpcOptions OPTIONS =
      GrpcOptions.DEFAULT.withIdle(Duration.ofSeconds(8), Duration.ofSeconds(8));

  @TempDir private Path folder;

  static ByteString people(GrpcFixture fixture, int from, int rows) {
    List<Map<String, @Nullable Object>> people = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      people.add(EngineFixture.person(from + i, "somebody with a rather long name " + i, i));
    }
    return IpcStreams.of(fixture.allocator(), EngineFixture.PEOPLE, people);
  }

  @Test
  void upload_whoseStorageIsSlow_holdsItsClientBack() throws Exception {
    CountDownLatch storage = new CountDownLatch(1);
    EngineFixture engine =
        EngineFixture.open(
            BackendKind.MEMORY,
            folder,
            point -> {
              if (point == FailPoint.STAGE_BEFORE_FILES) {
                await(storage);
              }
            },
            EngineOptions.DEFAULT);
    try (GrpcFixture fixture = new GrpcFixture(engine, OPTIONS).withPerson()) {
      AtomicInteger sent = new AtomicInteger();
      CompletableFuture<Void> ended = new CompletableFuture<>();
      ByteString piece = ByteString.copyFrom(new byte[1 << 20]);
      CommitServiceGrpc.newStub(fixture.channel())
          .write(
              new ClientResponseObserver<WriteRequest, WriteResponse>() {
                @Override
                public void beforeStart(ClientCallStreamObserver<WriteRequest> upload) {
                  upload.setOnReadyHandler(
                      () -> {
                        while (upload.isReady() && sent.get() < 200) {
                          WriteRequest.Builder next = WriteRequest.newBuilder().setArrowIpc(piece);
                          if (sent.getAndIncrement() == 0) {
                            next.mergeFrom(
                                write("{header: {database: 'crm', table: 'person', append: {}}}"));
                          }
                          upload.onNext(next.build());
                        }
                      });
                }

                @Override
                public void onNext(WriteResponse answer) {}

                @Override
                public void onError(Throwable failure) {
                  ended.complete(null);
                }

                @Override
                public void onCompleted() {
                  ended.complete(null);
                }
              });

      Awaitility.await().until(() -> sent.get() >= 3);
      Awaitility.await()
          .during(Duration.ofMillis(500))
          .atMost(Duration.ofSeconds(5))
          .until(() -> sent.get() < 12);
      storage.countDown();
      ended.get(20, TimeUnit.SECONDS);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void scans_whoseClientsTakeNothing_holdNoThreadAndEnd() {
    GrpcOptions few = withWorkers(OPTIONS, 2);
    try (GrpcFixture fixture = new GrpcFixture(folder, few).withPerson()) {
      for (int i = 0; i < 4; i++) {
        fixture.write(
            write("{header: {database: 'crm', table: 'person', append: {}}}").toBuilder()
                .setArrowIpc(people(fixture, i * 50_000, 50_000))
                .build());
      }
      long before = fixture.engine().allocator().getAllocatedMemory();
      List<Stalled> stalled = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        stalled.add(new Stalled(fixture));
      }
      stalled.forEach(scan -> Awaitility.await().until(() -> scan.messages.get() > 0));

      // Two workers, twenty scans: counting goes on, and what the scans hold is little.
      for (int i = 0; i < 5; i++) {
        assertThat(fixture.count("person")).isEqualTo(200_000);
      }
      assertThat(fixture.engine().allocator().getAllocatedMemory() - before)
          .isLessThan(20 * (4L << 20));

      for (Stalled scan : stalled) {
        // They hear of it when they take messages again.
        scan.call.request(1_000_000);
        Awaitility.await().until(() -> scan.status.get() != null);
        Status status = java.util.Objects.requireNonNull(scan.status.get());
        assertThat(status.getCode()).isIn(Status.Code.DEADLINE_EXCEEDED, Status.Code.OK);
      }
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(fixture.engine().allocator().getAllocatedMemory()).isEqualTo(before));
    }
  }

  @Test
  void scan_whoseClientTakesNothing_endsAfterItsIdleTime() {
    GrpcOptions impatient =
        GrpcOptions.DEFAULT.withIdle(Duration.ofSeconds(8), Duration.ofMillis(300));
    try (GrpcFixture fixture = new GrpcFixture(folder, impatient).withPerson()) {
      for (int i = 0; i < 4; i++) {
        fixture.write(
            write("{header: {database: 'crm', table: 'person', append: {}}}").toBuilder()
                .setArrowIpc(people(fixture, i * 50_000, 50_000))
                .build());
      }
      long before = fixture.engine().allocator().getAllocatedMemory();
      Stalled scan = new Stalled(fixture);
      Awaitility.await().until(() -> scan.messages.get() > 0);
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(fixture.engine().allocator().getAllocatedMemory())
                      .as("what the scan held is given back")
                      .isEqualTo(before));

      scan.call.request(1_000_000);
      Awaitility.await().until(() -> scan.status.get() != null);
      assertIs(
          ErrorReason.DEADLINE,
          "",
          java.util.Objects.requireNonNull(scan.status.get())
              .asRuntimeException(java.util.Objects.requireNonNull(scan.trailers.get())));
    }
  }

  @Test
  void scan_cancelledAfterTheWorkersHaveStopped_givesBackWhatItHeld() {
    try (GrpcFixture fixture = new GrpcFixture(folder, OPTIONS).withPerson()) {
      for (int i = 0; i < 4; i++) {
        fixture.write(
            write("{header: {database: 'crm', table: 'person', append: {}}}").toBuilder()
                .setArrowIpc(people(fixture, i * 50_000, 50_000))
                .build());
      }
      long before = fixture.engine().allocator().getAllocatedMemory();
      Stalled scan = new Stalled(fixture);
      Awaitility.await().until(() -> scan.messages.get() > 0);
      assertThat(fixture.engine().allocator().getAllocatedMemory()).isGreaterThan(before);

      fixture.threads().work().shutdown();
      scan.call.cancel("the client left", null);
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(fixture.engine().allocator().getAllocatedMemory()).isEqualTo(before));
    }
  }

  private static GrpcOptions withWorkers(GrpcOptions options, int workers) {
    GrpcOptions.Bounds b = options.bounds();
    return options.withBounds(
        new GrpcOptions.Bounds(
            workers,
            b.maxCalls(),
            b.maxUploads(),
            b.maxOpenUploads(),
            b.maxWaitingBytes(),
            b.maxScans(),
            b.maxWaiting(),
            b.maxMessageBytes()));
  }

  /** A scan that asks for its first message and no more. */
  private static final class Stalled extends ClientCall.Listener<ScanResponse> {
    final ClientCall<ScanRequest, ScanResponse> call;
    final AtomicInteger messages = new AtomicInteger();
    final AtomicReference<@Nullable Status> status = new AtomicReference<>();
    final AtomicReference<@Nullable Metadata> trailers = new AtomicReference<>();

    Stalled(GrpcFixture fixture) {
      call = fixture.channel().newCall(ReadServiceGrpc.getScanMethod(), CallOptions.DEFAULT);
      call.start(this, new Metadata());
      call.sendMessage(json("{database: 'crm', table: 'person'}", ScanRequest.newBuilder()));
      call.halfClose();
      call.request(1);
    }

    @Override
    public void onMessage(ScanResponse message) {
      messages.incrementAndGet();
    }

    @Override
    public void onClose(Status closed, Metadata with) {
      trailers.set(with);
      status.set(closed);
    }
  }
}
