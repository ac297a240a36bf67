package dev.slipway.storage.memory;

import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageLimits;
import dev.slipway.storage.contract.RandomVersionTreeContract;
import java.nio.file.Path;
import org.apache.arrow.memory.BufferAllocator;

class MemoryVersionTreeTest extends RandomVersionTreeContract {
  @Override
  protected StorageBackend open(Path folder, BufferAllocator allocator, StorageHooks hooks) {
    return MemoryStorage.create(allocator, hooks, StorageLimits.DEFAULT, 1L << 30);
  }
}
