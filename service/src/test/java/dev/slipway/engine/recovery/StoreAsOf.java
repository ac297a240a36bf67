package dev.slipway.engine.recovery;

import dev.slipway.engine.log.LogStore;
import dev.slipway.storage.MetadataStore;
import java.util.List;
import java.util.Optional;

/** A store as a process would have found it with the log at a revision and one checkpoint. */
final class StoreAsOf implements MetadataStore {
  private final MetadataStore store;
  private final String home;
  private final long revision;
  private final long checkpoint;

  /**
   * @param home of the database
   * @param revision log records above it aren't there
   * @param checkpoint the only one there
   */
  StoreAsOf(MetadataStore store, String home, long revision, long checkpoint) {
    this.store = store;
    this.home = home;
    this.revision = revision;
    this.checkpoint = checkpoint;
  }

  private boolean isThere(String key) {
    String log = home + "/log/";
    if (key.startsWith(log)) {
      return key.compareTo(log + LogStore.digits(revision)) <= 0;
    }
    String checkpoints = home + "/checkpoints/";
    return !key.startsWith(checkpoints) || key.equals(checkpoints + LogStore.digits(checkpoint));
  }

  @Override
  public boolean putIfAbsent(String key, byte[] value) {
    throw new AssertionError("nothing is written to the past, found " + key);
  }

  @Override
  public Optional<byte[]> get(String key) {
    return isThere(key) ? store.get(key) : Optional.empty();
  }

  @Override
  public List<String> list(String prefix, String after, int limit) {
    return store.list(prefix, after, limit).stream().filter(this::isThere).toList();
  }

  @Override
  public void hollow(String key) {
    throw new AssertionError("nothing is hollowed in the past, found " + key);
  }

  @Override
  public void delete(String key) {
    throw new AssertionError("nothing is deleted in the past, found " + key);
  }

  /** The store behind belongs to who opened it. */
  @Override
  public void close() {}
}
