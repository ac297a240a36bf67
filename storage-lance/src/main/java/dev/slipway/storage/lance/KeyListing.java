package dev.slipway.storage.lance;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.regex.Pattern;

/**
 * One listing of keys in the order of their characters. A folder is forced before it is read, so
 * that the keys found are durable; the homes of tables are no keys and aren't entered; folders left
 * empty inside of what is listed are removed.
 */
final class KeyListing {
  private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9._-]+");
  private static final Pattern HOMES = Pattern.compile("db/[^/]+/tables/");

  private final DurableFiles disk;
  private final String after;
  private final int limit;
  private final List<String> keys = new ArrayList<>();

  KeyListing(DurableFiles disk, String after, int limit) {
    this.disk = disk;
    this.after = after;
    this.limit = limit;
  }

  /**
   * @param prefix the folder's own key, ending with a slash
   */
  List<String> list(Path folder, String prefix) throws IOException {
    walk(folder, prefix);
    return keys;
  }

  /** Returns whether the folder has anything in it. */
  private boolean walk(Path folder, String prefix) throws IOException {
    if (HOMES.matcher(prefix).matches()) {
      return true;
    }
    boolean occupied = false;
    int wanted = limit - keys.size();
    // A log may have millions of keys: no more of them are kept than asked for.
    PriorityQueue<String> files = new PriorityQueue<>(Comparator.reverseOrder());
    Map<String, Path> folders = new HashMap<>();
    try {
      boolean nested = mayHaveFolders(folder);
      try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
        for (Path path : found) {
          String name = String.valueOf(path.getFileName());
          if (!SEGMENT.matcher(name).matches()) {
            continue;
          }
          occupied = true;
          String key = prefix + name;
          String inside = key + "/";
          boolean ahead = inside.compareTo(after) > 0 || after.startsWith(inside);
          if (nested && ahead) {
            Optional<Boolean> isFolder = isFolder(path);
            if (isFolder.isEmpty()) {
              continue;
            }
            if (isFolder.get()) {
              folders.put(inside, path);
              continue;
            }
          }
          if (key.compareTo(after) > 0) {
            files.add(key);
            if (files.size() > wanted) {
              files.remove();
            }
          }
        }
      }
      // After reading: what appeared before the names were read is durable now, all of it.
      disk.force(folder);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return false;
    }
    // A folder sorts with its slash: that is the order of the keys in it.
    List<String> sorted = new ArrayList<>(files);
    sorted.addAll(folders.keySet());
    Collections.sort(sorted);
    for (String key : sorted) {
      if (keys.size() == limit) {
        break;
      }
      Path inner = folders.get(key);
      if (inner == null) {
        keys.add(key);
      } else if (!walk(inner, key)) {
        removeEmpty(inner);
      }
    }
    return occupied;
  }

  /** Empty if it is gone by now: what it was can't be told, and it needn't be listed. */
  private static Optional<Boolean> isFolder(Path path) throws IOException {
    try {
      return Optional.of(Files.readAttributes(path, BasicFileAttributes.class).isDirectory());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * A look at each entry of a long log would cost more than reading their names. Elsewhere folders
   * come and go while names are read.
   */
  private static boolean mayHaveFolders(Path folder) throws IOException {
    if (!LogFolders.isLog(folder)
        || !folder.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      return true;
    }
    // Where links to folders are counted, one without subfolders has two.
    return !Integer.valueOf(2).equals(Files.getAttribute(folder, "unix:nlink"));
  }

  private static void removeEmpty(Path folder) throws IOException {
    try {
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException e) {
      // Somebody has just put a key there; it wasn't there when we listed.
      return;
    }
  }
}
