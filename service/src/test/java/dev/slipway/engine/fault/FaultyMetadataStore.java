package dev.slipway.engine.fault;

import dev.slipway.engine.fault.StoreCall.Kind;
import dev.slipway.storage.MetadataStore;
import java.util.List;
import java.util.Optional;

/** A metadata store seen through one process, with the faults armed for it. */
public final class FaultyMetadataStore implements MetadataStore {
  private final MetadataStore store;
  private final Faults<StoreCall> faults;
  private final Life life;

  public FaultyMetadataStore(MetadataStore store, Faults<StoreCall> faults, Life life) {
    this.store = store;
    this.faults = faults;
    this.life = life;
  }

  @Override
  public boolean putIfAbsent(String key, byte[] value) {
    return call(Kind.PUT, key, () -> store.putIfAbsent(key, value));
  }

  @Override
  public Optional<byte[]> get(String key) {
    return call(Kind.GET, key, () -> store.get(key));
  }

  @Override
  public List<String> list(String prefix, String after, int limit) {
    return call(Kind.LIST, prefix, () -> store.list(prefix, after, limit));
  }

  @Override
  public void hollow(String key) {
    call(
        Kind.HOLLOW,
        key,
        () -> {
          store.hollow(key);
          return key;
        });
  }

  @Override
  public void delete(String key) {
    call(
        Kind.DELETE,
        key,
        () -> {
          store.delete(key);
          return key;
        });
  }

  /** The store behind belongs to who opened it. */
  @Override
  public void close() {
    faults.clear();
  }

  private <T> T call(Kind kind, String key, java.util.function.Supplier<T> work) {
    life.check();
    T result = faults.around(new StoreCall(kind, key), work);
    life.check();
    return result;
  }
}
