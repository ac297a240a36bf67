package dev.slipway.storage.memory;

import com.google.inject.PrivateModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageLimits;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Binds {@link StorageBackend} to an in-memory backend, and nothing else. Needs a {@link
 * BufferAllocator}, {@link StorageHooks} and {@link StorageLimits}; closing the backend is the
 * injector's owner's business.
 */
public final class MemoryStorageModule extends PrivateModule {
  private final long maxBytes;

  /**
   * @param maxBytes how much table data the backend may hold
   */
  public MemoryStorageModule(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  @Override
  protected void configure() {
    requireBinding(BufferAllocator.class);
    requireBinding(StorageHooks.class);
    requireBinding(StorageLimits.class);
    expose(StorageBackend.class);
  }

  @Provides
  @Singleton
  StorageBackend backend(BufferAllocator allocator, StorageHooks hooks, StorageLimits limits) {
    return MemoryStorage.create(allocator, hooks, limits, maxBytes);
  }
}
