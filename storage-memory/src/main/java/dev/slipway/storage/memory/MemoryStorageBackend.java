package dev.slipway.storage.memory;

import dev.slipway.storage.InlineResidual;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageLimits;
import dev.slipway.storage.TableStorage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.apache.arrow.memory.BufferAllocator;

/** One in-memory world. */
final class MemoryStorageBackend implements StorageBackend {
  static final String NAME = "memory";

  private final MemoryArena arena;
  private final TableHomes homes = new TableHomes();
  private final MemoryTableStorage tables;
  private final MemoryInlineResidual inlineResidual;
  private final MemoryMetadataStore metadata = new MemoryMetadataStore();
  private final AtomicBoolean open = new AtomicBoolean(true);

  MemoryStorageBackend(
      BufferAllocator allocator,
      StorageHooks hooks,
      StorageLimits limits,
      long maxBytes,
      RandomGenerator random) {
    this.arena = new MemoryArena(allocator, maxBytes, random);
    this.tables = new MemoryTableStorage(allocator, hooks, limits, arena, homes);
    this.inlineResidual = new MemoryInlineResidual(tables, arena, homes);
  }

  @Override
  public TableStorage tables() {
    return tables;
  }

  @Override
  public InlineResidual inlineResidual() {
    return inlineResidual;
  }

  @Override
  public MetadataStore metadata() {
    return metadata;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      tables.close();
      metadata.close();
      homes.purgeAll();
      arena.leave();
    }
  }
}
