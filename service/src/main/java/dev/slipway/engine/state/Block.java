package dev.slipway.engine.state;

import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.SealedJson;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the entries of one block of revisions decided. Its content never changes; where it is kept
 * does: packed in memory until a checkpoint has stored it, from then on in the store alone. Safe
 * for use by many threads.
 */
final class Block {
  static final int FORMAT = 1;

  private final String incarnation;
  private final long first;
  private final long last;
  private final boolean whole;
  private volatile @Nullable String checksum;
  private volatile Kept kept;

  /** In memory, or where to get it. */
  private record Kept(byte @Nullable [] packed, @Nullable Reader reader) {}

  /** Gives what was stored. */
  interface Reader {
    /**
     * The block's decisions of revisions not below {@code from}, at least, in order.
     *
     * @param start first revision of the batch that holds {@code from}
     * @throws CorruptRecordException if they are nowhere any more
     */
    List<Decision> read(Block block, long start, long from);
  }

  /** The JSON form. */
  record Stored(int format, String incarnation, long first, long last, String decisions) {}

  private Block(
      String incarnation,
      long first,
      long last,
      boolean whole,
      @Nullable String checksum,
      Kept kept) {
    this.incarnation = incarnation;
    this.first = first;
    this.last = last;
    this.whole = whole;
    this.checksum = checksum;
    this.kept = kept;
  }

  /**
   * Out of the fold.
   *
   * @param whole whether these are all decisions of its revisions, so that it may be stored
   */
  static Block of(
      String incarnation, long first, long last, boolean whole, List<Decision> decisions) {
    return new Block(
        incarnation, first, last, whole, null, new Kept(Packed.bytes(decisions), null));
  }

  /** As a page names it. */
  static Block named(String incarnation, long first, long last, String checksum, Reader reader) {
    return new Block(incarnation, first, last, true, checksum, new Kept(null, reader));
  }

  String incarnation() {
    return incarnation;
  }

  long first() {
    return first;
  }

  long last() {
    return last;
  }

  /** The seal of its stored form. */
  String checksum() {
    String known = checksum;
    if (known == null) {
      // It is in memory as long as nobody has asked: storing asks first.
      known = SealedJson.sealOf(pending().orElseThrow());
      checksum = known;
    }
    return known;
  }

  /** Its stored form, if that has yet to be written. */
  Optional<byte[]> pending() {
    byte[] packed = kept.packed();
    return packed == null || !whole
        ? Optional.empty()
        : Optional.of(
            SealedJson.seal(new Stored(FORMAT, incarnation, first, last, Packed.text(packed))));
  }

  /** It is where {@code reader} finds it: memory is free of it. */
  void stored(Reader reader) {
    var unused = checksum();
    kept = new Kept(null, reader);
  }

  /** It isn't there any more, and was read again from elsewhere: to be stored anew. */
  void lost(List<Decision> again) {
    kept = new Kept(Packed.bytes(again), kept.reader());
  }

  /** Its decisions of revisions not below {@code from}, at least, in order. */
  List<Decision> decisions(long start, long from) {
    Kept now = kept;
    byte[] packed = now.packed();
    if (packed != null) {
      return Packed.decisions(packed);
    }
    Reader reader = now.reader();
    if (reader == null) {
      throw new IllegalStateException("a block is in memory or somewhere else");
    }
    return reader.read(this, start, from);
  }
}
