package dev.slipway.engine.fault;

import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageLimits;
import dev.slipway.storage.lance.LanceOptions;
import dev.slipway.storage.lance.LanceStorage;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * Storage that outlives the processes over it. In memory they share one backend; on Lance each has
 * a backend of its own over the same folder, as real processes do.
 */
public final class FaultyStorage implements AutoCloseable {
  private final BackendKind kind;
  private final Path folder;
  private final BufferAllocator allocator = new RootAllocator();
  private final FaultyHooks sharedHooks = new FaultyHooks();
  private final StorageBackend shared;
  private final List<FaultyEngine> engines = new ArrayList<>();

  private FaultyStorage(BackendKind kind, Path folder) {
    this.kind = kind;
    this.folder = folder;
    this.shared = open(sharedHooks);
  }

  public static FaultyStorage open(BackendKind kind, Path folder) {
    return new FaultyStorage(kind, folder);
  }

  /** Only power losses could tell whether files are forced, and no test cuts the power. */
  private StorageBackend open(FaultyHooks hooks) {
    return kind == BackendKind.MEMORY
        ? kind.open(folder, allocator, hooks)
        : LanceStorage.open(
            LanceOptions.at(folder).withFsync(false), allocator, hooks, StorageLimits.DEFAULT);
  }

  public FaultyEngine start(String instance) {
    return start(instance, EngineOptions.DEFAULT, InstantSource.system());
  }

  public FaultyEngine start(String instance, EngineOptions options, InstantSource clock) {
    FaultyEngine engine;
    if (kind == BackendKind.MEMORY) {
      engine = new FaultyEngine(allocator, shared, sharedHooks, clock, options, instance, () -> {});
    } else {
      FaultyHooks hooks = new FaultyHooks();
      StorageBackend own = open(hooks);
      engine = new FaultyEngine(allocator, own, hooks, clock, options, instance, own::close);
    }
    engines.add(engine);
    return engine;
  }

  /** The metadata as it lies in storage, past all faults. */
  public MetadataStore metadata() {
    return shared.metadata();
  }

  public BackendKind kind() {
    return kind;
  }

  public BufferAllocator allocator() {
    return allocator;
  }

  /** Stops every engine; a leaked buffer fails the test that leaked it. */
  @Override
  public void close() {
    engines.forEach(FaultyEngine::close);
    shared.close();
    allocator.close();
  }
}
