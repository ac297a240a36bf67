package dev.slipway.config;

import java.nio.file.Path;
import java.util.List;

/**
 * Where tables are kept.
 *
 * @param kind the backend
 * @param path folder of the Lance backend
 * @param fsync whether new files are forced to disk before they count as durable
 * @param openVersions table versions kept open while nobody uses them
 * @param indexCacheBytes native memory for index pages
 * @param metadataCacheBytes native memory for file metadata
 * @param memoryBytes table data the memory backend may hold
 * @param maxUpsertRows rows one upsert may bring
 */
public record StorageConfig(
    Kind kind,
    Path path,
    boolean fsync,
    int openVersions,
    long indexCacheBytes,
    long metadataCacheBytes,
    long memoryBytes,
    long maxUpsertRows) {

  /** The backends. */
  public enum Kind {
    LANCE,
    MEMORY
  }

  private static final ConfigKey<Kind> KIND =
      ConfigKey.choice(
          "storage.kind",
          Kind.class,
          Kind.LANCE,
          "The backend: Lance files in a folder, or memory (gone when the server stops).");
  private static final ConfigKey<Path> PATH =
      ConfigKey.folder(
          "storage.path",
          "slipway-data",
          "The folder of the Lance backend; made if it isn't there.");
  private static final ConfigKey<Boolean> FSYNC =
      ConfigKey.flag(
          "storage.fsync",
          true,
          "Force new files to disk before a write counts as durable. Without it a power loss can"
              + " take back what was acknowledged.");
  private static final ConfigKey<Integer> OPEN_VERSIONS =
      ConfigKey.count(
          "storage.open-versions",
          1,
          100_000,
          256,
          "Table versions the Lance backend keeps open while nobody uses them.");
  private static final ConfigKey<Long> INDEX_CACHE =
      ConfigKey.size(
          "storage.index-cache",
          "1MiB",
          "1TiB",
          "256MiB",
          "Native memory of the Lance backend for index pages.");
  private static final ConfigKey<Long> METADATA_CACHE =
      ConfigKey.size(
          "storage.metadata-cache",
          "1MiB",
          "1TiB",
          "128MiB",
          "Native memory of the Lance backend for file metadata.");
  private static final ConfigKey<Long> MEMORY_LIMIT =
      ConfigKey.size(
          "storage.memory-limit",
          "1MiB",
          "1TiB",
          "1GiB",
          "Table data the memory backend may hold; a write that needs more is refused.");
  private static final ConfigKey<Long> MAX_UPSERT_ROWS =
      ConfigKey.number(
          "storage.max-upsert-rows",
          1,
          1_000_000_000,
          5_000_000,
          "Rows one upsert may bring; their keys are held in memory, about 100 bytes each.");

  static final List<ConfigKey<?>> KEYS =
      List.of(
          KIND,
          PATH,
          FSYNC,
          OPEN_VERSIONS,
          INDEX_CACHE,
          METADATA_CACHE,
          MEMORY_LIMIT,
          MAX_UPSERT_ROWS);

  static StorageConfig of(ConfigValues values) {
    return new StorageConfig(
        values.of(KIND),
        values.of(PATH),
        values.of(FSYNC),
        values.of(OPEN_VERSIONS),
        values.of(INDEX_CACHE),
        values.of(METADATA_CACHE),
        values.of(MEMORY_LIMIT),
        values.of(MAX_UPSERT_ROWS));
  }
}
