package dev.slipway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.slipway.v1.ReadServiceGrpc;
import dev.slipway.v1.ScanRequest;
import dev.slipway.v1.ScanResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What scans rely on: a sent message needs its memory no longer, also while it waits for room. */
final class TransportCopyTest {
  private static final int BYTES = 1 << 20;
  private static final int MESSAGES = 20;

  @Test
  void onNext_ofAMessageOverForeignMemory_hasCopiedItWhenItReturns() throws Exception {
    CountDownLatch overwritten = new CountDownLatch(1);
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new OverwritingService(overwritten))
            .build()
            .start();
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    try {
      Iterator<ScanResponse> messages =
          ReadServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(60, TimeUnit.SECONDS)
              .scan(ScanRequest.getDefaultInstance());
      // Nothing is read before all is sent: most of it waits in the server's transport.
      assertThat(overwritten.await(60, TimeUnit.SECONDS)).isTrue();
      for (int i = 0; i < MESSAGES; i++) {
        ByteString data = messages.next().getArrowIpc();
        assertThat(data.size()).isEqualTo(BYTES);
        byte[] expected = new byte[BYTES];
        Arrays.fill(expected, (byte) (i + 1));
        assertThat(data).isEqualTo(UnsafeByteOperations.unsafeWrap(expected));
      }
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
      assertThat(channel.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
      assertThat(server.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** Sends the same memory again and again with other content. */
  private static final class OverwritingService extends ReadServiceGrpc.ReadServiceImplBase {
    private final CountDownLatch overwritten;

    OverwritingService(CountDownLatch overwritten) {
      this.overwritten = overwritten;
    }

    @Override
    public void scan(ScanRequest request, StreamObserver<ScanResponse> answers) {
      ByteBuffer memory = ByteBuffer.allocateDirect(BYTES);
      for (int i = 0; i < MESSAGES; i++) {
        fill(memory, (byte) (i + 1));
        answers.onNext(
            ScanResponse.newBuilder()
                .setArrowIpc(UnsafeByteOperations.unsafeWrap(memory.slice()))
                .build());
        fill(memory, (byte) -1);
      }
      overwritten.countDown();
      answers.onCompleted();
    }

    private static void fill(ByteBuffer memory, byte value) {
      for (int i = 0; i < BYTES; i++) {
        memory.put(i, value);
      }
    }
  }
}
