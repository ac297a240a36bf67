package dev.slipway.storage.memory;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.TableId;
import dev.slipway.storage.VersionRef;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.arrow.vector.types.pojo.Schema;

/** The files of one table, by name. Once purged it takes no more. */
final class TableHome {
  private final TableId table;
  private final Manifest genesis;
  private final TreeMap<String, MemoryFile> files = new TreeMap<>();
  private boolean purged;

  TableHome(TableId table, Schema schema, String transactionId) {
    this.table = table;
    this.genesis = new Manifest(new VersionRef(1, transactionId), schema, List.of());
    files.put(Manifest.name(1), genesis);
  }

  TableId table() {
    return table;
  }

  /** The empty first version; whole again if its manifest was deleted. */
  synchronized Manifest genesis() {
    files.putIfAbsent(Manifest.name(1), genesis);
    return genesis;
  }

  /** Takes the file in; if the home is purged the file is dropped. */
  synchronized void add(String name, MemoryFile file) {
    if (purged) {
      file.drop();
      throw gone();
    }
    files.put(name, file);
  }

  /** Takes the manifest in, unless its number is taken. */
  synchronized boolean addNew(Manifest manifest) {
    if (purged) {
      throw gone();
    }
    return files.putIfAbsent(Manifest.name(manifest.ref().storageVersion()), manifest) == null;
  }

  /**
   * @throws StorageException {@code VERSION_NOT_FOUND}
   */
  synchronized Manifest manifest(VersionRef ref) {
    MemoryFile file = files.get(Manifest.name(ref.storageVersion()));
    if (file instanceof Manifest manifest && manifest.ref().equals(ref)) {
      return manifest;
    }
    throw StorageException.of(
            StorageErrorCode.VERSION_NOT_FOUND,
            "table %s: expected version %d by transaction %s, found %s",
            table,
            ref.storageVersion(),
            ref.transactionId(),
            file instanceof Manifest other ? "one by " + other.ref().transactionId() : "none")
        .with(StorageException.Detail.RESOURCE, table + "@" + ref.storageVersion());
  }

  /**
   * The chunk, with one more user.
   *
   * @throws StorageException {@code MISSING_FILE}
   */
  synchronized Chunk enterChunk(String name) {
    if (files.get(name) instanceof Chunk chunk && chunk.enter()) {
      return chunk;
    }
    throw missing(name);
  }

  /**
   * @throws StorageException {@code MISSING_FILE}
   */
  synchronized DeletionSet deletions(String name) {
    if (files.get(name) instanceof DeletionSet set) {
      return set;
    }
    throw missing(name);
  }

  /**
   * @throws StorageException {@code MISSING_FILE} naming the first that isn't there
   */
  synchronized void require(Collection<String> names) {
    for (String name : names) {
      if (!files.containsKey(name)) {
        throw missing(name);
      }
    }
  }

  synchronized List<String> list() {
    return new ArrayList<>(files.keySet());
  }

  synchronized Map<String, Long> sizes() {
    Map<String, Long> sizes = new TreeMap<>();
    files.forEach((name, file) -> sizes.put(name, file.bytes()));
    return sizes;
  }

  synchronized void delete(Collection<String> names) {
    for (String name : names) {
      MemoryFile file = files.remove(name);
      if (file != null) {
        file.drop();
      }
    }
  }

  synchronized void purge() {
    purged = true;
    files.values().forEach(MemoryFile::drop);
    files.clear();
  }

  private StorageException missing(String name) {
    return StorageException.of(
            StorageErrorCode.MISSING_FILE, "table %s has no file %s any more", table, name)
        .with(StorageException.Detail.RESOURCE, name);
  }

  private StorageException gone() {
    return StorageException.of(
            StorageErrorCode.TABLE_NOT_FOUND, "table %s has no home any more", table)
        .with(StorageException.Detail.RESOURCE, table);
  }
}
