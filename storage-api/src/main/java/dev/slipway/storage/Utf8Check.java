package dev.slipway.storage;

import java.nio.ByteBuffer;
import org.apache.arrow.memory.ArrowBuf;

/** UTF-8 validation straight on Arrow memory: eight ASCII bytes at a step. */
final class Utf8Check {
  private static final long NOT_ASCII = 0x8080808080808080L;
  private static final int WINDOW = 1 << 26;

  private Utf8Check() {}

  /** The range lies within the buffer. */
  static boolean isAscii(ArrowBuf data, long from, long to) {
    for (long start = from; start < to; start += WINDOW) {
      int length = (int) Math.min(WINDOW, to - start);
      if (asciiPrefix(data.nioBuffer(start, length), 0, length) < length) {
        return false;
      }
    }
    return true;
  }

  /** The range lies within the buffer. */
  static boolean isValid(ArrowBuf data, long from, long to) {
    long start = from;
    while (start < to) {
      long end = Math.min(start + WINDOW, to);
      // A window ends where a character does; four continuation bytes in a row are never valid.
      for (int back = 0; back < 4 && end < to && isContinuation(data.getByte(end)); back++) {
        end--;
      }
      int length = (int) (end - start);
      if (!isValid(data.nioBuffer(start, length), length)) {
        return false;
      }
      start = end;
    }
    return true;
  }

  private static int asciiPrefix(ByteBuffer bytes, int from, int length) {
    int i = from;
    while (i + Long.BYTES <= length && (bytes.getLong(i) & NOT_ASCII) == 0) {
      i += Long.BYTES;
    }
    while (i < length && bytes.get(i) >= 0) {
      i++;
    }
    return i;
  }

  private static boolean isValid(ByteBuffer bytes, int length) {
    int i = 0;
    while (i < length) {
      int first = bytes.get(i);
      if (first >= 0) {
        i = asciiPrefix(bytes, i, length);
        continue;
      }
      int size = size(first & 0xFF);
      if (size == 0 || i + size > length) {
        return false;
      }
      int point = first & (0xFF >> (size + 1));
      for (int k = 1; k < size; k++) {
        byte next = bytes.get(i + k);
        if (!isContinuation(next)) {
          return false;
        }
        point = (point << 6) | (next & 0x3F);
      }
      if (!isShortest(point, size)) {
        return false;
      }
      i += size;
    }
    return true;
  }

  private static int size(int first) {
    if (first >= 0xC2 && first <= 0xDF) {
      return 2;
    }
    if (first >= 0xE0 && first <= 0xEF) {
      return 3;
    }
    return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
  }

  private static boolean isShortest(int point, int size) {
    return switch (size) {
      case 2 -> point >= 0x80;
      case 3 -> point >= 0x800 && (point < 0xD800 || point > 0xDFFF);
      default -> point >= 0x10000 && point <= 0x10FFFF;
    };
  }

  private static boolean isContinuation(byte value) {
    return (value & 0xC0) == 0x80;
  }
}
