package dev.slipway.engine.log;

import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * An operator's verdict on a record that can't be read or that the fold refuses: its entries count
 * as empty. Stored as {@code <home>/void/<revision>}.
 *
 * @param revision the record's first
 * @param crc CRC-32C of the record's bytes, as 8 hex digits: the verdict is on nothing else
 * @param entries how many revisions it takes up
 * @param why what was wrong with it
 * @param time microseconds since 1970
 */
public record Verdict(
    int format,
    long revision,
    String crc,
    int entries,
    String why,
    String reason,
    String actor,
    long time) {
  static final int FORMAT = 1;

  public static Verdict of(
      long revision,
      byte[] record,
      int entries,
      String why,
      String reason,
      String actor,
      long time) {
    return new Verdict(FORMAT, revision, crc(record), entries, why, reason, actor, time);
  }

  boolean isOn(byte[] record) {
    return crc.equals(crc(record));
  }

  /** Whether the other is on the same bytes. */
  public boolean isLike(@Nullable Verdict other) {
    return other != null && crc.equals(other.crc);
  }

  private static String crc(byte[] bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    return String.format("%08x", sum.getValue());
  }
}
