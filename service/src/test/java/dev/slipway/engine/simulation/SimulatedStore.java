package dev.slipway.engine.simulation;

import dev.slipway.storage.MetadataStore;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The shared metadata store as one process reaches it. */
final class SimulatedStore implements MetadataStore {
  private static final Pattern ZEROS = Pattern.compile("0{6,}");

  private final MetadataStore raw;
  private final EngineProcess process;
  private final Incarnations incarnations;

  SimulatedStore(MetadataStore raw, EngineProcess process, Incarnations incarnations) {
    this.raw = raw;
    this.process = process;
    this.incarnations = incarnations;
  }

  @Override
  public boolean putIfAbsent(String key, byte[] value) {
    return process.store(
        "put " + brief(key),
        true,
        () -> {
          boolean put = raw.putIfAbsent(key, value);
          if (put) {
            process.demand(() -> incarnations.wasPut(process, key));
          }
          return put;
        });
  }

  @Override
  public Optional<byte[]> get(String key) {
    return process.store("get " + brief(key), false, () -> raw.get(key));
  }

  @Override
  public List<String> list(String prefix, String after, int limit) {
    return process.store("list " + brief(prefix), false, () -> raw.list(prefix, after, limit));
  }

  @Override
  public void hollow(String key) {
    process.store(
        "hollow " + brief(key),
        true,
        () -> {
          raw.hollow(key);
          return key;
        });
  }

  @Override
  public void delete(String key) {
    process.store(
        "delete " + brief(key),
        true,
        () -> {
          raw.delete(key);
          return key;
        });
  }

  /** The shared store belongs to the run. */
  @Override
  public void close() {
    process.life().end();
  }

  /** Without the database's folder and leading zeros. */
  private static String brief(String key) {
    String inside = key.startsWith("db/") ? key.substring(key.indexOf('/', 3) + 1) : key;
    return ZEROS.matcher(inside).replaceAll("..");
  }
}
