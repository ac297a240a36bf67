package dev.slipway.storage.lance;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.nio.file.Path;

/**
 * How the Lance backend is set up.
 *
 * @param root the folder that holds everything; made if it isn't there
 * @param fsync force new files and their folders to disk. Without it a power loss can take back
 *     what was acknowledged; default true
 * @param openVersions table versions kept open while nobody uses them, 1 or more; default 256
 * @param indexCacheBytes memory for index pages, native, at least 1 MiB; default 256 MiB
 * @param metadataCacheBytes memory for file metadata, native, at least 1 MiB; default 128 MiB
 */
public record LanceOptions(
    Path root, boolean fsync, int openVersions, long indexCacheBytes, long metadataCacheBytes) {
  private static final long MIB = 1L << 20;

  public LanceOptions {
    root = root.toAbsolutePath().normalize();
    require(openVersions >= 1, "openVersions must be 1 or more, found %d", openVersions);
    require(
        indexCacheBytes >= MIB, "indexCacheBytes must be 1 MiB or more, found %d", indexCacheBytes);
    require(
        metadataCacheBytes >= MIB,
        "metadataCacheBytes must be 1 MiB or more, found %d",
        metadataCacheBytes);
  }

  /** The defaults over a folder. */
  public static LanceOptions at(Path root) {
    return new LanceOptions(root, true, 256, 256 * MIB, 128 * MIB);
  }

  public LanceOptions withFsync(boolean wanted) {
    return new LanceOptions(root, wanted, openVersions, indexCacheBytes, metadataCacheBytes);
  }

  public LanceOptions withOpenVersions(int wanted) {
    return new LanceOptions(root, fsync, wanted, indexCacheBytes, metadataCacheBytes);
  }

  private static void require(boolean holds, String format, Object value) {
    if (!holds) {
      throw StorageException.of(StorageErrorCode.INVALID_ARGUMENT, format, value);
    }
  }
}
