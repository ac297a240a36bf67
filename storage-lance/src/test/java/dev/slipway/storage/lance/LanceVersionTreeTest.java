package dev.slipway.storage.lance;

import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageLimits;
import dev.slipway.storage.contract.RandomVersionTreeContract;
import java.nio.file.Path;
import org.apache.arrow.memory.BufferAllocator;

class LanceVersionTreeTest extends RandomVersionTreeContract {
  @Override
  protected StorageBackend open(Path folder, BufferAllocator allocator, StorageHooks hooks) {
    return LanceStorage.open(
        LanceOptions.at(folder).withFsync(false), allocator, hooks, StorageLimits.DEFAULT);
  }
}
