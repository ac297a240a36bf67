package dev.slipway.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.slipway.grpc.payload.IpcPiece;
import dev.slipway.v1.ScanResponse;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * One {@link ScanResponse} on its way out. Arrow data goes from Arrow's memory straight into the
 * transport's; as a field of a message object it would be copied once more.
 *
 * @param head all but the Arrow data
 * @param ipc the Arrow data, if there is any; closed with the piece
 */
record ScanPiece(ScanResponse head, @Nullable IpcPiece ipc) implements AutoCloseable {
  static final MethodDescriptor.Marshaller<ScanPiece> MARSHALLER =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(ScanPiece piece) {
          return new Encoded(piece);
        }

        @Override
        public ScanPiece parse(InputStream stream) {
          throw new IllegalStateException("only clients read responses");
        }
      };

  private int size() {
    int size = head.getSerializedSize();
    return ipc == null
        ? size
        : size
            + CodedOutputStream.computeTagSize(ScanResponse.ARROW_IPC_FIELD_NUMBER)
            + CodedOutputStream.computeUInt32SizeNoTag(ipc.size())
            + ipc.size();
  }

  private void writeTo(OutputStream out) throws IOException {
    CodedOutputStream coded = CodedOutputStream.newInstance(out);
    head.writeTo(coded);
    if (ipc != null) {
      coded.writeTag(ScanResponse.ARROW_IPC_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      coded.writeUInt32NoTag(ipc.size());
    }
    coded.flush();
    if (ipc != null) {
      ipc.writeTo(out);
    }
  }

  @Override
  public void close() {
    if (ipc != null) {
      ipc.close();
    }
  }

  /** The message's bytes: drained by the transport while the piece is sent, in one go. */
  private static final class Encoded extends InputStream implements Drainable, KnownLength {
    private final ScanPiece piece;
    private @Nullable ByteArrayInputStream rest;

    Encoded(ScanPiece piece) {
      this.piece = piece;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      if (rest != null) {
        return (int) rest.transferTo(target);
      }
      piece.writeTo(target);
      rest = new ByteArrayInputStream(new byte[0]);
      return piece.size();
    }

    @Override
    public int available() {
      return rest == null ? piece.size() : rest.available();
    }

    @Override
    public int read() {
      return rest().read();
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      return rest().read(into, offset, length);
    }

    /** For a transport that reads instead. */
    private ByteArrayInputStream rest() {
      ByteArrayInputStream open = rest;
      if (open == null) {
        ByteArrayOutputStream all = new ByteArrayOutputStream(piece.size());
        try {
          piece.writeTo(all);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        open = new ByteArrayInputStream(all.toByteArray());
        rest = open;
      }
      return open;
    }
  }
}
