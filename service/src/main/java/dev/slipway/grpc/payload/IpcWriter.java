package dev.slipway.grpc.payload;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
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
import org.jspecify.annotations.Nullable;

/**
 * Encodes batches as one Arrow IPC stream, taken off in pieces. Shares the batches' memory until
 * their last byte is taken, so what reads them must not write over it: a vector cleared and filled
 * anew doesn't. One thread.
 */
public final class IpcWriter implements AutoCloseable {
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
    try (IpcWriter writer = new IpcWriter(schema)) {
      writer.end();
      try (IpcPiece all = writer.take(Integer.MAX_VALUE)) {
        return all.toByteString();
      }
    }
  }

  /** Appends the batch. */
  public void write(VectorSchemaRoot root) {
    ArrowRecordBatch batch = new VectorUnloader(root).getRecordBatch();
    try {
      MessageSerializer.serialize(channel, batch);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      buffer.endOf(batch);
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
  public IpcPiece take(int limit) {
    return buffer.take(limit);
  }

  /** Lets go of what wasn't taken. */
  @Override
  public void close() {
    buffer.close();
  }

  /** What is written: Arrow's buffers as they are, the few bytes between them gathered. */
  private static final class PieceBuffer implements WritableByteChannel {
    private final Deque<Part> parts = new ArrayDeque<>();
    private final ByteArrayOutputStream between = new ByteArrayOutputStream();
    private long pending;

    /** Bytes, or the end of a batch: what is before it has all of that batch's bytes. */
    private record Part(ByteBuffer bytes, @Nullable ArrowRecordBatch ended) {}

    @Override
    public int write(ByteBuffer source) {
      int length = source.remaining();
      if (source.isDirect()) {
        flush();
        parts.add(new Part(source.slice(), null));
        source.position(source.limit());
      } else {
        while (source.hasRemaining()) {
          between.write(source.get());
        }
      }
      pending += length;
      return length;
    }

    void endOf(ArrowRecordBatch batch) {
      flush();
      parts.add(new Part(ByteBuffer.allocate(0), batch));
    }

    private void flush() {
      if (between.size() > 0) {
        parts.add(new Part(ByteBuffer.wrap(between.toByteArray()), null));
        between.reset();
      }
    }

    IpcPiece take(int limit) {
      flush();
      List<ByteBuffer> piece = new ArrayList<>();
      List<ArrowRecordBatch> spent = new ArrayList<>();
      int left = limit;
      while (!parts.isEmpty()) {
        Part part = parts.element();
        if (part.ended() != null) {
          spent.add(part.ended());
        } else if (left == 0) {
          break;
        } else if (part.bytes().remaining() > left) {
          piece.add(part.bytes().slice(part.bytes().position(), left));
          part.bytes().position(part.bytes().position() + left);
          left = 0;
          break;
        } else {
          piece.add(part.bytes());
          left -= part.bytes().remaining();
        }
        parts.remove();
      }
      pending -= limit - left;
      return new IpcPiece(piece, spent);
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {
      Part part;
      while ((part = parts.poll()) != null) {
        if (part.ended() != null) {
          part.ended().close();
        }
      }
      pending = 0;
    }
  }
}
