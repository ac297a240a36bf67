package dev.slipway.engine.cleanup;

import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.Keys;
import dev.slipway.engine.log.Layout;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.SealedJson;
import dev.slipway.storage.MetadataStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What cleanups found unreferenced: {@code <home>/cleanup/<revision>/<table id>}, under the head
 * right after the table's files were listed. Whoever wrote one of those files had begun at or below
 * that revision.
 */
final class CandidateStore {
  private static final int FORMAT = 1;

  private final MetadataStore store;
  private final String prefix;

  CandidateStore(MetadataStore store, String home) {
    this.store = store;
    this.prefix = Layout.Folder.CANDIDATES.in(home);
  }

  /**
   * What stands in one object.
   *
   * @param home whether nothing named the table at all, so that its home may go whole
   * @param files relative to the table's home
   */
  record Candidates(int format, boolean home, List<String> files) {
    Candidates(boolean home, List<String> files) {
      this(FORMAT, home, files);
    }
  }

  /** Revisions of the objects there are, ascending, by table. */
  Map<String, List<Long>> index() {
    Map<String, List<Long>> found = new TreeMap<>();
    Keys.forEach(
        store,
        prefix,
        key -> {
          int slash = key.indexOf('/', prefix.length());
          found
              .computeIfAbsent(key.substring(slash + 1), table -> new ArrayList<>())
              .add(Long.parseLong(key.substring(prefix.length(), slash)));
        });
    return found;
  }

  /**
   * @throws CorruptRecordException if it isn't what was written
   */
  Optional<Candidates> get(long revision, String table) {
    String key = key(revision, table);
    Optional<byte[]> bytes = store.get(key);
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    Candidates found = SealedJson.open(key, bytes.get(), Candidates.class);
    if (found.format() != FORMAT) {
      throw new CorruptRecordException(
          key, "expected format " + FORMAT + ", found " + found.format(), null);
    }
    return Optional.of(found);
  }

  /** Writes it; if another cleanup was faster, its own stands, and is as good. */
  void put(long revision, String table, Candidates candidates) {
    store.putIfAbsent(key(revision, table), SealedJson.seal(candidates));
  }

  void delete(long revision, String table) {
    store.delete(key(revision, table));
  }

  private String key(long revision, String table) {
    return prefix + LogStore.digits(revision) + "/" + table;
  }
}
