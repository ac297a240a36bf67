package dev.slipway.grpc.payload;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Encodes batches as one Arrow IPC stream, taken off in pieces. Holds what was written since the
 * last piece, nothing of Arrow's.
 */
public final class IpcWriter {
  private final PieceBuffer buffer = new PieceBuffer();
  private final WriteChannel channel = new WriteChannel(Channels.newChannel(buffer));

  public IpcWriter(Schema schema) {
    try {
      MessageSerializer.serialize(channel, schema);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A stream that holds only a schema. */
  public static ByteString schemaOnly(Schema schema) {
    IpcWriter writer = new IpcWriter(schema);
    writer.end();
    return writer.take(Integer.MAX_VALUE);
  }

  /** Appends the batch. */
  public void write(VectorSchemaRoot root) {
    try (ArrowRecordBatch batch = new VectorUnloader(root).getRecordBatch()) {
      MessageSerializer.serialize(channel, batch);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Appends the end-of-stream marker. */
  public void end() {
    try {
      channel.writeIntLittleEndian(MessageSerializer.IPC_CONTINUATION_TOKEN);
      channel.writeIntLittleEndian(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bytes written and not yet taken. */
  public int pending() {
    return buffer.pending();
  }

  /** Takes at most this many bytes off the front. */
  public ByteString take(int limit) {
    return buffer.take(limit);
  }

  private static final class PieceBuffer extends ByteArrayOutputStream {
    private int taken;

    int pending() {
      return count - taken;
    }

    ByteString take(int limit) {
      int length = Math.min(limit, pending());
      ByteString piece = UnsafeByteOperations.unsafeWrap(buf, taken, length);
      taken += length;
      if (taken == count) {
        // The piece keeps this array; the next one begins in another.
        buf = new byte[Math.max(1 << 10, Math.min(count, 1 << 20))];
        count = 0;
        taken = 0;
      }
      return piece;
    }
  }
}
