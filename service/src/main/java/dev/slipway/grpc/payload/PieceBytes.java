package dev.slipway.grpc.payload;

import com.google.protobuf.ByteString;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/** Pieces read as one run of bytes, wherever one ends and the next begins. */
final class PieceBytes {
  private static final long FIRST_ALLOCATION = 1 << 20;

  private final Pieces<ByteString> pieces;
  private ByteString piece = ByteString.EMPTY;
  private int position;
  private long consumed;

  PieceBytes(Pieces<ByteString> pieces) {
    this.pieces = pieces;
  }

  /** Bytes taken so far. */
  long consumed() {
    return consumed;
  }

  /** Whether nothing more comes. Waits. */
  boolean atEnd() {
    while (position == piece.size()) {
      ByteString next = pieces.next();
      if (next == null) {
        return true;
      }
      piece = next;
      position = 0;
    }
    return false;
  }

  /** A little-endian integer. */
  int readInt() {
    int value = 0;
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      require(1);
      value |= (piece.byteAt(position) & 0xFF) << shift;
      advance(1);
    }
    return value;
  }

  byte[] read(int length) {
    byte[] bytes = new byte[length];
    int done = 0;
    while (done < length) {
      require(length - done);
      int part = Math.min(length - done, piece.size() - position);
      piece.substring(position, position + part).copyTo(bytes, done);
      advance(part);
      done += part;
    }
    return bytes;
  }

  /**
   * Bytes in Arrow memory, which grows as they come: a length that was only claimed costs nothing.
   * The caller closes it.
   */
  ArrowBuf read(long length, BufferAllocator allocator) {
    ArrowBuf buffer = allocator.buffer(Math.min(length, FIRST_ALLOCATION));
    try {
      long done = 0;
      while (done < length) {
        require(length - done);
        int part = (int) Math.min(length - done, piece.size() - position);
        if (done + part > buffer.capacity()) {
          buffer = grown(buffer, done, Math.min(length, 2 * (done + part)), allocator);
        }
        buffer.setBytes(done, piece.substring(position, position + part).asReadOnlyByteBuffer());
        advance(part);
        done += part;
      }
      return buffer;
    } catch (RuntimeException e) {
      buffer.close();
      throw e;
    }
  }

  private static ArrowBuf grown(ArrowBuf old, long used, long size, BufferAllocator allocator) {
    ArrowBuf larger = allocator.buffer(size);
    larger.setBytes(0, old, 0, used);
    old.close();
    return larger;
  }

  private void require(long missing) {
    if (atEnd()) {
      throw SlipwayException.of(
          ErrorReason.PAYLOAD_INVALID,
          "the Arrow IPC stream ends after %d bytes, in the middle of a message; at least %d more"
              + " bytes were expected",
          consumed,
          missing);
    }
  }

  private void advance(int bytes) {
    position += bytes;
    consumed += bytes;
  }
}
