package dev.slipway.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.v1.CommitServiceGrpc;
import dev.slipway.v1.CountRequest;
import dev.slipway.v1.CreateDatabaseRequest;
import dev.slipway.v1.CreateTableRequest;
import dev.slipway.v1.DatabaseServiceGrpc;
import dev.slipway.v1.GetDatabaseRequest;
import dev.slipway.v1.ListStagedWritesRequest;
import dev.slipway.v1.MaintenanceServiceGrpc;
import dev.slipway.v1.PayloadFormat;
import dev.slipway.v1.ReadServiceGrpc;
import dev.slipway.v1.ScanRequest;
import dev.slipway.v1.StageWriteRequest;
import dev.slipway.v1.StageWriteResponse;
import dev.slipway.v1.StagingServiceGrpc;
import dev.slipway.v1.TableServiceGrpc;
import dev.slipway.v1.WriteRequest;
import dev.slipway.v1.WriteResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.arrow.memory.BufferAllocator;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;

/**
 * A server on a port of its own, over the memory backend unless a test says otherwise, and a
 * client. Closing it stops everything; whatever an upload left behind fails the test.
 */
final class GrpcFixture implements AutoCloseable {
  private final EngineFixture engine;
  private final BufferAllocator allocator;
  private final GrpcThreads threads;
  private final GrpcServer server;
  private final ManagedChannel channel;

  GrpcFixture(Path folder) {
    this(folder, GrpcOptions.DEFAULT);
  }

  GrpcFixture(Path folder, GrpcOptions options) {
    this(BackendKind.MEMORY, folder, options);
  }

  GrpcFixture(BackendKind kind, Path folder) {
    this(kind, folder, GrpcOptions.DEFAULT);
  }

  GrpcFixture(BackendKind kind, Path folder, GrpcOptions options) {
    this(EngineFixture.open(kind, folder), options);
  }

  /** Over an engine that this closes. */
  GrpcFixture(EngineFixture engine, GrpcOptions options) {
    this.engine = engine;
    allocator = engine.allocator().newChildAllocator("grpc", 0, Long.MAX_VALUE);
    GrpcOptions local = options.withAddress("127.0.0.1", 0);
    threads = GrpcThreads.create(local);
    AtomicInteger next = new AtomicInteger();
    server =
        new GrpcServer(
            local,
            engine.databases(),
            allocator,
            threads,
            () -> "generated-" + next.incrementAndGet());
    try {
      server.start();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    channel = newChannel();
  }

  ManagedChannel newChannel() {
    return NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
  }

  ManagedChannel channel() {
    return channel;
  }

  EngineFixture engine() {
    return engine;
  }

  GrpcThreads threads() {
    return threads;
  }

  BufferAllocator allocator() {
    return allocator;
  }

  GrpcServer server() {
    return server;
  }

  DatabaseServiceGrpc.DatabaseServiceBlockingStub databases() {
    return DatabaseServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  TableServiceGrpc.TableServiceBlockingStub tables() {
    return TableServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  StagingServiceGrpc.StagingServiceBlockingStub staging() {
    return StagingServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  CommitServiceGrpc.CommitServiceBlockingStub commits() {
    return CommitServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  ReadServiceGrpc.ReadServiceBlockingStub reads() {
    return ReadServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  MaintenanceServiceGrpc.MaintenanceServiceBlockingStub maintenance() {
    return MaintenanceServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  /** Database {@code crm} with the empty table {@code person} of id (key), name and age. */
  GrpcFixture withPerson() {
    databases().createDatabase(CreateDatabaseRequest.newBuilder().setDatabase("crm").build());
    tables()
        .createTable(
            json(
                "{database: 'crm', table: 'person', schema: {fields: [{name: 'id', type: 'int64'},"
                    + " {name: 'name', type: 'utf8'}, {name: 'age', type: 'int64'}],"
                    + " key_columns: ['id']}}",
                CreateTableRequest.newBuilder()));
    return this;
  }

  /** A message as a person types it; single quotes will do. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  static <M extends Message> M json(String text, Message.Builder builder) {
    try {
      JsonFormat.parser().merge(text.replace('\'', '"'), builder);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(text, e);
    }
    return (M) builder.build();
  }

  static WriteRequest write(String text) {
    return json(text, WriteRequest.newBuilder());
  }

  static StageWriteRequest stage(String text) {
    return json(text, StageWriteRequest.newBuilder());
  }

  /** A whole write in one call. */
  WriteResponse write(WriteRequest... messages) {
    return upload(
        observer ->
            CommitServiceGrpc.newStub(channel)
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .write(observer),
        List.of(messages));
  }

  StageWriteResponse stage(StageWriteRequest... messages) {
    return upload(
        observer ->
            StagingServiceGrpc.newStub(channel)
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .stageWrite(observer),
        List.of(messages));
  }

  static <Q, A> A upload(Function<StreamObserver<A>, StreamObserver<Q>> method, List<Q> messages) {
    Answer<A> answer = new Answer<>();
    StreamObserver<Q> upload = method.apply(answer);
    messages.forEach(upload::onNext);
    upload.onCompleted();
    return answer.get();
  }

  long head() {
    return databases()
        .getDatabase(GetDatabaseRequest.newBuilder().setDatabase("crm").build())
        .getDatabase()
        .getHeadRevision();
  }

  long count(String table) {
    return reads()
        .count(CountRequest.newBuilder().setDatabase("crm").setTable(table).build())
        .getCount();
  }

  List<Struct> rows(String table) {
    List<Struct> rows = new ArrayList<>();
    reads()
        .scan(
            ScanRequest.newBuilder()
                .setDatabase("crm")
                .setTable(table)
                .setFormat(PayloadFormat.PAYLOAD_FORMAT_ROWS)
                .build())
        .forEachRemaining(message -> rows.addAll(message.getRowsList()));
    return rows;
  }

  /** Nothing is left but what revisions up to this one name: no memory, object or file. */
  void assertNothingLeft(long head) {
    assertNothingLeft(head, 0);
  }

  /**
   * The same, where data was staged and then given up: its files stay until a cleanup.
   *
   * @param files how many data files were written for what was given up
   */
  void assertNothingLeft(long head, int files) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> Assertions.assertThat(allocator.getAllocatedMemory()).as("memory").isZero());
    Assertions.assertThat(head()).as("head revision").isEqualTo(head);
    Assertions.assertThat(
            staging()
                .listStagedWrites(ListStagedWritesRequest.newBuilder().setDatabase("crm").build())
                .getStagedWritesList())
        .isEmpty();
    engine.awaitIdle();
    Assertions.assertThat(new Unreferenced(engine).all())
        .as("objects and files that nothing refers to")
        .hasSize(files)
        .allMatch(file -> file.matches("db/[^/]+/tables/[^/]+/data/[^/]+"));
  }

  @Override
  public void close() {
    channel.shutdownNow();
    try {
      server.stop(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    threads.close();
    try {
      if (!threads.work().awaitTermination(10, TimeUnit.SECONDS)
          || !threads.uploads().awaitTermination(10, TimeUnit.SECONDS)) {
        throw new AssertionError("a call went on after the server had stopped");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    allocator.close();
    engine.close();
  }
}
