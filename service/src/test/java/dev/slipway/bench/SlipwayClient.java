package dev.slipway.bench;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import dev.slipway.v1.AppendOperation;
import dev.slipway.v1.CommitServiceGrpc;
import dev.slipway.v1.CountRequest;
import dev.slipway.v1.CreateDatabaseRequest;
import dev.slipway.v1.CreateTableRequest;
import dev.slipway.v1.DatabaseServiceGrpc;
import dev.slipway.v1.ReadServiceGrpc;
import dev.slipway.v1.ScanRequest;
import dev.slipway.v1.ScanResponse;
import dev.slipway.v1.Schema;
import dev.slipway.v1.TableServiceGrpc;
import dev.slipway.v1.WriteHeader;
import dev.slipway.v1.WriteRequest;
import dev.slipway.v1.WriteResponse;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.jspecify.annotations.Nullable;

/** A client over a real loopback port. */
final class SlipwayClient implements AutoCloseable {
  private static final int PIECE = 1 << 20;
  private static final String DATABASE = "bench";

  // As generated, but the data isn't copied out of what came in: see docs/api.md.
  private static final MethodDescriptor<ScanRequest, ScanResponse> SCAN =
      ReadServiceGrpc.getScanMethod().toBuilder(
              ReadServiceGrpc.getScanMethod().getRequestMarshaller(), new Aliasing())
          .build();

  private final BufferAllocator allocator;
  private final ManagedChannel channel;

  SlipwayClient(BufferAllocator allocator, int port) {
    this.allocator = allocator;
    this.channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port)
            .usePlaintext()
            .maxInboundMessageSize(16 << 20)
            .build();
  }

  void createDatabase() {
    var unused =
        DatabaseServiceGrpc.newBlockingStub(channel)
            .createDatabase(CreateDatabaseRequest.newBuilder().setDatabase(DATABASE).build());
  }

  void createTable(String table) {
    var unused =
        TableServiceGrpc.newBlockingStub(channel)
            .createTable(
                CreateTableRequest.newBuilder()
                    .setDatabase(DATABASE)
                    .setTable(table)
                    .setSchema(
                        Schema.newBuilder()
                            .setArrowIpcSchema(
                                ByteString.copyFrom(BenchRows.SCHEMA.serializeAsMessage())))
                    .build());
  }

  WriteRequest oneRow(String table, int id) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (VectorSchemaRoot row = VectorSchemaRoot.create(BenchRows.SCHEMA, allocator);
        ArrowStreamWriter writer = new ArrowStreamWriter(row, null, Channels.newChannel(bytes))) {
      BenchRows.fill(row, id, 1);
      writer.start();
      writer.writeBatch();
      writer.end();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return WriteRequest.newBuilder()
        .setHeader(header(table))
        .setArrowIpc(ByteString.copyFrom(bytes.toByteArray()))
        .build();
  }

  private static WriteHeader header(String table) {
    return WriteHeader.newBuilder()
        .setDatabase(DATABASE)
        .setTable(table)
        .setAppend(AppendOperation.getDefaultInstance())
        .build();
  }

  /** Writes and waits for the commit. */
  void write(WriteRequest request) {
    Call call = new Call();
    call.send(request);
    call.finish();
  }

  void ingest(String table, ArrowReader rows) throws IOException {
    Call call = new Call();
    call.send(WriteRequest.newBuilder().setHeader(header(table)).build());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(2 * PIECE);
    VectorSchemaRoot root = rows.getVectorSchemaRoot();
    try (ArrowStreamWriter writer = new ArrowStreamWriter(root, null, Channels.newChannel(bytes))) {
      writer.start();
      while (rows.loadNextBatch()) {
        writer.writeBatch();
        if (bytes.size() >= PIECE) {
          call.send(piece(bytes));
        }
      }
      writer.end();
      call.send(piece(bytes));
    }
    call.finish();
  }

  private static WriteRequest piece(ByteArrayOutputStream bytes) {
    WriteRequest request =
        WriteRequest.newBuilder().setArrowIpc(ByteString.copyFrom(bytes.toByteArray())).build();
    bytes.reset();
    return request;
  }

  long scan(String table, int batchRows) throws IOException {
    Iterator<ScanResponse> pieces =
        ClientCalls.blockingServerStreamingCall(
            channel,
            SCAN,
            CallOptions.DEFAULT,
            ScanRequest.newBuilder()
                .setDatabase(DATABASE)
                .setTable(table)
                .setBatchRows(batchRows)
                .build());
    long rows = 0;
    try (ArrowStreamReader reader = new ArrowStreamReader(new Pieces(pieces), allocator)) {
      while (reader.loadNextBatch()) {
        rows += reader.getVectorSchemaRoot().getRowCount();
      }
    }
    return rows;
  }

  long count(String table) {
    return ReadServiceGrpc.newBlockingStub(channel)
        .count(CountRequest.newBuilder().setDatabase(DATABASE).setTable(table).build())
        .getCount();
  }

  @Override
  public void close() {
    channel.shutdown();
    try {
      if (!channel.awaitTermination(10, TimeUnit.SECONDS)) {
        channel.shutdownNow();
      }
    } catch (InterruptedException e) {
      channel.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /** One upload that sends no faster than the server takes. */
  private final class Call implements ClientResponseObserver<WriteRequest, WriteResponse> {
    private final CompletableFuture<WriteResponse> answer = new CompletableFuture<>();
    private final Semaphore ready = new Semaphore(0);
    private @Nullable ClientCallStreamObserver<WriteRequest> requests;

    Call() {
      var unused = CommitServiceGrpc.newStub(channel).write(this);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<WriteRequest> stream) {
      requests = stream;
      stream.setOnReadyHandler(ready::release);
    }

    void send(WriteRequest request) {
      ClientCallStreamObserver<WriteRequest> stream = java.util.Objects.requireNonNull(requests);
      while (!stream.isReady() && !answer.isDone()) {
        ready.acquireUninterruptibly();
      }
      stream.onNext(request);
    }

    void finish() {
      java.util.Objects.requireNonNull(requests).onCompleted();
      answer.join();
    }

    @Override
    public void onNext(WriteResponse response) {
      answer.complete(response);
    }

    @Override
    public void onError(Throwable failure) {
      answer.completeExceptionally(failure);
      ready.release();
    }

    @Override
    public void onCompleted() {
      answer.completeExceptionally(new IllegalStateException("no answer"));
    }
  }

  private static final class Aliasing implements MethodDescriptor.Marshaller<ScanResponse> {
    @Override
    public InputStream stream(ScanResponse value) {
      return value.toByteString().newInput();
    }

    @Override
    public ScanResponse parse(InputStream stream) {
      try {
        // A message's stream knows its length.
        byte[] bytes = stream.readNBytes(stream.available());
        CodedInputStream message = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
        message.enableAliasing(true);
        return ScanResponse.parseFrom(message);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The bytes of a scan's pieces, one after the other. */
  private static final class Pieces implements ReadableByteChannel {
    private final Iterator<ScanResponse> pieces;
    private ByteBuffer current = ByteBuffer.allocate(0);

    Pieces(Iterator<ScanResponse> pieces) {
      this.pieces = pieces;
    }

    @Override
    public int read(ByteBuffer target) {
      while (!current.hasRemaining()) {
        if (!pieces.hasNext()) {
          return -1;
        }
        current = pieces.next().getArrowIpc().asReadOnlyByteBuffer();
      }
      int length = Math.min(current.remaining(), target.remaining());
      target.put(current.slice(current.position(), length));
      current.position(current.position() + length);
      return length;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {
      // Holds no more than a message.
    }
  }
}
