package dev.slipway.cli.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.apache.arrow.flatbuf.Message;

/**
 * An Arrow IPC stream whose lengths are checked before they are passed on, for the reader makes
 * room for what they say. Used by one thread.
 */
final class IpcFrames extends InputStream {
  private static final int CONTINUATION = 0xFFFFFFFF;
  private static final int MAX_METADATA = 64 << 20;
  private static final int FILE_MAGIC = 'A' | 'R' << 8 | 'R' << 16 | 'O' << 24;

  private final Path path;
  private final InputStream in;

  /** How many bytes there may still be at most. */
  private long left;

  private int message;
  private ByteBuffer head = ByteBuffer.allocate(0);
  private long body;
  private boolean ended;

  /**
   * @param size that the stream can't exceed
   */
  IpcFrames(Path path, InputStream in, long size) {
    this.path = path;
    this.in = in;
    this.left = size;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!head.hasRemaining() && body == 0 && !next()) {
      return -1;
    }
    if (head.hasRemaining()) {
      int read = Math.min(length, head.remaining());
      head.get(target, offset, read);
      return read;
    }
    int read = in.read(target, offset, (int) Math.min(length, body));
    if (read < 0) {
      throw damaged("it ends within the data of message %d".formatted(message));
    }
    body -= read;
    left -= read;
    return read;
  }

  private boolean next() throws IOException {
    if (ended) {
      return false;
    }
    byte[] prefix = in.readNBytes(4);
    if (prefix.length == 0) {
      if (message == 0) {
        throw damaged("it is empty");
      }
      ended = true;
      return false;
    }
    message++;
    int length = number(prefix);
    boolean continued = length == CONTINUATION;
    byte[] second = continued ? in.readNBytes(4) : new byte[0];
    if (continued) {
      length = number(second);
    }
    left -= prefix.length + second.length;
    if (length == 0) {
      end();
      head = joined(prefix, second, new byte[0]);
      return true;
    }
    if (length < 0 || length > MAX_METADATA || length > left) {
      throw wrongLength(length);
    }
    byte[] metadata = in.readNBytes(length);
    if (metadata.length < length) {
      throw damaged("it ends within the metadata of message %d".formatted(message));
    }
    left -= length;
    body = bodyLength(metadata);
    head = joined(prefix, second, metadata);
    return true;
  }

  private DataException wrongLength(int length) {
    if (message > 1) {
      return damaged(
          "message %d claims %d bytes of metadata, and %d are left"
              .formatted(message, length, left));
    }
    return damaged(
        length == FILE_MAGIC
            ? "Arrow's file form can't be compressed with gzip; unzip it"
            : "it begins with something else");
  }

  private void end() throws IOException {
    ended = true;
    if (in.read() >= 0) {
      throw damaged("there is more after the end of its stream");
    }
  }

  private long bodyLength(byte[] metadata) {
    long length;
    try {
      length =
          Message.getRootAsMessage(ByteBuffer.wrap(metadata).order(ByteOrder.LITTLE_ENDIAN))
              .bodyLength();
    } catch (IndexOutOfBoundsException e) {
      throw damaged("the metadata of message %d is malformed".formatted(message));
    }
    if (length < 0 || length > left) {
      throw damaged(
          "message %d claims %d bytes of data, and %d are left".formatted(message, length, left));
    }
    return length;
  }

  private int number(byte[] bytes) {
    if (bytes.length < 4) {
      throw damaged("it ends within a length");
    }
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  private static ByteBuffer joined(byte[] prefix, byte[] second, byte[] metadata) {
    return ByteBuffer.allocate(prefix.length + second.length + metadata.length)
        .put(prefix)
        .put(second)
        .put(metadata)
        .flip();
  }

  private DataException damaged(String why) {
    return new DataException(path + ": expected an Arrow IPC stream or file: " + why);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
