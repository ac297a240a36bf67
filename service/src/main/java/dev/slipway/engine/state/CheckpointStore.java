package dev.slipway.engine.state;

import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.Keys;
import dev.slipway.engine.log.Layout;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.SealedJson;
import dev.slipway.storage.MetadataStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Published states, so that opening needn't fold the log from its beginning: {@code
 * <home>/checkpoints/<revision>}, and the pages of the history that they share. Derived: losing one
 * loses nothing. Safe for use by many threads.
 */
public final class CheckpointStore {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
  private static final int PAGE = 1_000;

  private final MetadataStore store;
  private final String prefix;
  private final PageStore pages;
  private final PageLayout layout;
  private final FailureInjector failures;

  public CheckpointStore(MetadataStore store, String home, FailureInjector failures) {
    this(store, home, PageLayout.DEFAULT, failures);
  }

  /**
   * @param layout of a database that has no checkpoint yet
   */
  public CheckpointStore(
      MetadataStore store, String home, PageLayout layout, FailureInjector failures) {
    this.store = store;
    this.prefix = Layout.Folder.CHECKPOINTS.in(home);
    this.pages = new PageStore(store, home, new LogStore(store, home));
    this.layout = layout;
    this.failures = failures;
  }

  /** The newest state that there is without reading the log. */
  public DatabaseState newest(String incarnation) {
    return upTo(Long.MAX_VALUE, incarnation);
  }

  /** The newest state not above {@code revision} that there is without reading the log. */
  public DatabaseState upTo(long revision, String incarnation) {
    return newestUpTo(revision)
        .orElseGet(
            () ->
                DatabaseState.initial(
                    incarnation,
                    newestUpTo(Long.MAX_VALUE).map(DatabaseState::layout).orElse(layout)));
  }

  /** Revisions of the checkpoints there are, ascending. */
  public List<Long> revisions() {
    List<Long> found = new ArrayList<>();
    Keys.forEach(store, prefix, key -> found.add(revision(key)));
    return found;
  }

  /** The newest at or below {@code revision} that can be read; a damaged one is passed over. */
  public Optional<DatabaseState> newestUpTo(long revision) {
    List<Long> all = revisions();
    for (int i = all.size() - 1; i >= 0; i--) {
      if (all.get(i) <= revision) {
        try {
          Optional<DatabaseState> state = read(all.get(i));
          if (state.isPresent()) {
            return state;
          }
        } catch (CorruptRecordException e) {
          // Derived: an older one and the log after it say the same.
          LOG.error("a checkpoint is passed over: {}", e.getMessage());
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Reads one. A page that is damaged is read again from the log, if that still says what it held.
   *
   * @throws CorruptRecordException if it isn't what was written
   */
  public Optional<DatabaseState> read(long revision) {
    return stored(revision).map(stored -> stored.state(pages));
  }

  /** What is wrong with the newest from {@code first} up to {@code last} that can't be read. */
  Optional<CorruptRecordException> damaged(long first, long last) {
    Optional<CorruptRecordException> newest = Optional.empty();
    for (long revision : revisions()) {
      if (revision >= first && revision <= last) {
        try {
          var unused = read(revision);
        } catch (CorruptRecordException e) {
          newest = Optional.of(e);
        }
      }
    }
    return newest;
  }

  private Optional<StoredCheckpoint> stored(long revision) {
    String key = key(revision);
    return store
        .get(key)
        .map(bytes -> SealedJson.open(key, bytes, StoredCheckpoint.class, StoredCheckpoint.FORMAT));
  }

  /**
   * Writes a published state; one that is there already is the same. What it shares with earlier
   * ones is there, the rest of the pages are written first: a checkpoint that is there has them. A
   * crash in between leaves pages that the next checkpoint needs, too.
   *
   * @throws CorruptRecordException if a page that is due would have to be made of one that is lost:
   *     others, who know that, write other bytes
   */
  public void write(DatabaseState state) {
    requireMergeable(state);
    failures.at(FailPoint.CHECKPOINT_BEFORE_WRITE);
    pages.write(state.timeline().pages(), state.decisions().floor());
    if (state.decisions().floor() < pages.freedBelow()) {
      // A newer one, written meanwhile, needed less: nobody needs this one, and it isn't whole.
      return;
    }
    failures.at(FailPoint.CHECKPOINT_AFTER_PAGES);
    store.putIfAbsent(key(state.revision()), encode(state));
    failures.at(FailPoint.CHECKPOINT_AFTER_WRITE);
  }

  /**
   * Writes only the pages of a state that a checkpoint of it would have: what is stored needn't be
   * held in memory.
   *
   * @throws CorruptRecordException as {@link #write}
   */
  public void writePages(DatabaseState state) {
    requireMergeable(state);
    pages.write(state.timeline().pages(), state.decisions().floor());
  }

  private void requireMergeable(DatabaseState state) {
    Optional<Page> lost = state.timeline().unmergeable();
    if (lost.isPresent()) {
      throw new CorruptRecordException(
          pages.pageKey(lost.get().first(), lost.get().last()),
          "the log doesn't say any more what it held, and the next page would be made of it",
          null);
    }
  }

  /**
   * Something wrong with an object that a checkpoint names.
   *
   * @param gone whether it isn't there at all
   */
  public record Flaw(String key, boolean gone, String message) {}

  /**
   * Writes damaged pages of a checkpoint anew, as far as memory or the log still says what they
   * held.
   *
   * @throws CorruptRecordException if it can't be read at all
   */
  public void mend(long revision) {
    read(revision)
        .ifPresent(state -> pages.mend(state.timeline().pages(), state.decisions().floor()));
  }

  /**
   * What is wrong with the pages of a checkpoint: each is read back, and nothing stands in for it.
   * A checkpoint that isn't there has none, nor has one that is deleted meanwhile.
   *
   * @param proven what was found whole before and isn't read again; added to
   * @throws CorruptRecordException if the checkpoint itself isn't what was written
   */
  public List<Flaw> flaws(long revision, Map<String, Long> proven) {
    List<Flaw> flaws = new ArrayList<>();
    stored(revision)
        .ifPresent(
            stored ->
                new PageProof(pages, proven, flaws::add)
                    .prove(stored.incarnation(), stored.pages(), stored.decisionsFloor()));
    // Pages are deleted after the checkpoints that name them.
    return flaws.isEmpty() || store.get(key(revision)).isPresent() ? flaws : List.of();
  }

  /**
   * Deletes checkpoints older than this one, and the pages that neither it nor any later one can
   * name.
   *
   * @return how many checkpoints
   */
  public int deleteBelow(DatabaseState oldestKept) {
    int deleted = 0;
    List<String> page;
    do {
      page =
          store.list(prefix, "", PAGE).stream()
              .filter(key -> revision(key) < oldestKept.revision())
              .toList();
      page.forEach(store::delete);
      deleted += page.size();
    } while (page.size() == PAGE);
    Timeline timeline = oldestKept.timeline();
    pages.deleteUnnamed(
        timeline.layout(),
        timeline.pages().stream().map(Page::ref).toList(),
        timeline.from(),
        oldestKept.revision(),
        oldestKept.decisions().floor());
    return deleted;
  }

  private long revision(String key) {
    return Long.parseLong(key.substring(prefix.length()));
  }

  /** The checkpoint's bytes: equal states have equal bytes. */
  public static byte[] encode(DatabaseState state) {
    return SealedJson.seal(StoredCheckpoint.of(state));
  }

  /**
   * Whether two states are the same, as far as both know: one that knows a page in part can't make
   * greater ones of it.
   */
  public static boolean agree(DatabaseState one, DatabaseState other) {
    StoredCheckpoint left = StoredCheckpoint.of(one);
    StoredCheckpoint right = StoredCheckpoint.of(other);
    if (!one.timeline().isWhole() || !other.timeline().isWhole()) {
      return Arrays.equals(
          SealedJson.seal(left.withoutPages()), SealedJson.seal(right.withoutPages()));
    }
    return Arrays.equals(SealedJson.seal(left), SealedJson.seal(right));
  }

  /** A checkpoint's key. */
  public String key(long revision) {
    return prefix + LogStore.digits(revision);
  }
}
