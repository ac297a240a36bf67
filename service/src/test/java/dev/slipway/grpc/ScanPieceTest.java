package dev.slipway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.slipway.grpc.payload.IpcPiece;
import dev.slipway.grpc.payload.IpcWriter;
import dev.slipway.storage.testkit.EveryType;
import dev.slipway.storage.testkit.Rows;
import dev.slipway.v1.ScanResponse;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;

final class ScanPieceTest {
  private static final ScanResponse HEAD = ScanResponse.newBuilder().setRevision(7).build();

  @Test
  void stream_ofArrowData_isTheMessageHoweverItIsTaken() throws IOException {
    try (BufferAllocator allocator = new RootAllocator();
        VectorSchemaRoot root = Rows.root(allocator, EveryType.SCHEMA, EveryType.rows(5_000));
        IpcWriter writer = new IpcWriter(EveryType.SCHEMA)) {
      writer.write(root);
      try (IpcPiece ipc = writer.take(Integer.MAX_VALUE)) {
        ScanPiece piece = new ScanPiece(HEAD, ipc);
        ByteString data = ipc.toByteString();
        ScanResponse expected = HEAD.toBuilder().setArrowIpc(data).build();

        assertThat(drained(piece)).isEqualTo(expected.toByteArray());
        assertThat(read(piece)).isEqualTo(expected.toByteArray());
        assertThat(partlyRead(piece)).isEqualTo(expected.toByteArray());
      }
    }
  }

  @Test
  void stream_withoutArrowData_isTheHead() throws IOException {
    ScanPiece piece = new ScanPiece(HEAD, null);

    assertThat(drained(piece)).isEqualTo(HEAD.toByteArray());
    assertThat(read(piece)).isEqualTo(HEAD.toByteArray());
    piece.close();
  }

  private static byte[] drained(ScanPiece piece) throws IOException {
    InputStream stream = ScanPiece.MARSHALLER.stream(piece);
    assertThat(stream).isInstanceOf(KnownLength.class);
    int length = stream.available();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(((Drainable) stream).drainTo(out)).isEqualTo(length).isEqualTo(out.size());
    assertThat(stream.available()).isZero();
    assertThat(stream.read()).isEqualTo(-1);
    return out.toByteArray();
  }

  private static byte[] read(ScanPiece piece) throws IOException {
    return ScanPiece.MARSHALLER.stream(piece).readAllBytes();
  }

  private static byte[] partlyRead(ScanPiece piece) throws IOException {
    InputStream stream = ScanPiece.MARSHALLER.stream(piece);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(stream.read());
    var unused = ((Drainable) stream).drainTo(out);
    return out.toByteArray();
  }
}
