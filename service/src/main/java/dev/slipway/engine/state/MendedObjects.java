package dev.slipway.engine.state;

import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.Keys;
import dev.slipway.engine.log.SealedJson;
import dev.slipway.storage.MetadataStore;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Objects of which whoever writes one writes the same bytes, under keys that say which revisions
 * they are of. One that is damaged is mended: a copy beside it comes first and stays, for no two
 * processes can agree who deletes the damaged one. Safe for use by many threads and processes.
 */
final class MendedObjects {
  private static final Logger LOG = LoggerFactory.getLogger(MendedObjects.class);
  private static final Pattern RANGE = Pattern.compile("(\\d{19})-(\\d{19})(\\.mended)?");
  private static final String MENDED = ".mended";
  private static final int ATTEMPTS = 3;

  private final MetadataStore store;

  MendedObjects(MetadataStore store) {
    this.store = store;
  }

  /** Which objects aren't needed. */
  interface Unneeded {
    boolean test(String key, long first, long last);
  }

  /**
   * Writes an object, unless it is there; a damaged one is replaced.
   *
   * @throws CorruptRecordException if another whole object has the key
   */
  void put(String key, byte[] bytes) {
    for (int i = 0; i < ATTEMPTS; i++) {
      if (store.putIfAbsent(key, bytes)) {
        return;
      }
      Optional<byte[]> there = store.get(key);
      if (there.isPresent()) {
        if (Arrays.equals(there.get(), bytes)) {
          return;
        }
        if (SealedJson.isWhole(there.get())) {
          throw new CorruptRecordException(
              key,
              "it holds something else than the log adds up to; delete it, it is derived",
              null);
        }
        LOG.error("{} is damaged and written anew", key);
        // From here on what it should hold is safe, whoever deletes the damaged one when.
        putMended(key + MENDED, bytes);
        // Another may have mended it since.
        if (store.get(key).filter(now -> Arrays.equals(now, there.get())).isPresent()) {
          store.delete(key);
        }
      }
    }
    throw new CorruptRecordException(key, "it is occupied and absent at once", null);
  }

  private void putMended(String key, byte[] bytes) {
    if (!store.putIfAbsent(key, bytes)
        && store.get(key).filter(there -> !Arrays.equals(there, bytes)).isPresent()) {
      store.delete(key);
      var unused = store.putIfAbsent(key, bytes);
    }
  }

  /**
   * What lies under a key, or the copy beside it if that isn't what was written.
   *
   * @throws CorruptRecordException if neither is
   */
  byte[] bytes(String key, String checksum) {
    try {
      return sealed(key, checksum);
    } catch (CorruptRecordException damaged) {
      try {
        return sealed(key + MENDED, checksum);
      } catch (CorruptRecordException none) {
        throw damaged;
      }
    }
  }

  private byte[] sealed(String key, String checksum) {
    byte[] bytes =
        store.get(key).orElseThrow(() -> new CorruptRecordException(key, "it is gone", null));
    String seal = SealedJson.isWhole(bytes) ? SealedJson.sealOf(bytes) : "";
    if (!seal.equals(checksum)) {
      throw new CorruptRecordException(
          key,
          seal.isEmpty()
              ? "its checksum isn't that of its content"
              : "its checksum is " + seal + ", expected " + checksum,
          null);
    }
    return bytes;
  }

  /** Whether an object itself is what was written. */
  boolean isIntact(String key, String checksum) {
    try {
      return sealed(key, checksum).length > 0;
    } catch (CorruptRecordException damaged) {
      return false;
    }
  }

  boolean isGone(String key) {
    return store.get(key).isEmpty();
  }

  /** Deletes what is of no use, copies too. */
  void deleteIf(String prefix, Unneeded unneeded) {
    Keys.forEach(
        store,
        prefix,
        key -> {
          Matcher range = RANGE.matcher(key.substring(prefix.length()));
          if (range.matches()
              && unneeded.test(
                  key, Long.parseLong(range.group(1)), Long.parseLong(range.group(2)))) {
            store.delete(key);
          }
        });
  }
}
