package dev.slipway.storage.memory;

import dev.slipway.storage.MetadataKeys;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** Objects in a concurrent map; values are copied in and out. */
final class MemoryMetadataStore implements MetadataStore {
  private final ConcurrentNavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
  private volatile boolean closed;

  @Override
  public boolean putIfAbsent(String key, byte[] value) {
    check(key);
    MetadataKeys.checkValue(key, value);
    checkPlace(key);
    return objects.putIfAbsent(key, value.clone()) == null;
  }

  @Override
  public Optional<byte[]> get(String key) {
    check(key);
    return Optional.ofNullable(objects.get(key)).map(byte[]::clone);
  }

  @Override
  public List<String> list(String prefix, String after, int limit) {
    checkOpen();
    MetadataKeys.checkList(prefix, after, limit);
    String from = after.compareTo(prefix) > 0 ? after : prefix;
    List<String> keys = new ArrayList<>();
    for (String key : objects.tailMap(from, false).keySet()) {
      if (keys.size() == limit || !key.startsWith(prefix)) {
        break;
      }
      keys.add(key);
    }
    return keys;
  }

  @Override
  public void hollow(String key) {
    check(key);
    objects.computeIfPresent(key, (k, old) -> MetadataKeys.hollowValue());
  }

  @Override
  public void delete(String key) {
    check(key);
    objects.remove(key);
  }

  @Override
  public void close() {
    closed = true;
    objects.clear();
  }

  /** On disk a key that others begin with would be a folder. */
  private void checkPlace(String key) {
    String below = objects.ceilingKey(key + "/");
    boolean taken = below != null && below.startsWith(key + "/");
    for (int i = key.indexOf('/'); i >= 0 && !taken; i = key.indexOf('/', i + 1)) {
      taken = objects.containsKey(key.substring(0, i));
    }
    if (taken) {
      throw StorageException.of(
          StorageErrorCode.INVALID_ARGUMENT,
          "key %s lies under another key, or another lies under it",
          Text.quote(key));
    }
  }

  private void check(String key) {
    checkOpen();
    MetadataKeys.checkKey(key);
  }

  private void checkOpen() {
    if (closed) {
      throw StorageException.of(StorageErrorCode.CLOSED, "the metadata store is closed");
    }
  }
}
