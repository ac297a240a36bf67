package dev.slipway.engine.staging;

import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.Keys;
import dev.slipway.engine.log.Layout;
import dev.slipway.engine.log.SealedJson;
import dev.slipway.storage.MetadataStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The records of staged writes: {@code <home>/staged/<id>/<renewals>}. The record with the most
 * renewals counts. Safe for use by many threads.
 */
public final class StagedStore {
  private static final int FORMAT = 1;
  private static final int PAGE = 1_000;

  private final MetadataStore store;
  private final String prefix;
  private final FailureInjector failures;

  public StagedStore(MetadataStore store, String home, FailureInjector failures) {
    this.store = store;
    this.prefix = Layout.Folder.STAGED.in(home);
    this.failures = failures;
  }

  private record Stored(int format, StagedRecord staged) {}

  /**
   * Writes the record, unless its id and renewal are taken.
   *
   * @return whether this call wrote it
   */
  public boolean put(StagedRecord staged) {
    failures.at(FailPoint.STAGE_AFTER_FILES_BEFORE_RECORD);
    boolean written =
        store.putIfAbsent(
            key(staged.id(), staged.renewals()), SealedJson.seal(new Stored(FORMAT, staged)));
    failures.at(FailPoint.STAGE_AFTER_RECORD);
    return written;
  }

  /** The live record of an id. */
  public Optional<StagedRecord> get(String id) {
    while (true) {
      List<String> keys = keys(id);
      for (int i = keys.size() - 1; i >= 0; i--) {
        Optional<StagedRecord> found = read(keys.get(i));
        if (found.isPresent()) {
          return found;
        }
      }
      if (keys.isEmpty()) {
        return Optional.empty();
      }
      // Gone since they were listed: by the id's end, or by a renewal that took their place.
    }
  }

  /**
   * Writes a renewed record and forgets those before it.
   *
   * @return whether this call wrote it
   */
  public boolean renew(StagedRecord renewed) {
    boolean written = put(renewed);
    String newest = key(renewed.id(), renewed.renewals());
    keys(renewed.id()).stream().filter(key -> key.compareTo(newest) < 0).forEach(store::delete);
    return written;
  }

  /** Forgets the id; one that is gone is fine. */
  public void delete(String id) {
    keys(id).forEach(store::delete);
  }

  /**
   * Ids in ascending order, greater than {@code after}.
   *
   * @param limit at most this many
   */
  public List<String> ids(String after, int limit) {
    List<String> ids = new ArrayList<>();
    // Renewals are digits, so this sorts after every record of that id.
    String from = after.isEmpty() ? "" : prefix + after + "/z";
    while (ids.size() < limit) {
      List<String> page = store.list(prefix, from, PAGE);
      for (String key : page) {
        String id = key.substring(prefix.length(), key.indexOf('/', prefix.length()));
        if (ids.isEmpty() || !ids.get(ids.size() - 1).equals(id)) {
          if (ids.size() == limit) {
            return ids;
          }
          ids.add(id);
        }
        from = key;
      }
      if (page.size() < PAGE) {
        break;
      }
    }
    return ids;
  }

  /** All ids, in ascending order, a page at a time. */
  public void forEachId(Consumer<String> action) {
    String after = "";
    List<String> page;
    do {
      page = ids(after, PAGE);
      for (String id : page) {
        action.accept(id);
        after = id;
      }
    } while (page.size() == PAGE);
  }

  private Optional<StagedRecord> read(String key) {
    Optional<byte[]> bytes = store.get(key);
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    Stored stored = SealedJson.open(key, bytes.get(), Stored.class);
    if (stored.format() != FORMAT) {
      throw new CorruptRecordException(
          key, "expected format " + FORMAT + ", found " + stored.format(), null);
    }
    return Optional.of(stored.staged());
  }

  private List<String> keys(String id) {
    List<String> keys = new ArrayList<>();
    Keys.forEach(store, prefix + id + "/", keys::add);
    return keys;
  }

  private String key(String id, int renewals) {
    return prefix + id + "/" + String.format(Locale.ROOT, "%06d", renewals);
  }
}
