package dev.slipway.storage.lance;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * Folders that hold the keys of one thing, and go with the last of them: those of a staged write
 * and of a cleanup's candidates. There are as many as there ever were such things, so nobody
 * remembers them; and since any process may remove one and make it anew, a key in it is durable
 * only after the folder above was forced too. All other folders stay once they are there.
 */
final class PassingFolders {
  private static final Set<Path> ABOVE = Set.of(Path.of("staged"), Path.of("cleanup"));

  private final Path root;

  PassingFolders(Path root) {
    this.root = root;
  }

  /** Whether it is one, by its place. */
  boolean contain(Path folder) {
    Path parent = folder.getParent();
    return parent != null && !parent.equals(root) && ABOVE.contains(parent.getFileName());
  }

  /** Removes a folder that is one, unless there is something in it. */
  void removeEmpty(Path folder) throws IOException {
    if (!contain(folder)) {
      return;
    }
    try {
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException e) {
      return;
    }
  }
}
