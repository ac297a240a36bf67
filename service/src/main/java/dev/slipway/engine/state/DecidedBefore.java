package dev.slipway.engine.state;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The decisions of a checkpoint, read in full only when one of them is asked for: almost every id
 * that is looked up is new, and sorted hashes say so at once. Safe for use by many threads.
 */
final class DecidedBefore {
  static final DecidedBefore NONE =
      new DecidedBefore(new long[0], new long[0], new long[0], List::of);

  private final long[] revisions;
  private final long[] times;
  private final long[] hashes;
  private final Supplier<List<Decision>> source;
  private volatile @Nullable Unpacked unpacked;

  private record Unpacked(
      List<Decision> all, Map<String, Decision> byOperation, Map<String, Decision> byRequest) {}

  private DecidedBefore(
      long[] revisions, long[] times, long[] hashes, Supplier<List<Decision>> source) {
    this.revisions = revisions;
    this.times = times;
    this.hashes = hashes;
    this.source = source;
  }

  /**
   * Their index, in JSON: what a checkpoint itself has of them.
   *
   * @param revisions packed, ascending
   * @param times packed, beside them
   * @param hashes packed, ascending: of every operation id and request id
   */
  record Stored(String revisions, String times, String hashes) {
    static Stored of(List<Decision> decisions) {
      long[] hashes =
          decisions.stream()
              .flatMap(
                  d ->
                      java.util.stream.Stream.of(d.op(), d.request())
                          .filter(java.util.Objects::nonNull))
              .mapToLong(DecidedBefore::hash)
              .sorted()
              .toArray();
      return new Stored(
          Packed.longs(decisions.stream().mapToLong(Decision::revision).toArray()),
          Packed.longs(decisions.stream().mapToLong(Decision::time).toArray()),
          Packed.fixed(hashes));
    }

    /**
     * The decisions.
     *
     * @param source reads them in full, when one is asked for
     */
    DecidedBefore load(Supplier<List<Decision>> source) {
      return hashes.isEmpty()
          ? NONE
          : new DecidedBefore(
              Packed.longs(revisions).toArray(),
              Packed.longs(times).toArray(),
              Packed.fixed(hashes),
              source);
    }
  }

  /** FNV-1a of its UTF-8 bytes, 64 bits. */
  private static long hash(String id) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : id.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  Optional<Decision> operation(String op) {
    return isNew(op) ? Optional.empty() : Optional.ofNullable(unpack().byOperation().get(op));
  }

  Optional<Decision> request(String request) {
    return isNew(request)
        ? Optional.empty()
        : Optional.ofNullable(unpack().byRequest().get(request));
  }

  private boolean isNew(String id) {
    return Arrays.binarySearch(hashes, hash(id)) < 0;
  }

  /** Those of a revision not below {@code floor}, in order. */
  List<Decision> from(long floor) {
    return revisions.length == 0
        ? List.of()
        : unpack().all().stream().filter(decision -> decision.revision() >= floor).toList();
  }

  /** Whether all of them are of a revision below {@code floor}. */
  boolean isBelow(long floor) {
    return revisions.length == 0 || revisions[revisions.length - 1] < floor;
  }

  /** The floor after those older than both bounds are forgotten. */
  long forget(long floor, long oldRevision, long oldTime) {
    int next = Arrays.binarySearch(revisions, floor);
    next = next < 0 ? -next - 1 : next;
    long newFloor = floor;
    while (next < revisions.length && revisions[next] < oldRevision && times[next] < oldTime) {
      newFloor = revisions[next] + 1;
      next++;
    }
    return newFloor;
  }

  /** Read without a lock, for it may take long; two readers at once read the same. */
  private Unpacked unpack() {
    Unpacked known = unpacked;
    if (known == null) {
      List<Decision> all = source.get();
      Map<String, Decision> byOperation = new HashMap<>(all.size() * 2);
      Map<String, Decision> byRequest = new HashMap<>(all.size() * 2);
      for (Decision decision : all) {
        byOperation.put(decision.op(), decision);
        String request = decision.request();
        if (request != null) {
          byRequest.put(request, decision);
        }
      }
      known = new Unpacked(all, byOperation, byRequest);
      unpacked = known;
    }
    return known;
  }
}
