package dev.slipway.storage.lance;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Keys known to be on the disk: put here, or listed or read after their folder was forced. Bounded;
 * a key that was forgotten is forced once more. Safe for use by many threads.
 */
final class DurableKeys {
  private static final int BOUND = 65_536;

  /** To each key, whether its hollowing is durable too. */
  private final Map<String, Boolean> keys =
      new LinkedHashMap<>(256, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > BOUND;
        }
      };

  /**
   * @param hollow whether it is the hollowed object that was seen
   */
  synchronized boolean contains(String key, boolean hollow) {
    Boolean known = keys.get(key);
    return known != null && (known || !hollow);
  }

  synchronized void add(String key, boolean hollow) {
    keys.merge(key, hollow, Boolean::logicalOr);
  }

  synchronized void remove(String key) {
    keys.remove(key);
  }
}
