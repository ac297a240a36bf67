package dev.slipway.engine.testkit;

import dev.slipway.storage.InlineResidual;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageLimits;
import dev.slipway.storage.lance.LanceOptions;
import dev.slipway.storage.lance.LanceStorage;
import dev.slipway.storage.memory.MemoryStorage;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;

/** The backends that every engine test runs on. */
public enum BackendKind {
  MEMORY {
    @Override
    public StorageBackend open(Path folder, BufferAllocator allocator, StorageHooks hooks) {
      return MemoryStorage.create(allocator, hooks, StorageLimits.DEFAULT, 1L << 30);
    }
  },
  LANCE {
    @Override
    public StorageBackend open(Path folder, BufferAllocator allocator, StorageHooks hooks) {
      return LanceStorage.open(LanceOptions.at(folder), allocator, hooks, StorageLimits.DEFAULT);
    }
  };

  public abstract StorageBackend open(Path folder, BufferAllocator allocator, StorageHooks hooks);

  /** A backend whose metadata store is another one. */
  public static StorageBackend with(StorageBackend backend, MetadataStore store) {
    return with(backend, store, backend::readOnly);
  }

  /** One with another metadata store, and another way to act at once. */
  public static StorageBackend with(
      StorageBackend backend, MetadataStore store, InlineResidual residual) {
    return with(backend, store, residual, backend::readOnly);
  }

  /** One that also says of itself whether it takes writes. */
  public static StorageBackend with(
      StorageBackend backend, MetadataStore store, Supplier<Optional<String>> readOnly) {
    return with(backend, store, backend.inlineResidual(), readOnly);
  }

  private static StorageBackend with(
      StorageBackend backend,
      MetadataStore store,
      InlineResidual residual,
      Supplier<Optional<String>> readOnly) {
    return new StorageBackend() {
      @Override
      public dev.slipway.storage.TableStorage tables() {
        return backend.tables();
      }

      @Override
      public InlineResidual inlineResidual() {
        return residual;
      }

      @Override
      public MetadataStore metadata() {
        return store;
      }

      @Override
      public String name() {
        return backend.name();
      }

      @Override
      public String location(dev.slipway.storage.TableId table) {
        return backend.location(table);
      }

      @Override
      public Optional<String> readOnly() {
        return readOnly.get();
      }

      @Override
      public void close() {
        backend.close();
      }
    };
  }
}
