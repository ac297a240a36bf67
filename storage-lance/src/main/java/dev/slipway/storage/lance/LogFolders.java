package dev.slipway.storage.lance;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Folders of logs in which a key was seen. A log's keys are never deleted, so one of these that is
 * missing was taken away: it must neither look like the end of its log nor be made anew by a write.
 * Safe for use by many threads.
 */
final class LogFolders {
  private static final Path NAME = Path.of("log");

  private final Set<Path> seen = ConcurrentHashMap.newKeySet();

  /** Whether it is a log's, by its name. */
  static boolean isLog(Path folder) {
    return NAME.equals(folder.getFileName());
  }

  /** There is a key in it. */
  void hasKey(Path folder) {
    if (isLog(folder)) {
      seen.add(folder);
    }
  }

  /**
   * @throws StorageException {@code UNAVAILABLE} if it had a key and is gone
   */
  void require(Path folder) {
    if (seen.contains(folder) && !Files.isDirectory(folder)) {
      throw StorageException.of(
          StorageErrorCode.UNAVAILABLE,
          "the log folder %s can't be found; it was there before",
          folder);
    }
  }
}
