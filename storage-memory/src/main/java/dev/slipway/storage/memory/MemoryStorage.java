package dev.slipway.storage.memory;

import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageLimits;
import java.security.SecureRandom;
import java.util.random.RandomGenerator;
import org.apache.arrow.memory.BufferAllocator;

/** Makes in-memory backends without Guice. Each is a world of its own. */
public final class MemoryStorage {
  private MemoryStorage() {}

  /**
   * An empty backend. Closing it drops all its data; what is still open stays readable until it is
   * closed too.
   *
   * @param allocator the parent of all its memory; the caller closes it after the backend and
   *     everything opened through it
   * @param maxBytes how much table data it may hold; more is refused with {@code
   *     RESOURCE_EXHAUSTED}
   */
  public static StorageBackend create(
      BufferAllocator allocator, StorageHooks hooks, StorageLimits limits, long maxBytes) {
    return create(allocator, hooks, limits, maxBytes, new SecureRandom());
  }

  /**
   * As {@link #create(BufferAllocator, StorageHooks, StorageLimits, long)}, with the source of its
   * version numbers, transaction ids and file names: a seeded one makes a run repeatable.
   *
   * @param random called by one thread at a time
   */
  public static StorageBackend create(
      BufferAllocator allocator,
      StorageHooks hooks,
      StorageLimits limits,
      long maxBytes,
      RandomGenerator random) {
    return new MemoryStorageBackend(allocator, hooks, limits, maxBytes, random);
  }
}
