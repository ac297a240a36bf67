package dev.slipway.storage.lance;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * One listing of keys in the order of their characters. A folder is forced after it is read, so
 * that the keys found are durable; the homes of tables are no keys and aren't entered; {@linkplain
 * PassingFolders passing folders} found empty inside of what is listed are removed. What it looks
 * at and holds is bounded by the limit, not by what there is.
 */
final class KeyListing {
  private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9._-]+");
  private static final Pattern HOMES = Pattern.compile("db/[^/]+/tables/");

  /** Names of folders held at once: if all of them turn out empty, it reads on behind them. */
  private static final int HELD = 100_000;

  private final DurableFiles disk;
  private final PassingFolders passing;
  private final String after;
  private final int limit;
  private final List<String> keys = new ArrayList<>();

  KeyListing(DurableFiles disk, PassingFolders passing, String after, int limit) {
    this.disk = disk;
    this.passing = passing;
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

  private void walk(Path folder, String prefix) throws IOException {
    if (HOMES.matcher(prefix).matches()) {
      return;
    }
    PriorityQueue<String> next = new PriorityQueue<>();
    String rest = prefix;
    try {
      boolean nested = mayHaveFolders(folder);
      while (!rest.isEmpty() && keys.size() < limit) {
        rest = read(folder, prefix, rest, nested, next);
        take(folder, prefix, rest, nested, next);
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      // There is nothing in it.
      return;
    }
  }

  /**
   * Reads the first names of a folder, as keys without a slash.
   *
   * @param from leaves out those less than this
   * @return the first that is left to be read, or nothing
   */
  private String read(
      Path folder, String prefix, String from, boolean nested, PriorityQueue<String> into)
      throws IOException {
    int bound = nested ? Math.max(limit, HELD) : limit - keys.size();
    NavigableSet<String> found = new TreeSet<>();
    String rest = "";
    try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder)) {
      for (Path path : paths) {
        String name = String.valueOf(path.getFileName());
        String key = prefix + name;
        boolean wanted = key.compareTo(after) > 0 || (nested && leadsOn(key + "/"));
        if (wanted && key.compareTo(from) >= 0 && SEGMENT.matcher(name).matches()) {
          found.add(key);
          if (found.size() > bound) {
            rest = found.pollLast();
          }
        }
      }
    }
    if (!found.isEmpty() && !disk.isDoubtful(folder)) {
      // After reading: what appeared before the names were read is durable now, all of it.
      disk.force(folder);
    }
    into.addAll(found);
    return rest;
  }

  private void take(
      Path folder, String prefix, String rest, boolean nested, PriorityQueue<String> next)
      throws IOException {
    while (keys.size() < limit
        && !next.isEmpty()
        && (rest.isEmpty() || next.element().compareTo(rest) < 0)) {
      String key = next.remove();
      if (key.endsWith("/")) {
        enter(folder.resolve(key.substring(prefix.length(), key.length() - 1)), key);
        continue;
      }
      if (nested && leadsOn(key + "/")) {
        Optional<Boolean> isFolder = isFolder(folder.resolve(key.substring(prefix.length())));
        if (isFolder.isEmpty()) {
          continue;
        }
        if (isFolder.get()) {
          // Sorts with its slash: that is the order of the keys in it.
          next.add(key + "/");
          continue;
        }
      }
      if (key.compareTo(after) > 0) {
        keys.add(key);
      }
    }
  }

  private void enter(Path folder, String prefix) throws IOException {
    int before = keys.size();
    walk(folder, prefix);
    if (keys.size() == before) {
      passing.removeEmpty(folder);
    }
  }

  /** Whether a folder has keys after {@link #after}, if it has any. */
  private boolean leadsOn(String inside) {
    return inside.compareTo(after) > 0 || after.startsWith(inside);
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
}
