package dev.slipway.cli.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.arrow.flatbuf.Block;
import org.apache.arrow.flatbuf.Footer;

/** What an Arrow IPC file says at its end: where its parts are. */
final class IpcFooter {
  private static final byte[] MAGIC = "ARROW1".getBytes(StandardCharsets.US_ASCII);
  private static final int START = 8;
  private static final int TAIL = 4 + MAGIC.length;

  private IpcFooter() {}

  /** Whether the file begins as an Arrow IPC file does. */
  static boolean isArrowFile(Path path) throws IOException {
    try (SeekableByteChannel file = Files.newByteChannel(path)) {
      int length = (int) Math.min(MAGIC.length, file.size());
      return Arrays.equals(read(file, 0, length), MAGIC);
    }
  }

  /**
   * Every part lies within the file, so that reading makes room for no more than the file has.
   *
   * @throws DataException if not
   */
  static void check(Path path) throws IOException {
    try (SeekableByteChannel file = Files.newByteChannel(path)) {
      long end = file.size() - TAIL;
      if (end < START) {
        throw damaged(path, "it is cut off");
      }
      byte[] tail = read(file, end, TAIL);
      if (!Arrays.equals(Arrays.copyOfRange(tail, 4, TAIL), MAGIC)) {
        throw damaged(path, "it doesn't end as one, so it is cut off or damaged");
      }
      int length = ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN).getInt();
      if (length <= 0 || length > end - START) {
        throw damaged(path, "its footer's length is %d".formatted(length));
      }
      checkBlocks(path, read(file, end - length, length), end - length);
    }
  }

  private static void checkBlocks(Path path, byte[] bytes, long end) {
    try {
      Footer footer = Footer.getRootAsFooter(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
      for (int i = 0; i < footer.dictionariesLength(); i++) {
        checkBlock(path, footer.dictionaries(i), end);
      }
      for (int i = 0; i < footer.recordBatchesLength(); i++) {
        checkBlock(path, footer.recordBatches(i), end);
      }
    } catch (IndexOutOfBoundsException e) {
      throw damaged(path, "its footer is malformed");
    }
  }

  private static void checkBlock(Path path, Block block, long end) {
    long from = block.offset();
    boolean within =
        from >= START
            && from <= end
            && block.metaDataLength() > 0
            && block.metaDataLength() <= end - from
            && block.bodyLength() >= 0
            && block.bodyLength() <= end - from - block.metaDataLength();
    if (!within) {
      throw damaged(path, "its footer names a part at byte %d that isn't in it".formatted(from));
    }
  }

  private static byte[] read(SeekableByteChannel file, long from, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    file.position(from);
    while (bytes.hasRemaining()) {
      if (file.read(bytes) < 0) {
        throw new IOException("a file became shorter while it was read");
      }
    }
    return bytes.array();
  }

  private static DataException damaged(Path path, String why) {
    return new DataException(path + ": expected an Arrow IPC file: " + why);
  }
}
