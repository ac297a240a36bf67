package dev.slipway.engine.commit;

import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.Keys;
import dev.slipway.engine.log.Layout;
import dev.slipway.engine.log.SealedJson;
import dev.slipway.storage.MetadataStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The intents of a database: {@code <home>/intents/<ulid>}. Safe for use by many threads. */
public final class IntentStore {
  private static final int FORMAT = 1;

  private final MetadataStore store;
  private final String prefix;

  public IntentStore(MetadataStore store, String home) {
    this.store = store;
    this.prefix = Layout.Folder.INTENTS.in(home);
  }

  private record Stored(int format, Intent intent) {}

  public void put(Intent intent) {
    store.putIfAbsent(prefix + intent.id(), SealedJson.seal(new Stored(FORMAT, intent)));
  }

  /**
   * @throws CorruptRecordException if it is damaged or of a version this process can't read
   */
  public Optional<Intent> get(String id) {
    String key = prefix + id;
    Optional<byte[]> bytes = store.get(key);
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    Stored stored = SealedJson.open(key, bytes.get(), Stored.class);
    if (stored.format() != FORMAT) {
      throw new CorruptRecordException(
          key, "expected format " + FORMAT + ", found " + stored.format(), null);
    }
    return Optional.of(stored.intent());
  }

  /** An intent's key. */
  public String key(String id) {
    return prefix + id;
  }

  /** Ids in ascending order: that of time. */
  public List<String> ids() {
    List<String> ids = new ArrayList<>();
    Keys.forEach(store, prefix, key -> ids.add(key.substring(prefix.length())));
    return ids;
  }

  public void delete(String id) {
    store.delete(prefix + id);
  }
}
