package dev.slipway.storage.lance;

import com.google.inject.PrivateModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageLimits;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Binds {@link StorageBackend} to the Lance backend, and nothing else. Needs a {@link
 * BufferAllocator}, {@link StorageHooks} and {@link StorageLimits}; closing the backend is the
 * injector's owner's business.
 */
public final class LanceStorageModule extends PrivateModule {
  private final LanceOptions options;

  public LanceStorageModule(LanceOptions options) {
    this.options = options;
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
    return LanceStorage.open(options, allocator, hooks, limits);
  }
}
