package dev.slipway.grpc.payload;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
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
  private final WriteChannel channel = new WriteChannel(buffer);

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
  public long pending() {
    return buffer.pending;
  }

  /** Takes at most this many bytes off the front. */
  public ByteString take(int limit) {
    return buffer.take(limit);
  }

  /**
   * What is written: one part for each of Arrow's buffers, so that a byte is copied once, and small
   * arrays instead of one large one; the few bytes between buffers are gathered.
   */
  private static final class PieceBuffer implements WritableByteChannel {
    private final Deque<ByteString> parts = new ArrayDeque<>();
    private final ByteString.Output between = ByteString.newOutput();
    private long pending;

    @Override
    public int write(ByteBuffer source) {
      int length = source.remaining();
      if (source.isDirect()) {
        flush();
        parts.add(ByteString.copyFrom(source));
      } else {
        while (source.hasRemaining()) {
          between.write(source.get());
        }
      }
      pending += length;
      return length;
    }

    private void flush() {
      if (between.size() > 0) {
        parts.add(between.toByteString());
        between.reset();
      }
    }

    ByteString take(int limit) {
      flush();
      List<ByteString> piece = new ArrayList<>();
      int left = limit;
      while (left > 0 && !parts.isEmpty()) {
        ByteString part = parts.remove();
        if (part.size() > left) {
          parts.addFirst(part.substring(left));
          part = part.substring(0, left);
        }
        piece.add(part);
        left -= part.size();
      }
      pending -= limit - left;
      return ByteString.copyFrom(piece);
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {
      // Holds only arrays.
    }
  }
}
