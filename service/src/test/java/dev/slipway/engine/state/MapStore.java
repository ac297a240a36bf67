package dev.slipway.engine.state;

import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;

/** Objects in a map, with a bound on their size; says how much was written and read. */
final class MapStore implements MetadataStore {
  private final NavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
  private final int limit;
  private long written;
  private long read;
  private int greatest;
  private Consumer<Runnable> nextDelete = Runnable::run;
  private Consumer<String> beforeGet = key -> {};

  MapStore(int limit) {
    this.limit = limit;
  }

  @Override
  public boolean putIfAbsent(String key, byte[] value) {
    if (value.length > limit) {
      throw StorageException.of(
          StorageErrorCode.INVALID_ARGUMENT,
          "%s: expected at most %d bytes, found %d",
          key,
          limit,
          value.length);
    }
    greatest = Math.max(greatest, value.length);
    written += value.length;
    return objects.putIfAbsent(key, value.clone()) == null;
  }

  @Override
  public Optional<byte[]> get(String key) {
    beforeGet.accept(key);
    Optional<byte[]> found = Optional.ofNullable(objects.get(key)).map(byte[]::clone);
    read += found.map(bytes -> bytes.length).orElse(0);
    return found;
  }

  @Override
  public List<String> list(String prefix, String after, int limit) {
    String from = after.compareTo(prefix) > 0 ? after : prefix;
    return objects.tailMap(from, false).keySet().stream()
        .takeWhile(key -> key.startsWith(prefix))
        .limit(limit)
        .toList();
  }

  @Override
  public void hollow(String key) {
    objects.computeIfPresent(
        key, (same, value) -> MetadataStore.HOLLOW.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void delete(String key) {
    Consumer<Runnable> how = nextDelete;
    nextDelete = Runnable::run;
    how.accept(() -> objects.remove(key));
  }

  /**
   * @param how gets the deletion to carry out
   */
  void onNextDelete(Consumer<Runnable> how) {
    nextDelete = how;
  }

  /**
   * @param before is told of each key that is read, and may fail
   */
  void onGet(Consumer<String> before) {
    beforeGet = before;
  }

  /** Puts what nobody wrote. */
  void damage(String key) {
    byte[] bytes = get(key).orElseThrow();
    bytes[bytes.length / 2] ^= 1;
    objects.put(key, bytes);
  }

  List<String> keys(String prefix) {
    return list(prefix, "", Integer.MAX_VALUE);
  }

  /** Bytes put, also in vain. */
  long written() {
    return written;
  }

  long read() {
    return read;
  }

  /** The size of the greatest object. */
  int greatest() {
    return greatest;
  }

  @Override
  public void close() {}
}
