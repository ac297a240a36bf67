package dev.slipway.storage.lance;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.TableId;
import dev.slipway.storage.VersionRef;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.arrow.memory.BufferAllocator;
import org.lance.Dataset;
import org.lance.ReadOptions;
import org.lance.Session;
import org.lance.Transaction;

/**
 * The versions that are open: each is opened once, however many use it, and stays open for a while
 * after the last has left, because a version just made is the base of the next. Every native handle
 * is closed here and nowhere else. Safe for use by many threads.
 */
final class OpenVersions implements AutoCloseable {
  private final TableHomes homes;
  private final BufferAllocator allocator;
  private final int bound;
  private final Session session;

  /** In order of use, the longest unused first. */
  private final Map<Key, OpenVersion> open = new LinkedHashMap<>(64, 0.75f, true);

  /** The transactions that made first versions. */
  private final Map<TableId, String> genesis = new ConcurrentHashMap<>();

  private boolean closed;

  private record Key(TableId table, long version) {}

  OpenVersions(TableHomes homes, BufferAllocator allocator, LanceOptions options) {
    this.homes = homes;
    this.allocator = allocator;
    this.bound = options.openVersions();
    this.session =
        LanceErrors.run(
            "make a session",
            () ->
                Session.builder()
                    .indexCacheSizeBytes(options.indexCacheBytes())
                    .metadataCacheSizeBytes(options.metadataCacheBytes())
                    .build());
  }

  /** One use of an open version; closing it again does nothing. */
  final class Lease implements AutoCloseable {
    private final OpenVersion version;
    private boolean released;

    private Lease(OpenVersion version) {
      this.version = version;
    }

    OpenVersion version() {
      return version;
    }

    @Override
    public void close() {
      synchronized (OpenVersions.this) {
        if (released) {
          return;
        }
        released = true;
      }
      release(version);
    }
  }

  /**
   * Opens a version, and proves that the transaction named is the one that made it.
   *
   * @throws StorageException {@code VERSION_NOT_FOUND}, {@code TABLE_NOT_FOUND}
   */
  Lease open(TableId table, VersionRef ref) {
    Optional<Lease> known = find(table, ref);
    return known.isPresent() ? known.get() : use(load(table, ref));
  }

  /** The first version of a table, whose transaction only its home knows. */
  VersionRef genesis(TableId table) {
    String known = genesis.get(table);
    if (known == null) {
      try (Dataset dataset = dataset(table, TableHomes.GENESIS)) {
        known = maker(table, dataset);
      }
      genesis.put(table, known);
    }
    return new VersionRef(TableHomes.GENESIS, known);
  }

  /** Takes over a version that was just made or opened. */
  Lease use(OpenVersion made) {
    Key key = new Key(made.table(), made.ref().storageVersion());
    OpenVersion used;
    List<OpenVersion> superfluous = new ArrayList<>();
    synchronized (this) {
      OpenVersion known = closed ? null : open.get(key);
      if (known != null) {
        superfluous.add(made);
        used = known;
      } else {
        used = made;
        if (!closed) {
          open.put(key, made);
        }
      }
      used.users++;
      trim(superfluous);
    }
    superfluous.forEach(OpenVersion::close);
    return new Lease(used);
  }

  /** Forgets the versions of a table whose files go. */
  void forget(TableId table) {
    genesis.remove(table);
    List<OpenVersion> superfluous = new ArrayList<>();
    synchronized (this) {
      open.values()
          .removeIf(
              version -> {
                boolean gone = version.table().equals(table);
                if (gone && version.users == 0) {
                  superfluous.add(version);
                }
                return gone;
              });
    }
    superfluous.forEach(OpenVersion::close);
  }

  /** How many versions are held open, used or not. */
  synchronized int size() {
    return open.size();
  }

  /** Versions that are in use stay open until their last user leaves. */
  @Override
  public void close() {
    List<OpenVersion> superfluous = new ArrayList<>();
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      open.values().stream().filter(version -> version.users == 0).forEach(superfluous::add);
      open.clear();
    }
    superfluous.forEach(OpenVersion::close);
    session.close();
  }

  private Optional<Lease> find(TableId table, VersionRef ref) {
    OpenVersion known;
    synchronized (this) {
      known = open.get(new Key(table, ref.storageVersion()));
      if (known == null) {
        return Optional.empty();
      }
      requireMaker(table, ref, known.ref().transactionId());
      known.users++;
    }
    return Optional.of(new Lease(known));
  }

  private void release(OpenVersion version) {
    List<OpenVersion> superfluous = new ArrayList<>();
    synchronized (this) {
      version.users--;
      Key key = new Key(version.table(), version.ref().storageVersion());
      if (version.users == 0 && open.get(key) != version) {
        superfluous.add(version);
      }
      trim(superfluous);
    }
    superfluous.forEach(OpenVersion::close);
  }

  /** Takes out what nobody uses, the longest unused first, until the bound is kept. */
  private void trim(List<OpenVersion> superfluous) {
    Iterator<OpenVersion> oldest = open.values().iterator();
    while (open.size() > bound && oldest.hasNext()) {
      OpenVersion version = oldest.next();
      if (version.users == 0) {
        oldest.remove();
        superfluous.add(version);
      }
    }
  }

  private OpenVersion load(TableId table, VersionRef ref) {
    Dataset dataset = dataset(table, ref.storageVersion());
    boolean whole = false;
    try {
      requireMaker(table, ref, maker(table, dataset));
      OpenVersion version =
          new OpenVersion(
              table,
              ref,
              dataset,
              LanceErrors.run("read the schema of " + table, dataset::getSchema));
      whole = true;
      return version;
    } finally {
      if (!whole) {
        dataset.close();
      }
    }
  }

  private Dataset dataset(TableId table, long version) {
    try {
      return LanceErrors.run(
          "open version " + version + " of table " + table,
          () ->
              Dataset.open()
                  .uri(homes.uri(table))
                  .allocator(allocator)
                  .readOptions(
                      new ReadOptions.Builder().setVersion(version).setSession(session).build())
                  .build());
    } catch (StorageException e) {
      if (e.code() == StorageErrorCode.VERSION_NOT_FOUND && !Files.isDirectory(homes.home(table))) {
        throw new StorageException(
                StorageErrorCode.TABLE_NOT_FOUND, "table " + table + " has no home", e)
            .with(StorageException.Detail.RESOURCE, table);
      }
      throw e.details().isEmpty()
          ? e.with(StorageException.Detail.RESOURCE, table + "@" + version)
          : e;
    }
  }

  /** The transaction that made the version found. */
  private static String maker(TableId table, Dataset dataset) {
    Optional<Transaction> transaction =
        LanceErrors.run("read the transaction of " + table, dataset::readTransaction);
    try (Transaction found =
        transaction.orElseThrow(
            () ->
                StorageException.of(
                        StorageErrorCode.VERSION_NOT_FOUND,
                        "version %d of table %s doesn't say which transaction made it",
                        dataset.version(),
                        table)
                    .with(StorageException.Detail.RESOURCE, table + "@" + dataset.version()))) {
      return found.uuid();
    }
  }

  private static void requireMaker(TableId table, VersionRef ref, String found) {
    if (!found.equals(ref.transactionId())) {
      throw StorageException.of(
              StorageErrorCode.VERSION_NOT_FOUND,
              "version %d of table %s was made by transaction %s, expected %s",
              ref.storageVersion(),
              table,
              found,
              ref.transactionId())
          .with(StorageException.Detail.RESOURCE, table + "@" + ref.storageVersion());
    }
  }
}
