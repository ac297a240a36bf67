package dev.slipway.engine.state;

import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.Layout;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.SealedJson;
import dev.slipway.storage.MetadataStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects that checkpoints share: {@code <home>/pages/<first>-<last>} and {@code
 * <home>/decided/<first>-<last>}. Whoever writes one writes the same bytes. What is damaged is read
 * again from the log, as long as that still says it, and mended. Safe for use by many threads.
 */
final class PageStore implements Block.Reader {
  private static final Logger LOG = LoggerFactory.getLogger(PageStore.class);
  private static final int UNPACKED = 4;

  private final MendedObjects objects;
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
    this.objects = new MendedObjects(store);
    this.pages = Layout.Folder.PAGES.in(home);
    this.decided = Layout.Folder.DECIDED.in(home);
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
            objects.put(blockKey(block.first(), block.last()), pending.get());
          } else {
            freedBelow.accumulateAndGet(floor, Math::max);
          }
          block.stored(this);
        }
      }
      if (!page.isStored()) {
        objects.put(pageKey(page.first(), page.last()), page.encode());
        page.stored();
      }
    }
    share(all);
  }

  boolean isGone(String key) {
    return objects.isGone(key);
  }

  /** Blocks below this revision may have been freed unwritten: older states name them still. */
  long freedBelow() {
    return freedBelow.get();
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
      return rebuilt(incarnation, ref, layout, ref.first(), before)
          .or(() -> rebuilt(incarnation, ref, layout, Math.max(from, ref.first()), before))
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

  /** As it lies in the store, past everything that could stand in for it. */
  Page.Stored stored(String incarnation, Page.Ref ref) {
    String key = pageKey(ref.first(), ref.last());
    byte[] bytes = objects.bytes(key, ref.checksum());
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

  private Optional<Page> rebuilt(
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
      return rebuilt(block, start, from).orElseThrow(() -> damaged);
    }
    synchronized (unpacked) {
      unpacked.put(name, decisions);
    }
    return decisions;
  }

  /** As {@link #stored(String, Page.Ref)}. */
  Block.Stored stored(Block block) {
    String key = blockKey(block.first(), block.last());
    byte[] bytes = objects.bytes(key, block.checksum());
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

  private Optional<List<Decision>> rebuilt(Block block, long start, long from) {
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
    if (objects.isIntact(blockKey(block.first(), block.last()), block.checksum())) {
      return;
    }
    try {
      block.lost(Packed.decisions(Packed.bytes(stored(block).decisions())));
    } catch (CorruptRecordException damaged) {
      var unused = rebuilt(block, page.start(block.first()), block.first());
    }
  }

  private void mend(Page page) {
    String key = pageKey(page.first(), page.last());
    if (!objects.isIntact(key, page.ref().checksum())) {
      objects.put(key, page.encode());
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
    objects.deleteIf(
        pages,
        (key, first, last) ->
            last <= revision
                && !kept.contains(key)
                && !layout.isCurrent(first, last, from, revision));
    objects.deleteIf(decided, (key, first, last) -> last < floor);
  }
}
