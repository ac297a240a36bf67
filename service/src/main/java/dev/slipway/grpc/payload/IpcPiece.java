package dev.slipway.grpc.payload;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;

/**
 * A piece of an Arrow IPC stream. Most of it is still in Arrow's memory, so that its bytes are
 * copied once, into the transport's: what it is written to has taken them when {@link #writeTo}
 * returns. Holds that memory until it is closed, and can't be written after.
 */
public final class IpcPiece implements AutoCloseable {
  // Stays in a core's cache on its way between two buffers that an OutputStream can't join.
  private static final int CHUNK_BYTES = 64 << 10;

  private final List<ByteBuffer> parts;
  private final List<ArrowRecordBatch> spent;
  private final int size;
  private boolean closed;

  /**
   * @param spent batches that no later piece has bytes of; closed with this one
   */
  IpcPiece(List<ByteBuffer> parts, List<ArrowRecordBatch> spent) {
    this.parts = parts;
    this.spent = spent;
    this.size = parts.stream().mapToInt(ByteBuffer::remaining).sum();
  }

  /** In bytes. */
  public int size() {
    return size;
  }

  /** Writes all of it; may be called again. */
  public void writeTo(OutputStream out) throws IOException {
    if (closed) {
      throw new IllegalStateException("the piece is closed, and its memory may be another's");
    }
    byte[] chunk = new byte[Math.min(size, CHUNK_BYTES)];
    for (ByteBuffer part : parts) {
      ByteBuffer left = part.duplicate();
      while (left.hasRemaining()) {
        int length = Math.min(left.remaining(), chunk.length);
        left.get(chunk, 0, length);
        out.write(chunk, 0, length);
      }
    }
  }

  /** A copy. */
  public ByteString toByteString() {
    ByteString.Output copy = ByteString.newOutput(size);
    try {
      writeTo(copy);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return copy.toByteString();
  }

  @Override
  public void close() {
    closed = true;
    spent.forEach(ArrowRecordBatch::close);
  }
}
