package dev.slipway.storage.lance;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;

/**
 * Forces files and folders to disk. A class, not an interface over the file system, so that tests
 * can make one force fail.
 */
class DurableFiles {
  private final boolean enabled;

  /**
   * @param enabled false makes every force do nothing
   */
  DurableFiles(boolean enabled) {
    this.enabled = enabled;
  }

  /** Forces a file's contents, or a folder's entries. */
  void force(Path path) throws IOException {
    if (enabled) {
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /** Forces an open file's contents. */
  void force(FileChannel channel) throws IOException {
    if (enabled) {
      channel.force(false);
    }
  }

  void forceAll(Collection<Path> paths) throws IOException {
    for (Path path : paths) {
      force(path);
    }
  }

  /** Creates a folder and those above it, each durably: its parent is forced. */
  void createDirectories(Path folder) throws IOException {
    Deque<Path> missing = new ArrayDeque<>();
    for (Path at = folder; at != null && !Files.isDirectory(at); at = at.getParent()) {
      missing.push(at);
    }
    for (Path at : missing) {
      try {
        Files.createDirectory(at);
      } catch (FileAlreadyExistsException e) {
        // Somebody else made it; that it is durable is as much our concern as theirs.
        if (!Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS)) {
          throw e;
        }
      }
      Path parent = at.getParent();
      if (parent != null) {
        force(parent);
      }
    }
  }
}
