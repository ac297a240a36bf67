package dev.slipway;

import com.google.inject.AbstractModule;
import com.google.inject.PrivateModule;
import dev.slipway.config.StorageConfig;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageLimits;
import dev.slipway.storage.lance.LanceOptions;
import dev.slipway.storage.lance.LanceStorageModule;
import dev.slipway.storage.memory.MemoryStorageModule;

/** Chooses the backend: here and nowhere else. */
final class StorageModule extends AbstractModule {
  private final StorageConfig config;

  StorageModule(StorageConfig config) {
    this.config = config;
  }

  @Override
  protected void configure() {
    bind(StorageHooks.class).toInstance(StorageHooks.NONE);
    bind(StorageLimits.class).toInstance(new StorageLimits(config.maxUpsertRows()));
    install(backend());
  }

  private PrivateModule backend() {
    return switch (config.kind()) {
      case LANCE ->
          new LanceStorageModule(
              new LanceOptions(
                  config.path(),
                  config.fsync(),
                  config.openVersions(),
                  config.indexCacheBytes(),
                  config.metadataCacheBytes()));
      case MEMORY -> new MemoryStorageModule(config.memoryBytes());
    };
  }
}
