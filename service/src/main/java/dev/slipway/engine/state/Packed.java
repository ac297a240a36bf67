package dev.slipway.engine.state;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The long lists of a checkpoint as text: variable-length differences in base 64. A checkpoint of
 * 20,000 revisions must open about as fast as one of 200, and JSON numbers don't.
 */
final class Packed {
  private Packed() {}

  /** A list of longs; best if each is near the one before it. */
  static String longs(long[] values) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(values.length * 3);
    long previous = 0;
    for (long value : values) {
      write(bytes, value - previous);
      previous = value;
    }
    return Base64.getEncoder().withoutPadding().encodeToString(bytes.toByteArray());
  }

  static LongList longs(String packed) {
    ByteArrayInputStream bytes = new ByteArrayInputStream(Base64.getDecoder().decode(packed));
    long[] values = new long[bytes.available()];
    int count = 0;
    long previous = 0;
    while (bytes.available() > 0) {
      previous += read(bytes);
      values[count++] = previous;
    }
    return LongList.of(Arrays.copyOf(values, count));
  }

  /** A list of longs that are far apart. */
  static String fixed(long[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES);
    bytes.asLongBuffer().put(values);
    return Base64.getEncoder().withoutPadding().encodeToString(bytes.array());
  }

  static long[] fixed(String packed) {
    ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(packed));
    long[] values = new long[bytes.remaining() / Long.BYTES];
    bytes.asLongBuffer().get(values);
    return values;
  }

  static String text(byte[] bytes) {
    return Base64.getEncoder().withoutPadding().encodeToString(bytes);
  }

  static byte[] bytes(String packed) {
    return Base64.getDecoder().decode(packed);
  }

  static byte[] bytes(Collection<Decision> decisions) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(decisions.size() * 120);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      for (Decision decision : decisions) {
        out.writeLong(decision.revision());
        out.writeLong(decision.time());
        out.writeBoolean(decision.committed());
        out.writeUTF(decision.op());
        writeOptional(out, decision.request());
        writeOptional(out, decision.digest());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static List<Decision> decisions(byte[] packed) {
    List<Decision> decisions = new ArrayList<>();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(packed))) {
      while (in.available() > 0) {
        decisions.add(
            new Decision(
                in.readLong(),
                in.readLong(),
                in.readBoolean(),
                in.readUTF(),
                readOptional(in),
                readOptional(in)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return decisions;
  }

  private static void writeOptional(DataOutputStream out, @Nullable String text)
      throws IOException {
    out.writeBoolean(text != null);
    if (text != null) {
      out.writeUTF(text);
    }
  }

  private static @Nullable String readOptional(DataInputStream in) throws IOException {
    return in.readBoolean() ? in.readUTF() : null;
  }

  private static void write(ByteArrayOutputStream out, long value) {
    long rest = (value << 1) ^ (value >> 63);
    while ((rest & ~0x7FL) != 0) {
      out.write((int) (rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  private static long read(ByteArrayInputStream in) {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int next = in.read();
      value |= (long) (next & 0x7F) << shift;
      if ((next & 0x80) == 0) {
        break;
      }
    }
    return (value >>> 1) ^ -(value & 1);
  }
}
