package dev.slipway.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.slipway.v1.StageWriteRequest;
import dev.slipway.v1.StageWriteResponse;
import dev.slipway.v1.StagedWrite;
import dev.slipway.v1.StagingServiceGrpc.StagingServiceStub;
import dev.slipway.v1.WriteHeader;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Phaser;
import org.jspecify.annotations.Nullable;

/**
 * One upload of an Arrow IPC stream, written like a file. Holds at most one piece: a write waits
 * until the connection takes more.
 */
final class StageUpload implements WritableByteChannel {
  private static final int PIECE = 1 << 20;

  private final CompletableFuture<StagedWrite> answer = new CompletableFuture<>();
  private final Phaser ready = new Phaser(1);
  private final ClientCallStreamObserver<StageWriteRequest> requests;
  private byte[] piece = new byte[PIECE];
  private int filled;
  private @Nullable WriteHeader header;
  private boolean open = true;

  StageUpload(StagingServiceStub stub, WriteHeader header) {
    this.header = header;
    this.requests = (ClientCallStreamObserver<StageWriteRequest>) stub.stageWrite(new Answers());
  }

  /** One upload that is a single message. */
  static StagedWrite send(StagingServiceStub stub, StageWriteRequest request) {
    StageUpload upload = new StageUpload(stub, request.getHeader());
    upload.open = false;
    upload.requests.onNext(request);
    upload.requests.onCompleted();
    return upload.answered();
  }

  @Override
  public int write(ByteBuffer source) {
    int length = source.remaining();
    while (source.hasRemaining()) {
      int part = Math.min(source.remaining(), PIECE - filled);
      source.get(piece, filled, part);
      filled += part;
      if (filled == PIECE) {
        send();
      }
    }
    return length;
  }

  private void send() {
    StageWriteRequest.Builder request = StageWriteRequest.newBuilder();
    if (header != null) {
      request.setHeader(header);
      header = null;
    }
    // The piece is never touched again, so it needn't be copied.
    ByteString bytes = UnsafeByteOperations.unsafeWrap(piece, 0, filled);
    piece = new byte[PIECE];
    filled = 0;
    awaitReady();
    requests.onNext(request.setArrowIpc(bytes).build());
  }

  private void awaitReady() {
    while (true) {
      int phase = ready.getPhase();
      if (answer.isDone()) {
        // The server answered before it had everything: it refused.
        answered();
        throw Status.CANCELLED.withDescription("the server ended the upload").asRuntimeException();
      }
      if (requests.isReady()) {
        return;
      }
      ready.awaitAdvance(phase);
    }
  }

  /** Sends the rest and waits for the staged write. */
  StagedWrite finish() {
    send();
    open = false;
    requests.onCompleted();
    return answered();
  }

  private StagedWrite answered() {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw Status.fromThrowable(e.getCause())
          .asRuntimeException(Status.trailersFromThrowable(e.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Status.CANCELLED.withCause(e).asRuntimeException();
    }
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  /** Abandons the upload, unless it is finished. */
  @Override
  public void close() throws IOException {
    if (open) {
      open = false;
      requests.cancel("the upload was abandoned", null);
    }
  }

  private final class Answers
      implements ClientResponseObserver<StageWriteRequest, StageWriteResponse> {
    @Override
    public void beforeStart(ClientCallStreamObserver<StageWriteRequest> stream) {
      stream.setOnReadyHandler(ready::arrive);
    }

    @Override
    public void onNext(StageWriteResponse response) {
      answer.complete(response.getStagedWrite());
    }

    @Override
    public void onError(Throwable failure) {
      answer.completeExceptionally(failure);
      ready.arrive();
    }

    @Override
    public void onCompleted() {
      ready.arrive();
    }
  }
}
