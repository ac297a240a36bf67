package dev.slipway.engine.log;

import dev.slipway.storage.MetadataStore;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The verdicts beside one log. They are given while no server runs, so they are listed once, when
 * first needed. Safe for use by many threads.
 */
public final class VerdictStore {
  private static final Logger LOG = LoggerFactory.getLogger(VerdictStore.class);

  private final MetadataStore store;
  private final String prefix;
  private volatile @Nullable Map<Long, Verdict> known;

  VerdictStore(MetadataStore store, String home) {
    this.store = store;
    this.prefix = Layout.Folder.VERDICTS.in(home);
  }

  /** By revision; one that can't be read is left out, so its record stays refused. */
  public Map<Long, Verdict> all() {
    Map<Long, Verdict> found = known;
    if (found == null) {
      found = read();
      known = found;
    }
    return found;
  }

  private Map<Long, Verdict> read() {
    Map<Long, Verdict> found = new TreeMap<>();
    Keys.forEach(
        store,
        prefix,
        key -> {
          try {
            read(key).ifPresent(verdict -> found.put(verdict.revision(), verdict));
          } catch (CorruptRecordException e) {
            LOG.error("a verdict is left out: {}", e.getMessage());
          }
        });
    return found;
  }

  private Optional<Verdict> read(String key) {
    return store
        .get(key)
        .map(bytes -> SealedJson.open(key, bytes, Verdict.class))
        .filter(
            verdict -> verdict.format() == Verdict.FORMAT && key.equals(key(verdict.revision())));
  }

  /** Gives a verdict; false if the record has one already. */
  public boolean put(Verdict verdict) {
    boolean written = store.putIfAbsent(key(verdict.revision()), SealedJson.seal(verdict));
    known = null;
    return written;
  }

  public String key(long revision) {
    return prefix + LogStore.digits(revision);
  }
}
