package dev.slipway.storage.lance;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * The root, and that it is still the folder it was when it was opened. One that vanished, or whose
 * disk isn't mounted any more, must neither look like an empty one nor be made anew by a write.
 */
final class RootFolder {
  private final Path path;

  /** Null where the file system can't tell folders apart. */
  private final @Nullable Object identity;

  private RootFolder(Path path, @Nullable Object identity) {
    this.path = path;
    this.identity = identity;
  }

  /** Makes the folder if it isn't there. */
  static RootFolder open(Path path, DurableFiles disk) throws IOException {
    disk.createDirectories(path);
    return new RootFolder(path, identity(path));
  }

  Path path() {
    return path;
  }

  /**
   * @throws StorageException {@code UNAVAILABLE}
   */
  void require() {
    Object found;
    try {
      found = identity(path);
    } catch (IOException e) {
      throw new StorageException(
          StorageErrorCode.UNAVAILABLE, "the root folder " + path + " can't be found", e);
    }
    if (identity != null && !identity.equals(found)) {
      throw StorageException.of(
          StorageErrorCode.UNAVAILABLE,
          "the root folder %s isn't the one that was there when it was opened",
          path);
    }
  }

  private static @Nullable Object identity(Path folder) throws IOException {
    return Files.readAttributes(folder, BasicFileAttributes.class).fileKey();
  }
}
