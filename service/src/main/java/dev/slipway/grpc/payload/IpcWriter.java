package dev.slipway.grpc.payload;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
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
 * Encodes batches as one Arrow IPC stream, taken off in pieces. A piece isn't a copy: it refers to
 * Arrow's memory, which this holds until the piece's batch is taken whole and another is written,
 * or until it is closed. Used by one thread at a time.
 */
public final class IpcWriter implements AutoCloseable {
  private final PieceBuffer buffer = new PieceBuffer();
  private final WriteChannel channel = new WriteChannel(buffer);
  private final Deque<Held> held = new ArrayDeque<>();

  /** A batch whose bytes end at a position of the stream. */
  private record Held(ArrowRecordBatch batch, long end) {}

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
      // Nothing of it is Arrow's memory.
      return writer.take(Integer.MAX_VALUE);
    }
  }

  /**
   * Appends the batch. Pieces of batches that were taken whole before this are no good any more.
   */
  public void write(VectorSchemaRoot root) {
    releaseUpTo(buffer.taken());
    ArrowRecordBatch batch = new VectorUnloader(root).getRecordBatch();
    try {
      MessageSerializer.serialize(channel, batch);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      held.add(new Held(batch, buffer.written()));
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
    return buffer.written() - buffer.taken();
  }

  /** Takes at most this many bytes off the front. Good until the next write, or the end of this. */
  public ByteString take(int limit) {
    return buffer.take(limit);
  }

  /** No piece is good any more. */
  @Override
  public void close() {
    releaseUpTo(Long.MAX_VALUE);
  }

  private void releaseUpTo(long position) {
    for (Held first = held.peek(); first != null && first.end() <= position; first = held.peek()) {
      held.remove().batch().close();
    }
  }

  /** What is written: Arrow's memory as it is, the few bytes between gathered in arrays. */
  private static final class PieceBuffer implements WritableByteChannel {
    private final Deque<ByteString> parts = new ArrayDeque<>();
    private ByteString.Output between = ByteString.newOutput();
    private long written;
    private long taken;

    long written() {
      return written;
    }

    long taken() {
      return taken;
    }

    @Override
    public int write(ByteBuffer source) {
      int length = source.remaining();
      if (source.isDirect()) {
        flush();
        parts.add(UnsafeByteOperations.unsafeWrap(source.slice()));
        source.position(source.limit());
      } else {
        while (source.hasRemaining()) {
          between.write(source.get());
        }
      }
      written += length;
      return length;
    }

    private void flush() {
      if (between.size() > 0) {
        parts.add(between.toByteString());
        between = ByteString.newOutput();
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
      taken += limit - left;
      return ByteString.copyFrom(piece);
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {
      // Holds only references.
    }
  }
}
