package dev.slipway.storage.lance;

import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageLimits;
import org.apache.arrow.memory.BufferAllocator;

/** Opens the Lance backend without Guice. */
public final class LanceStorage {
  private LanceStorage() {}

  /**
   * Opens a backend over {@link LanceOptions#root}, which is made if it isn't there.
   *
   * @param allocator the parent of all Arrow memory the backend uses; the caller closes it, after
   *     the backend and everything opened through it
   * @throws dev.slipway.storage.StorageException {@code UNAVAILABLE} if the root can't be used
   */
  public static StorageBackend open(
      LanceOptions options, BufferAllocator allocator, StorageHooks hooks, StorageLimits limits) {
    NativeLibrary.loadArrow();
    DurableFiles disk = new DurableFiles(options.fsync());
    return new LanceBackend(options, disk, allocator, hooks, limits);
  }
}
