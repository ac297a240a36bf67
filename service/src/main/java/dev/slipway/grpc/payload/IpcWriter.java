package dev.slipway.grpc.payload;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
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
      buffer.reserve(batch.computeBodyLength());
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

  /** What is written, in one array: each byte is copied once, from Arrow's memory to here. */
  private static final class PieceBuffer implements WritableByteChannel {
    private static final int FIRST_BYTES = 1 << 10;
    private static final int MOST_KEPT_BYTES = 1 << 20;

    private byte[] bytes = new byte[FIRST_BYTES];
    private int count;
    private int taken;

    int pending() {
      return count - taken;
    }

    /** Room for so many bytes and the little that goes before them. */
    void reserve(long length) {
      long needed = count + length + FIRST_BYTES;
      if (needed > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.toIntExact(needed));
      }
    }

    @Override
    public int write(ByteBuffer source) {
      int length = source.remaining();
      if (length > bytes.length - count) {
        bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(count, length), 2 * bytes.length));
      }
      source.get(bytes, count, length);
      count += length;
      return length;
    }

    ByteString take(int limit) {
      int length = Math.min(limit, pending());
      ByteString piece = UnsafeByteOperations.unsafeWrap(bytes, taken, length);
      taken += length;
      if (taken == count) {
        // The piece keeps this array; the next one begins in another.
        bytes = new byte[Math.max(FIRST_BYTES, Math.min(count, MOST_KEPT_BYTES))];
        count = 0;
        taken = 0;
      }
      return piece;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {
      // Holds only an array.
    }
  }
}
