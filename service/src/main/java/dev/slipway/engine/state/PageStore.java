package dev.slipway.engine.state;

import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.SealedJson;
import dev.slipway.storage.MetadataStore;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects that checkpoints share: {@code <home>/pages/<first>-<last>} and {@code
 * <home>/decided/<first>-<last>}. Whoever writes one writes the same bytes. What is damaged is read
 * again from the log, as long as that still says it, and mended: a copy beside it comes first and
 * stays, for no two processes can agree who deletes the damaged one. Safe for use by many threads.
 */
final class PageStore implements Block.Reader {
  private static final Logger LOG = LoggerFactory.getLogger(PageStore.class);
  private static final int LISTED = 1_000;
  private static final Pattern RANGE = Pattern.compile("(\\d{19})-(\\d{19})(\\.mended)?");
  private static final String MENDED = ".mended";
  private static final int UNPACKED = 4;
  private static final int ATTEMPTS = 3;

  private final MetadataStore store;
  private final String pages;
  private final String decided;
  private final LogStore log;

  /** Pages of the state that was read or written last, by key and seal: others share them. */
  private volatile Map<String, Page> known = Map.of();

  private final AtomicLong freedBelow = new AtomicLong();

  /** The blocks read last, by key and seal. */
  private final Map<String, List<Decision>> unpacked =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, List<Decision>> eldest) {
          return size() > UNPACKED;
        }
      };

  PageStore(MetadataStore store, String home, LogStore log) {
    this.store = store;
    this.pages = home + "/pages/";
    this.decided = home + "/decided/";
    this.log = log;
  }

  private static String range(long first, long last) {
    return LogStore.digits(first) + "-" + LogStore.digits(last);
  }

  String pageKey(long first, long last) {
    return pages + range(first, last);
  }

  String blockKey(long first, long last) {
    return decided + range(first, last);
  }

  /**
   * Writes what isn't stored yet.
   *
   * @param floor blocks below it are forgotten, and no checkpoint needs them
   */
  void write(List<Page> all, long floor) {
    for (Page page : all) {
      for (Block block : page.blocks()) {
        Optional<byte[]> pending = block.pending();
        if (pending.isPresent()) {
          if (block.last() >= floor) {
            put(blockKey(block.first(), block.last()), pending.get());
          } else {
            freedBelow.accumulateAndGet(floor, Math::max);
          }
          block.stored(this);
        }
      }
      if (!page.isStored()) {
        put(pageKey(page.first(), page.last()), page.encode());
        page.stored();
      }
    }
    share(all);
  }

  /** Blocks below this revision may have been freed unwritten: older states name them still. */
  long freedBelow() {
    return freedBelow.get();
  }

  private void put(String key, byte[] bytes) {
    for (int i = 0; i < ATTEMPTS; i++) {
      if (store.putIfAbsent(key, bytes)) {
        return;
      }
      Optional<byte[]> there = store.get(key);
      if (there.isPresent()) {
        if (Arrays.equals(there.get(), bytes)) {
          return;
        }
        if (SealedJson.isWhole(there.get())) {
          throw new CorruptRecordException(
              key,
              "it holds something else than the log adds up to; delete it, it is derived",
              null);
        }
        LOG.error("{} is damaged and written anew", key);
        // From here on what it should hold is safe, whoever deletes the damaged one when.
        putMended(key + MENDED, bytes);
        // Another may have mended it since.
        if (store.get(key).filter(now -> Arrays.equals(now, there.get())).isPresent()) {
          store.delete(key);
        }
      }
    }
    throw new CorruptRecordException(key, "it is occupied and absent at once", null);
  }

  private void putMended(String key, byte[] bytes) {
    if (!store.putIfAbsent(key, bytes)
        && store.get(key).filter(there -> !Arrays.equals(there, bytes)).isPresent()) {
      store.delete(key);
      var unused = store.putIfAbsent(key, bytes);
    }
  }

  /**
   * The page that a checkpoint names.
   *
   * @param from the oldest revision that must be known of it
   * @param before the page before it, if there is one
   * @throws CorruptRecordException if it isn't what was written, and the log doesn't say it any
   *     more
   */
  Page read(String incarnation, Page.Ref ref, PageLayout layout, long from, Optional<Page> before) {
    String key = pageKey(ref.first(), ref.last());
    Page shared = known.get(key + ref.checksum());
    if (shared != null) {
      return shared;
    }
    try {
      return Page.of(stored(incarnation, ref), ref.checksum(), this);
    } catch (CorruptRecordException damaged) {
      LOG.error("read again from the log: {}", damaged.getMessage());
      return again(incarnation, ref, layout, ref.first(), before)
          .or(() -> again(incarnation, ref, layout, Math.max(from, ref.first()), before))
          .orElseThrow(() -> damaged);
    }
  }

  /** Remembers a state's pages, for the next that is read. */
  void share(List<Page> all) {
    known =
        all.stream()
            .filter(page -> page.isWhole() && page.isStored() && !page.isForgotten())
            .collect(
                Collectors.toMap(
                    page -> pageKey(page.first(), page.last()) + page.ref().checksum(),
                    page -> page));
  }

  private Page.Stored stored(String incarnation, Page.Ref ref) {
    String key = pageKey(ref.first(), ref.last());
    byte[] bytes = bytes(key, ref.checksum());
    Page.Stored stored = SealedJson.open(key, bytes, Page.Stored.class, Page.FORMAT);
    if (!stored.incarnation().equals(incarnation)
        || stored.first() != ref.first()
        || stored.last() != ref.last()) {
      throw new CorruptRecordException(
          key,
          "it says it is of revisions %d to %d of %s"
              .formatted(stored.first(), stored.last(), stored.incarnation()),
          null);
    }
    return stored;
  }

  /** What lies under a key, or the copy beside it if that isn't what was written. */
  private byte[] bytes(String key, String checksum) {
    try {
      return sealed(key, checksum);
    } catch (CorruptRecordException damaged) {
      try {
        return sealed(key + MENDED, checksum);
      } catch (CorruptRecordException none) {
        throw damaged;
      }
    }
  }

  private byte[] sealed(String key, String checksum) {
    byte[] bytes =
        store.get(key).orElseThrow(() -> new CorruptRecordException(key, "it is gone", null));
    String seal = SealedJson.isWhole(bytes) ? SealedJson.sealOf(bytes) : "";
    if (!seal.equals(checksum)) {
      throw new CorruptRecordException(
          key,
          seal.isEmpty()
              ? "its checksum isn't that of its content"
              : "its checksum is " + seal + ", expected " + checksum,
          null);
    }
    return bytes;
  }

  private Optional<Page> again(
      String incarnation, Page.Ref ref, PageLayout layout, long from, Optional<Page> before) {
    // A batch that began in the page before goes on in this one; its record says how far.
    long start = from;
    long timeBefore = from == 1 ? 0 : -1;
    if (from == ref.first() && before.isPresent()) {
      long held = before.get().start(from - 1);
      if (reaches(held, from)) {
        start = held;
        timeBefore =
            before.get().isWhole() && held > before.get().first()
                ? before.get().time(held - 1)
                : -1;
      } else {
        timeBefore = before.get().time(from - 1);
      }
    }
    Optional<LogSpan> span = LogSpan.read(log, start, timeBefore, from, ref.last());
    if (span.isEmpty() || !span.get().timed()) {
      return Optional.empty();
    }
    Page page = span.get().page(incarnation, ref.first(), layout);
    if (!page.isWhole()) {
      page.stored(ref.checksum());
      return Optional.of(page);
    }
    return page.ref().equals(ref) ? Optional.of(page) : Optional.empty();
  }

  private boolean reaches(long first, long revision) {
    try {
      return log.read(first) instanceof LogStore.Found.Batch batch
          && batch.batch().last() >= revision;
    } catch (CorruptRecordException e) {
      return false;
    }
  }

  @Override
  public List<Decision> read(Block block, long start, long from) {
    String key = blockKey(block.first(), block.last());
    String name = key + block.checksum();
    synchronized (unpacked) {
      List<Decision> found = unpacked.get(name);
      if (found != null) {
        return found;
      }
    }
    List<Decision> decisions;
    try {
      decisions = Packed.decisions(Packed.bytes(stored(block).decisions()));
    } catch (CorruptRecordException damaged) {
      return again(block, start, from).orElseThrow(() -> damaged);
    }
    synchronized (unpacked) {
      unpacked.put(name, decisions);
    }
    return decisions;
  }

  private Block.Stored stored(Block block) {
    String key = blockKey(block.first(), block.last());
    byte[] bytes = bytes(key, block.checksum());
    Block.Stored stored = SealedJson.open(key, bytes, Block.Stored.class, Block.FORMAT);
    if (!stored.incarnation().equals(block.incarnation())
        || stored.first() != block.first()
        || stored.last() != block.last()) {
      throw new CorruptRecordException(
          key,
          "it says it is of revisions %d to %d of %s"
              .formatted(stored.first(), stored.last(), stored.incarnation()),
          null);
    }
    return stored;
  }

  private Optional<List<Decision>> again(Block block, long start, long from) {
    Optional<LogSpan> span = LogSpan.read(log, start, -1, from, block.last());
    if (span.isEmpty()) {
      return Optional.empty();
    }
    List<Decision> decisions = span.get().decisions();
    String key = blockKey(block.first(), block.last());
    if (from == block.first()) {
      String seal = Block.of(block.incarnation(), from, block.last(), true, decisions).checksum();
      if (!seal.equals(block.checksum())) {
        return Optional.empty();
      }
      block.lost(decisions);
    }
    LOG.error("{} is damaged: what it held was read again from the log", key);
    return Optional.of(decisions);
  }

  /** Writes anew what is damaged, if memory or the log still says what it held. */
  void mend(List<Page> all, long floor) {
    for (Page page : all) {
      if (page.isWhole()) {
        for (Block block : page.blocks()) {
          if (block.last() >= floor && block.pending().isEmpty()) {
            mend(page, block);
          }
        }
      }
    }
    write(all, floor);
    for (Page page : all) {
      // A forgotten one was read from the store, and its hashes are nowhere else.
      if (page.isWhole() && !page.isForgotten()) {
        mend(page);
      }
    }
  }

  private void mend(Page page, Block block) {
    if (isIntact(blockKey(block.first(), block.last()), block.checksum())) {
      return;
    }
    try {
      block.lost(Packed.decisions(Packed.bytes(stored(block).decisions())));
    } catch (CorruptRecordException damaged) {
      var unused = again(block, page.start(block.first()), block.first());
    }
  }

  private void mend(Page page) {
    String key = pageKey(page.first(), page.last());
    if (!isIntact(key, page.ref().checksum())) {
      put(key, page.encode());
    }
  }

  /** Whether an object itself is what was written. */
  private boolean isIntact(String key, String checksum) {
    try {
      return sealed(key, checksum).length > 0;
    } catch (CorruptRecordException damaged) {
      return false;
    }
  }

  /**
   * Reads back what a checkpoint names, past everything that could stand in for it.
   *
   * @param floor blocks below it are forgotten
   * @param proven keys and seals found whole before, with the floor they were read for; those found
   *     whole now are added
   */
  void prove(
      String incarnation,
      List<Page.Ref> refs,
      long floor,
      Map<String, Long> proven,
      Consumer<CheckpointStore.Flaw> flaws) {
    for (Page.Ref ref : refs) {
      String key = pageKey(ref.first(), ref.last());
      if (proven.getOrDefault(key + ref.checksum(), Long.MAX_VALUE) <= floor) {
        continue;
      }
      try {
        Page page = Page.of(stored(incarnation, ref), ref.checksum(), this);
        boolean whole = true;
        for (Block block : page.blocks()) {
          if (block.last() >= floor) {
            whole &= prove(block, proven, flaws);
          }
        }
        if (whole) {
          proven.merge(key + ref.checksum(), floor, Math::min);
        }
      } catch (CorruptRecordException e) {
        flaws.accept(
            new CheckpointStore.Flaw(
                key, store.get(key).isEmpty(), String.valueOf(e.getMessage())));
      }
    }
  }

  private boolean prove(
      Block block, Map<String, Long> proven, Consumer<CheckpointStore.Flaw> flaws) {
    String key = blockKey(block.first(), block.last());
    if (proven.containsKey(key + block.checksum())) {
      return true;
    }
    try {
      long held =
          Packed.decisions(Packed.bytes(stored(block).decisions())).stream()
              .filter(d -> d.revision() < block.first() || d.revision() > block.last())
              .count();
      if (held > 0) {
        throw new CorruptRecordException(key, "it holds decisions of other revisions", null);
      }
      proven.put(key + block.checksum(), 0L);
      return true;
    } catch (CorruptRecordException e) {
      flaws.accept(
          new CheckpointStore.Flaw(key, store.get(key).isEmpty(), String.valueOf(e.getMessage())));
      return false;
    }
  }

  /**
   * Deletes what no checkpoint from {@code revision} on names, now or later.
   *
   * @param named what the oldest one that is kept names
   * @param from the oldest revision that it knows
   * @param floor its idempotency floor
   */
  void deleteUnnamed(
      PageLayout layout, List<Page.Ref> named, long from, long revision, long floor) {
    Set<String> kept =
        named.stream().map(ref -> pageKey(ref.first(), ref.last())).collect(Collectors.toSet());
    deleteIf(
        pages,
        (key, first, last) ->
            last <= revision
                && !kept.contains(key)
                && !layout.isCurrent(first, last, from, revision));
    deleteIf(decided, (key, first, last) -> last < floor);
  }

  private interface Unnamed {
    boolean test(String key, long first, long last);
  }

  private void deleteIf(String prefix, Unnamed unnamed) {
    String after = "";
    List<String> page;
    do {
      page = store.list(prefix, after, LISTED);
      for (String key : page) {
        Matcher range = RANGE.matcher(key.substring(prefix.length()));
        if (range.matches()
            && unnamed.test(key, Long.parseLong(range.group(1)), Long.parseLong(range.group(2)))) {
          store.delete(key);
        }
        after = key;
      }
    } while (page.size() == LISTED);
  }
}
