package dev.slipway.grpc.payload;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;

/**
 * The buffers of a record batch, decompressed and aligned. What a compressed buffer claims to hold
 * is added up before memory is taken for it. Buffers are good until this is closed, unless
 * retained.
 */
final class IpcBody implements AutoCloseable {
  private static final int LENGTH_PREFIX = Long.BYTES;
  private static final long NOT_COMPRESSED = -1;
  // Native readers want 16 bytes for decimals, 8 for the rest; a body's buffers may lie anywhere.
  private static final long ALIGNMENT = 16;
  private static final int CHUNK = 1 << 16;

  private final IpcMessages messages;
  private final PayloadLimits limits;
  private final IpcLayout layout;
  private final ArrowBuf body;
  private final BufferAllocator allocator;
  private final List<ArrowBuf> made = new ArrayList<>();
  private long decompressed;
  private int next;

  IpcBody(
      IpcMessages messages,
      PayloadLimits limits,
      IpcLayout layout,
      ArrowBuf body,
      BufferAllocator allocator) {
    this.messages = messages;
    this.limits = limits;
    this.layout = layout;
    this.body = body;
    this.allocator = allocator;
  }

  /** The next buffer in order. */
  ArrowBuf next() {
    if (next == layout.buffers().size()) {
      throw messages.invalid("there are only %d buffers, more are needed", next);
    }
    IpcLayout.Range range = layout.buffers().get(next++);
    if (range.length() == 0) {
      return allocator.getEmpty();
    }
    if (layout.compression() == IpcLayout.Compression.NONE) {
      return aligned(range.offset(), range.length());
    }
    if (range.length() < LENGTH_PREFIX) {
      throw messages.invalid(
          "compressed buffer %d has %d bytes, %d or more were expected",
          next - 1, range.length(), LENGTH_PREFIX);
    }
    long claimed = body.getLong(range.offset());
    long offset = range.offset() + LENGTH_PREFIX;
    long length = range.length() - LENGTH_PREFIX;
    if (claimed == NOT_COMPRESSED) {
      return length == 0 ? allocator.getEmpty() : aligned(offset, length);
    }
    return decompress(offset, length, claimed);
  }

  boolean allUsed() {
    return next == layout.buffers().size();
  }

  @Override
  public void close() {
    made.forEach(ArrowBuf::close);
    made.clear();
  }

  private ArrowBuf aligned(long offset, long length) {
    ArrowBuf slice = body.slice(offset, length);
    if (slice.memoryAddress() % ALIGNMENT == 0) {
      return slice;
    }
    ArrowBuf copy = allocate(length);
    copy.setBytes(0, body, offset, length);
    return copy;
  }

  private ArrowBuf decompress(long offset, long length, long claimed) {
    if (claimed < 0) {
      throw messages.invalid("buffer %d claims %d bytes", next - 1, claimed);
    }
    decompressed += claimed;
    if (decompressed > limits.maxBatchBytes() || decompressed < 0) {
      throw messages.tooLarge(decompressed);
    }
    if (claimed == 0) {
      return allocator.getEmpty();
    }
    ArrowBuf target = allocate(claimed);
    long found =
        layout.compression() == IpcLayout.Compression.ZSTD
            ? zstd(offset, length, target)
            : lz4(offset, length, target);
    if (found != claimed) {
      throw messages.invalid(
          "buffer %d claims %d bytes and decompresses to %s",
          next - 1, claimed, found < 0 ? "none: it is malformed" : Long.toString(found));
    }
    return target;
  }

  private ArrowBuf allocate(long length) {
    ArrowBuf buffer = allocator.buffer(length);
    made.add(buffer);
    // The allocator rounds up; nobody may take the rest for data.
    return buffer.slice(0, length).writerIndex(length);
  }

  private long zstd(long offset, long length, ArrowBuf target) {
    long found =
        Zstd.decompressUnsafe(
            target.memoryAddress(), target.capacity(), body.memoryAddress() + offset, length);
    return Zstd.isError(found) ? -1 : found;
  }

  /** Reads no more than fits: a short frame may unfold to gigabytes. */
  private long lz4(long offset, long length, ArrowBuf target) {
    byte[] chunk = new byte[(int) Math.min(CHUNK, target.capacity() + 1)];
    long done = 0;
    try (InputStream in =
        new FramedLZ4CompressorInputStream(new ArrowBufInput(body.slice(offset, length)))) {
      int read = in.read(chunk);
      while (read >= 0) {
        if (done + read > target.capacity()) {
          return done + read;
        }
        target.setBytes(done, chunk, 0, read);
        done += read;
        read = in.read(chunk);
      }
      return done;
    } catch (IOException | RuntimeException e) {
      throw messages.invalid("buffer %d isn't an LZ4 frame", next - 1).causedBy(e);
    }
  }

  private static final class ArrowBufInput extends InputStream {
    private final ArrowBuf buffer;
    private long position;

    ArrowBufInput(ArrowBuf buffer) {
      this.buffer = buffer;
    }

    @Override
    public int read() {
      return position == buffer.capacity() ? -1 : buffer.getByte(position++) & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (length == 0) {
        return 0;
      }
      int part = (int) Math.min(length, buffer.capacity() - position);
      if (part == 0) {
        return -1;
      }
      buffer.getBytes(position, target, offset, part);
      position += part;
      return part;
    }
  }
}
