package dev.slipway.engine.fault;

import dev.slipway.engine.Database;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.storage.StorageBackend;
import java.time.InstantSource;
import org.apache.arrow.memory.BufferAllocator;

/** One process over a {@link FaultyStorage}: an engine, and all that can go wrong for it. */
public final class FaultyEngine implements AutoCloseable {
  private final Life life = new Life();
  private final Faults<StoreCall> store = new Faults<>();
  private final Faults<FailPoint> windows = new Faults<>();
  private final FaultyHooks tables;
  private final EngineFixture fixture;
  private final Runnable onClose;
  private boolean closed;

  FaultyEngine(
      BufferAllocator allocator,
      StorageBackend backend,
      FaultyHooks tables,
      InstantSource clock,
      EngineOptions options,
      String instance,
      Runnable onClose) {
    this.tables = tables;
    this.onClose = onClose;
    this.fixture =
        EngineFixture.over(
            allocator,
            BackendKind.with(
                backend,
                new FaultyMetadataStore(backend.metadata(), store, life),
                new FaultyResidual(backend.inlineResidual(), tables)),
            new FaultyWindows(windows, life),
            clock,
            options,
            instance);
  }

  public EngineFixture fixture() {
    return fixture;
  }

  public Database database(String name) {
    return fixture.database(name);
  }

  public Faults<StoreCall> store() {
    return store;
  }

  public Faults<FailPoint> windows() {
    return windows;
  }

  public FaultyHooks tables() {
    return tables;
  }

  public Life life() {
    return life;
  }

  /** The process ends now: whatever is under way fails at its next step, and reaches nothing. */
  public void kill() {
    tables.liveAs(life);
    life.end();
  }

  /** An effect that ends this process in the middle of a call. */
  public Effect dies() {
    return Effect.run(
        () -> {
          kill();
          life.check();
        });
  }

  /** Whether every fault that is armed now has been hit, those armed by others too. */
  public boolean allFaultsHit() {
    return store.allHit()
        && windows.allHit()
        && tables.before().allHit()
        && tables.after().allHit();
  }

  public void clearFaults() {
    store.clear();
    windows.clear();
    tables.before().clear();
    tables.after().clear();
  }

  /** Stops the engine; one that was killed reaches nothing while it stops. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      clearFaults();
      fixture.close();
      tables.liveAs(new Life());
      onClose.run();
    }
  }
}
