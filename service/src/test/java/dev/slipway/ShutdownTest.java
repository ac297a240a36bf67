package dev.slipway;

import static dev.slipway.engine.testkit.EngineFixture.PEOPLE;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.inject.AbstractModule;
import com.google.inject.multibindings.OptionalBinder;
import com.google.protobuf.ByteString;
import dev.slipway.config.SlipwayConfig;
import dev.slipway.config.StorageConfig;
import dev.slipway.engine.CallContext;
import dev.slipway.engine.Database;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.fault.Gate;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.grpc.payload.IpcStreams;
import dev.slipway.v1.AppendOperation;
import dev.slipway.v1.CommitRequest;
import dev.slipway.v1.CommitResponse;
import dev.slipway.v1.CommitServiceGrpc;
import dev.slipway.v1.DatabaseServiceGrpc;
import dev.slipway.v1.ListDatabasesRequest;
import dev.slipway.v1.PayloadFormat;
import dev.slipway.v1.ReadServiceGrpc;
import dev.slipway.v1.ScanRequest;
import dev.slipway.v1.ScanResponse;
import dev.slipway.v1.StageWriteRequest;
import dev.slipway.v1.StageWriteResponse;
import dev.slipway.v1.StagingServiceGrpc;
import dev.slipway.v1.WriteHeader;
import dev.slipway.v1.WriteRequest;
import dev.slipway.v1.WriteResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A server that is stopped in the middle of calls. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ShutdownTest {
  private static final CallContext TESTER = CallContext.of("tester");
  private static final int ROWS = 20_000;

  /** So many bytes that a scan can't end while its client takes nothing. */
  private static final String LONG_NAME = "n".repeat(800);

  @TempDir Path folder;

  private final Gate gate = new Gate();
  private final AtomicBoolean holding = new AtomicBoolean();
  private final List<ManagedChannel> channels = new ArrayList<>();

  @AfterEach
  void hangUp() {
    gate.release();
    channels.forEach(ManagedChannel::shutdownNow);
  }

  @ParameterizedTest
  @CsvSource({"LANCE, true", "LANCE, false", "MEMORY, true", "MEMORY, false"})
  void close_withACommitAndAScanInFlight_returnsOnceBothAreDoneAndTakesNoNewCalls(
      StorageConfig.Kind kind, boolean scanEndsFirst) throws Exception {
    SlipwayServer server = start(kind, "1h");
    int port = server.port();
    ManagedChannel channel = connect(port);
    String staged = prepare(server, channel);
    SlowScan scan = new SlowScan(channel);
    await().until(() -> scan.messages.get() == 1);
    holding.set(true);
    CompletableFuture<CommitResponse> commit = commit(channel, staged);
    gate.awaitReached();

    CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);

    await().atMost(Duration.ofMinutes(1)).until(() -> refusesCalls(channel));
    await().atMost(Duration.ofMinutes(1)).until(() -> refusesCalls(connect(port)));
    assertThat(closing).isNotDone();
    assertThat(commit).isNotDone();
    if (scanEndsFirst) {
      assertThat(scan.drained().getCode()).isEqualTo(Status.Code.OK);
      assertThat(closing).as("closed while a commit is in flight").isNotDone();
      gate.release();
      assertThat(commit.get(60, TimeUnit.SECONDS).getRevision()).isEqualTo(4);
    } else {
      gate.release();
      assertThat(commit.get(60, TimeUnit.SECONDS).getRevision()).isEqualTo(4);
      assertThat(closing).as("closed while a scan is in flight").isNotDone();
      assertThat(scan.drained().getCode()).isEqualTo(Status.Code.OK);
    }
    assertThat(scan.bytes.get()).isGreaterThan(ROWS * LONG_NAME.length());
    closing.get(60, TimeUnit.SECONDS);
    if (kind == StorageConfig.Kind.LANCE) {
      assertThat(rowsAfterRestart()).isEqualTo(ROWS + 1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void close_withoutGraceForAClientThatTakesNothing_endsItsCallsAndReturns(StorageConfig.Kind kind)
      throws Exception {
    SlipwayServer server = start(kind, "50ms");
    ManagedChannel channel = connect(server.port());
    String staged = prepare(server, channel);
    SlowScan scan = new SlowScan(channel);
    await().until(() -> scan.messages.get() == 1);
    Reply<StageWriteResponse> upload = new Reply<>();
    StagingServiceGrpc.newStub(channel).stageWrite(upload).onNext(header());

    // Nobody takes, sends or lets go: only the end of the grace can end it. Closing also checks
    // that no buffer is left.
    CompletableFuture.runAsync(server::close).get(90, TimeUnit.SECONDS);

    assertThat(staged).isNotEmpty();
    assertThat(scan.drained().getCode()).isIn(Status.Code.UNAVAILABLE, Status.Code.CANCELLED);
    assertThat(upload.failure().getCode()).isIn(Status.Code.UNAVAILABLE, Status.Code.CANCELLED);
  }

  @ParameterizedTest
  @EnumSource(names = "LANCE")
  void close_whoseGraceEndsDuringACommit_finishesItForItsClientToFind(StorageConfig.Kind kind)
      throws Exception {
    SlipwayServer server = start(kind, "0ms");
    ManagedChannel channel = connect(server.port());
    String staged = prepare(server, channel);
    holding.set(true);
    CompletableFuture<CommitResponse> commit = commit(channel, staged);
    gate.awaitReached();

    CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);

    assertThat(failure(commit).getCode()).isIn(Status.Code.UNAVAILABLE, Status.Code.CANCELLED);
    assertThat(closing).as("closed while a commit is being published").isNotDone();
    gate.release();
    closing.get(60, TimeUnit.SECONDS);
    assertThat(rowsAfterRestart()).isEqualTo(ROWS + 1);
  }

  // ---- the server

  private SlipwayServer start(StorageConfig.Kind kind, String grace) {
    SlipwayConfig config =
        SlipwayConfig.of(
            Map.of(
                "server.port", "0",
                "server.shutdown-grace", grace,
                "server.scan-idle", "1h",
                "server.upload-idle", "1h",
                "server.call-deadline", "1h",
                "storage.kind", kind.name().toLowerCase(Locale.ROOT),
                "storage.path", folder.toString(),
                "storage.fsync", "false"));
    FailureInjector holds =
        point -> {
          if (point == FailPoint.COMMIT_BEFORE_PUBLISH && holding.getAndSet(false)) {
            gate.before();
          }
        };
    return SlipwayServer.start(
        config,
        new AbstractModule() {
          @Override
          protected void configure() {
            OptionalBinder.newOptionalBinder(binder(), FailureInjector.class)
                .setBinding()
                .toInstance(holds);
          }
        });
  }

  /** Revision 2 has many rows; one more is staged. */
  private static String prepare(SlipwayServer server, ManagedChannel channel) {
    server.databases().create(TESTER, "crm", Optional.empty());
    EngineFixture.createPeople(server.databases().database(TESTER, "crm"), "person");
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      rows.add(person(i, LONG_NAME, i));
    }
    for (int half = 0; half < 2; half++) {
      Reply<WriteResponse> written = new Reply<>();
      StreamObserver<WriteRequest> upload = CommitServiceGrpc.newStub(channel).write(written);
      int from = half * ROWS / 2;
      upload.onNext(
          WriteRequest.newBuilder()
              .setHeader(header().getHeader())
              .setArrowIpc(ipc(rows.subList(from, from + ROWS / 2)))
              .build());
      upload.onCompleted();
      assertThat(written.answer().getRevision()).isEqualTo(half + 2);
    }
    Reply<StageWriteResponse> staged = new Reply<>();
    StreamObserver<StageWriteRequest> upload =
        StagingServiceGrpc.newStub(channel).stageWrite(staged);
    upload.onNext(header().toBuilder().setArrowIpc(ipc(List.of(person(ROWS, "last", 1)))).build());
    upload.onCompleted();
    return staged.answer().getStagedWrite().getId();
  }

  private static StageWriteRequest header() {
    return StageWriteRequest.newBuilder()
        .setHeader(
            WriteHeader.newBuilder()
                .setDatabase("crm")
                .setTable("person")
                .setAppend(AppendOperation.getDefaultInstance()))
        .build();
  }

  private static ByteString ipc(List<Map<String, @Nullable Object>> rows) {
    try (RootAllocator allocator = new RootAllocator()) {
      return IpcStreams.of(allocator, PEOPLE, rows);
    }
  }

  private long rowsAfterRestart() {
    try (SlipwayServer again = start(StorageConfig.Kind.LANCE, "30s")) {
      Database crm = again.databases().database(TESTER, "crm");
      assertThat(crm.outcome(TESTER, "last", false)).isEqualTo(new Outcome.Committed(4));
      return crm.count(TESTER, "person", ReadAt.HEAD, Optional.empty()).value();
    }
  }

  // ---- its clients

  private ManagedChannel connect(int port) {
    ManagedChannel channel =
        Grpc.newChannelBuilder("127.0.0.1:" + port, InsecureChannelCredentials.create()).build();
    channels.add(channel);
    return channel;
  }

  private static boolean refusesCalls(ManagedChannel channel) {
    try {
      var unused =
          DatabaseServiceGrpc.newBlockingStub(channel)
              .listDatabases(ListDatabasesRequest.getDefaultInstance());
      return false;
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      return true;
    }
  }

  private static CompletableFuture<CommitResponse> commit(ManagedChannel channel, String staged) {
    return CompletableFuture.supplyAsync(
        () ->
            CommitServiceGrpc.newBlockingStub(channel)
                .commit(
                    CommitRequest.newBuilder()
                        .setDatabase("crm")
                        .addStagedWriteIds(staged)
                        .setRequestId("last")
                        .build()));
  }

  private static Status failure(CompletableFuture<?> call) throws Exception {
    try {
      call.get(60, TimeUnit.SECONDS);
      throw new AssertionError("the call was answered");
    } catch (ExecutionException e) {
      return Status.fromThrowable(e.getCause());
    }
  }

  /** The one answer of a call, or why it failed. */
  private static final class Reply<A> implements StreamObserver<A> {
    private final CompletableFuture<A> reply = new CompletableFuture<>();

    @Override
    public void onNext(A answer) {
      reply.complete(answer);
    }

    @Override
    public void onError(Throwable failure) {
      reply.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      reply.completeExceptionally(new AssertionError("no answer"));
    }

    A answer() {
      return reply.orTimeout(60, TimeUnit.SECONDS).join();
    }

    Status failure() {
      try {
        throw new AssertionError("answered: " + answer());
      } catch (CompletionException e) {
        return Status.fromThrowable(e.getCause());
      }
    }
  }

  /** A scan whose client takes one message, and no more before it is told to. */
  private static final class SlowScan extends ClientCall.Listener<ScanResponse> {
    final AtomicInteger messages = new AtomicInteger();
    final AtomicInteger bytes = new AtomicInteger();
    private final ClientCall<ScanRequest, ScanResponse> call;
    private final CompletableFuture<Status> ended = new CompletableFuture<>();

    SlowScan(ManagedChannel channel) {
      call = channel.newCall(ReadServiceGrpc.getScanMethod(), CallOptions.DEFAULT);
      call.start(this, new Metadata());
      call.sendMessage(
          ScanRequest.newBuilder()
              .setDatabase("crm")
              .setTable("person")
              .setFormat(PayloadFormat.PAYLOAD_FORMAT_ARROW_IPC)
              .setBatchRows(500)
              .build());
      call.halfClose();
      call.request(1);
    }

    @Override
    public void onMessage(ScanResponse message) {
      bytes.addAndGet(message.getArrowIpc().size());
      messages.incrementAndGet();
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      ended.complete(status);
    }

    /** Takes all there is; how it ended. */
    Status drained() {
      call.request(1_000_000);
      return ended.orTimeout(60, TimeUnit.SECONDS).join();
    }
  }
}
