package dev.slipway.engine.state;

import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.SealedJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the log said at the revisions of one range of a {@link PageLayout}: when, on which parent,
 * in which batches, and which ids were decided, as hashes that lead to the {@link Block}. Its
 * content never changes, and is a pure function of the log. Safe for use by many threads.
 */
final class Page {
  static final int FORMAT = 1;

  private final String incarnation;
  private final long first;
  private final long last;
  private final long from;
  private final long[] times;
  private final long[] parents;
  private final long[] starts;
  private final long[] hashes;
  private final byte[] owners;
  private final List<Block> blocks;
  private volatile @Nullable String checksum;
  private volatile boolean stored;

  /**
   * The JSON form; the lists are {@link Packed}.
   *
   * @param starts first revisions of the batches, beginning with the one that holds {@code first}
   * @param hashes ascending: of every operation id and request id
   * @param owners beside them, a byte each: the block that holds the decision
   * @param blocks seals of the blocks
   */
  record Stored(
      int format,
      String incarnation,
      long first,
      long last,
      String times,
      String parents,
      String starts,
      String hashes,
      String owners,
      List<String> blocks) {}

  /** What names it in a checkpoint. */
  record Ref(long first, long last, String checksum) {}

  private Page(
      String incarnation,
      long first,
      long last,
      long from,
      long[] times,
      long[] parents,
      long[] starts,
      long[] hashes,
      byte[] owners,
      List<Block> blocks) {
    this.incarnation = incarnation;
    this.first = first;
    this.last = last;
    this.from = from;
    this.times = times;
    this.parents = parents;
    this.starts = starts;
    this.hashes = hashes;
    this.owners = owners;
    this.blocks = List.copyOf(blocks);
  }

  /**
   * One block of revisions.
   *
   * @param from the first revision that the lists are of; greater than {@code first} if nobody
   *     knows any more what was before it, and then the page can't be stored
   */
  static Page of(
      String incarnation,
      long first,
      long from,
      long[] times,
      long[] parents,
      long[] starts,
      List<Decision> decisions) {
    long[] hashes =
        decisions.stream()
            .flatMap(d -> d.request() == null ? Stream.of(d.op()) : Stream.of(d.op(), d.request()))
            .mapToLong(Page::hash)
            .sorted()
            .toArray();
    long last = from + times.length - 1;
    return new Page(
        incarnation,
        first,
        last,
        from,
        times,
        parents,
        starts,
        hashes,
        new byte[hashes.length],
        List.of(Block.of(incarnation, first, last, from == first, decisions)));
  }

  /** One page out of whole pages that follow each other. */
  static Page merged(List<Page> pages) {
    return merged(pages, pages.get(0).first);
  }

  /**
   * One page out of pages that follow each other.
   *
   * @param from the first revision that they know
   */
  static Page merged(List<Page> pages, long from) {
    Page head = pages.get(0);
    Page tail = pages.get(pages.size() - 1);
    List<Block> blocks = new ArrayList<>();
    long[] firstOwner = new long[pages.size()];
    int ids = 0;
    for (int i = 0; i < pages.size(); i++) {
      firstOwner[i] = blocks.size();
      blocks.addAll(pages.get(i).blocks);
      ids += pages.get(i).hashes.length;
    }
    long[] hashes = new long[ids];
    byte[] owners = new byte[ids];
    int[] next = new int[pages.size()];
    for (int i = 0; i < ids; i++) {
      int least = -1;
      for (int j = 0; j < next.length; j++) {
        if (next[j] < pages.get(j).hashes.length
            && (least < 0 || pages.get(j).hashes[next[j]] < pages.get(least).hashes[next[least]])) {
          least = j;
        }
      }
      Page page = pages.get(least);
      hashes[i] = page.hashes[next[least]];
      owners[i] = (byte) (firstOwner[least] + (page.owners[next[least]] & 0xff));
      next[least]++;
    }
    return new Page(
        head.incarnation,
        head.first,
        tail.last,
        from,
        joined(pages.stream().map(page -> page.times)),
        joined(pages.stream().map(page -> page.parents)),
        joined(
            pages.stream()
                .map(
                    page ->
                        page.starts.length == 0
                                || page.starts[0] == page.first
                                || page.first <= from
                            ? page.starts
                            : Arrays.copyOfRange(page.starts, 1, page.starts.length))),
        hashes,
        owners,
        blocks);
  }

  private static long[] joined(Stream<long[]> lists) {
    return lists.flatMapToLong(Arrays::stream).toArray();
  }

  /**
   * As it was stored.
   *
   * @param checksum the seal of that
   * @throws CorruptRecordException if its lists don't fit together
   */
  static Page of(Stored stored, String checksum, Block.Reader reader) {
    long[] times = Packed.longs(stored.times()).toArray();
    long block = (stored.last() - stored.first() + 1) / Math.max(1, stored.blocks().size());
    List<Block> blocks = new ArrayList<>();
    long at = stored.first();
    for (String seal : stored.blocks()) {
      blocks.add(Block.named(stored.incarnation(), at, at + block - 1, seal, reader));
      at += block;
    }
    Page page =
        new Page(
            stored.incarnation(),
            stored.first(),
            stored.last(),
            stored.first(),
            times,
            Packed.longs(stored.parents()).toArray(),
            Packed.longs(stored.starts()).toArray(),
            Packed.fixed(stored.hashes()),
            Packed.bytes(stored.owners()),
            blocks);
    boolean fits =
        times.length == page.size()
            && page.parents.length == times.length
            && page.starts.length > 0
            && page.owners.length == page.hashes.length
            && block * blocks.size() == page.size();
    if (!fits) {
      throw new CorruptRecordException(
          "page " + stored.first() + "-" + stored.last(), "its lists don't fit together", null);
    }
    page.stored(checksum);
    return page;
  }

  /** FNV-1a of its UTF-8 bytes, 64 bits. */
  static long hash(String id) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : id.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  /** The page without what was decided: for one that is stored, and below the idempotency floor. */
  Page forgotten() {
    Page page =
        new Page(
            incarnation,
            first,
            last,
            from,
            times,
            parents,
            starts,
            new long[0],
            new byte[0],
            List.of());
    page.stored(checksum());
    return page;
  }

  long first() {
    return first;
  }

  long last() {
    return last;
  }

  long size() {
    return last - first + 1;
  }

  /** Whether all of its revisions are known. */
  boolean isWhole() {
    return from == first;
  }

  boolean isStored() {
    return stored;
  }

  /** Whether it is without what was decided. */
  boolean isForgotten() {
    return blocks.isEmpty();
  }

  List<Block> blocks() {
    return blocks;
  }

  Ref ref() {
    return new Ref(first, last, checksum());
  }

  private String checksum() {
    String known = checksum;
    if (known == null) {
      known = SealedJson.sealOf(encode());
      checksum = known;
    }
    return known;
  }

  /** Its stored form. */
  byte[] encode() {
    return SealedJson.seal(
        new Stored(
            FORMAT,
            incarnation,
            first,
            last,
            Packed.longs(times),
            Packed.longs(parents),
            Packed.longs(starts),
            Packed.fixed(hashes),
            Packed.text(owners),
            blocks.stream().map(Block::checksum).collect(Collectors.toList())));
  }

  /** It has been written. */
  void stored() {
    stored(checksum());
  }

  /** It was written under that seal, which is all that can be said of one that isn't whole. */
  void stored(String seal) {
    checksum = seal;
    stored = true;
  }

  long time(long revision) {
    return times[(int) (revision - from)];
  }

  /** A commit's parent; -1 if the entry is no commit or nobody knows any more. */
  long parent(long revision) {
    return revision < from ? -1 : parents[(int) (revision - from)];
  }

  /** The first revision of the batch that holds {@code revision}. */
  long start(long revision) {
    int found = Arrays.binarySearch(starts, revision);
    return starts[Math.max(0, found < 0 ? -found - 2 : found)];
  }

  /** The newest of its revisions not later than {@code micros}; less than its first if none is. */
  long revisionAt(long micros) {
    int found = Arrays.binarySearch(times, micros);
    return from + (found < 0 ? -found - 2 : found);
  }

  /** The newest decision that has such an id, of revisions not below {@code floor}. */
  Optional<Decision> find(long hash, long floor, Predicate<Decision> is) {
    int at = Arrays.binarySearch(hashes, hash);
    if (at < 0) {
      return Optional.empty();
    }
    while (at > 0 && hashes[at - 1] == hash) {
      at--;
    }
    Optional<Decision> found = Optional.empty();
    for (; at < hashes.length && hashes[at] == hash; at++) {
      Block block = blocks.get(owners[at] & 0xff);
      if (block.last() >= floor) {
        long least = Math.max(Math.max(block.first(), from), floor);
        for (Decision decision : block.decisions(start(least), least)) {
          if (decision.revision() >= floor && is.test(decision)) {
            found = Optional.of(decision);
          }
        }
      }
    }
    return found;
  }
}
