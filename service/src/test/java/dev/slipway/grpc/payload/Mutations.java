package dev.slipway.grpc.payload;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/** Damages bytes: cut, changed, doubled, zeroed, put in, left out. */
public final class Mutations {
  private static final long[] NASTY = {
    -1, Long.MIN_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE, 1L << 31, 0
  };

  private Mutations() {}

  /** Another array, with one kind of damage. */
  public static byte[] of(byte[] good, Random random) {
    byte[] bytes = good.clone();
    int from = random.nextInt(bytes.length);
    int length = Math.min(bytes.length - from, 1 + random.nextInt(64));
    switch (random.nextInt(10)) {
      case 0 -> {
        return Arrays.copyOf(bytes, from);
      }
      case 1 ->
          System.arraycopy(bytes, from, bytes, random.nextInt(bytes.length - length + 1), length);
      case 2 -> Arrays.fill(bytes, from, from + length, (byte) 0);
      case 3 -> {
        byte[] more = new byte[length];
        random.nextBytes(more);
        return join(good, from, more, from);
      }
      case 4 -> {
        return join(good, from + length, new byte[0], from);
      }
      case 5 -> {
        return join(good, from, new byte[0], from + length);
      }
      case 6 -> {
        int at = random.nextInt(bytes.length - 8) & ~7;
        ByteBuffer.wrap(bytes)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(at, NASTY[random.nextInt(NASTY.length)]);
      }
      case 7 -> bytes[from] ^= (byte) (1 << random.nextInt(8));
      default -> {
        // Half of them in the schema and the first metadata, where everything is steered.
        int range = random.nextBoolean() ? Math.min(bytes.length, 6_000) : bytes.length;
        for (int i = random.nextInt(8); i >= 0; i--) {
          bytes[random.nextInt(range)] = (byte) random.nextInt();
        }
      }
    }
    return bytes;
  }

  /** The beginning up to a place, something between, and what follows another place. */
  private static byte[] join(byte[] bytes, int end, byte[] between, int begin) {
    byte[] joined = Arrays.copyOf(bytes, end + between.length + bytes.length - begin);
    System.arraycopy(between, 0, joined, end, between.length);
    System.arraycopy(bytes, begin, joined, end + between.length, bytes.length - begin);
    return joined;
  }
}
