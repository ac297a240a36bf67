package dev.slipway.storage.lance;

import dev.slipway.storage.MetadataKeys;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Small objects as files: the key is the path under the root. An object is written whole to a
 * temporary file, forced, hard-linked to its name (which one caller alone can do), and its folder
 * is forced.
 *
 * <p>After a force that failed, of whatever file, the store only reads: whoever can't know what is
 * on the disk must not build on it.
 */
final class LocalMetadataStore implements MetadataStore {
  private static final Logger LOG = LoggerFactory.getLogger(LocalMetadataStore.class);

  /** Not a legal segment of a key, so that no key can lead here. */
  static final String TEMPORARY = "~tmp";

  private static final Duration STALE = Duration.ofMinutes(10);
  private static final int LINK_ATTEMPTS = 10;

  /** One that was forgotten is forced once more. */
  private static final int FOLDERS = 65_536;

  private static final byte[] HOLLOW_BYTES = MetadataKeys.hollowValue();

  private final RootFolder root;
  private final Path temporary;
  private final DurableFiles disk;
  private final String prefix = UUID.randomUUID() + "-";
  private final AtomicLong sequence = new AtomicLong();

  /** Folders that stay, and are durable with all above them. */
  private final Set<Path> folders = ConcurrentHashMap.newKeySet();

  private final PassingFolders passing;
  private final LogFolders logs = new LogFolders();
  private final DurableKeys durable = new DurableKeys();
  private final AtomicBoolean closed = new AtomicBoolean();

  LocalMetadataStore(RootFolder root, DurableFiles disk) {
    this.root = root;
    this.temporary = root.path().resolve(TEMPORARY);
    this.disk = disk;
    this.passing = new PassingFolders(root.path());
    try {
      disk.createDirectories(temporary);
      sweep(Instant.now().minus(STALE));
    } catch (IOException e) {
      throw unavailable("open the metadata store in " + root.path(), e);
    }
  }

  @Override
  public boolean putIfAbsent(String key, byte[] value) {
    Path target = path(key);
    checkWritable();
    MetadataKeys.checkValue(key, value);
    Path file = write(key, value);
    boolean linked;
    try {
      linked = link(key, file, target);
      if (linked) {
        forceFolder(key, target);
      }
    } finally {
      remove(file);
    }
    return linked;
  }

  @Override
  public Optional<byte[]> get(String key) {
    Path target = path(key);
    checkOpen();
    byte[] value;
    try {
      value = disk.read(target);
    } catch (NoSuchFileException e) {
      root.require();
      logs.require(folder(target));
      return Optional.empty();
    } catch (IOException e) {
      if (Files.isDirectory(target)) {
        throw isPrefix(key);
      }
      throw unavailable("read key " + key, e);
    }
    logs.hasKey(folder(target));
    boolean hollow = Arrays.equals(value, HOLLOW_BYTES);
    if (!durable.contains(key, hollow)) {
      // Somebody else wrote it, and may not have come to force it.
      try {
        forceEntry(folder(target));
      } catch (IOException e) {
        if (isGone(folder(target), e)) {
          return Optional.empty();
        }
        if (e instanceof DurableFiles.ForceFailedException) {
          throw new StorageException(
              StorageErrorCode.OUTCOME_UNKNOWN,
              "key " + key + " is there, and nobody can tell whether it is on the disk",
              e);
        }
        throw unavailable("read key " + key, e);
      }
      durable.add(key, hollow);
    }
    return Optional.of(value);
  }

  @Override
  public List<String> list(String prefix, String after, int limit) {
    checkOpen();
    MetadataKeys.checkList(prefix, after, limit);
    Path folder = path(prefix.substring(0, prefix.length() - 1));
    try {
      List<String> keys = new KeyListing(disk, passing, after, limit).list(folder, prefix);
      if (keys.isEmpty()) {
        root.require();
        logs.require(folder);
      } else if (disk.failure().isPresent()) {
        // Which of them are on the disk shows when they are read.
        return keys;
      } else if (passing.contain(folder)
          && !keys.stream().allMatch(key -> durable.contains(key, false))) {
        disk.force(folder(folder));
      }
      keys.forEach(key -> durable.add(key, false));
      return keys;
    } catch (IOException e) {
      throw unavailable("list keys under " + prefix, e);
    }
  }

  @Override
  public void hollow(String key) {
    Path target = path(key);
    checkWritable();
    if (!Files.isRegularFile(target)) {
      root.require();
      return;
    }
    Path file = write(key, HOLLOW_BYTES);
    try {
      Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      remove(file);
      throw unavailable("hollow key " + key, e);
    }
    forceFolder(key, target);
    durable.add(key, true);
  }

  @Override
  public void delete(String key) {
    Path target = path(key);
    checkWritable();
    try {
      // Not forced: an object that a power loss brings back is deleted again by who cares.
      Files.deleteIfExists(target);
      durable.remove(key);
      passing.removeEmpty(folder(target));
    } catch (IOException e) {
      throw unavailable("delete key " + key, e);
    }
  }

  @Override
  public void close() {
    closed.set(true);
  }

  // ---- the steps of a write

  /** A whole, durable temporary file. */
  private Path write(String key, byte[] value) {
    Path file = temporary.resolve(prefix + sequence.incrementAndGet());
    boolean whole = false;
    try {
      disk.write(file, value);
      whole = true;
      return file;
    } catch (IOException e) {
      root.require();
      throw unavailable("write key " + key, e);
    } finally {
      if (!whole) {
        remove(file);
      }
    }
  }

  private boolean link(String key, Path file, Path target) {
    for (int attempt = 1; ; attempt++) {
      try {
        createFolder(key, folder(target));
        Files.createLink(target, file);
        logs.hasKey(folder(target));
        return true;
      } catch (FileAlreadyExistsException e) {
        if (Files.isDirectory(target)) {
          throw isPrefix(key);
        }
        return false;
      } catch (NoSuchFileException e) {
        // Somebody removed the folder, which was empty: it is made again, unless it is a log's.
        folders.remove(folder(target));
        root.require();
        if (attempt == LINK_ATTEMPTS) {
          throw unavailable("write key " + key, e);
        }
      } catch (IOException e) {
        throw unavailable("write key " + key, e);
      }
    }
  }

  /**
   * Makes a folder and those above it. Each that stays is forced into the one above, whoever made
   * it: that it is durable is as much our concern as theirs.
   */
  private void createFolder(String key, Path folder) throws IOException {
    if (folder.equals(root.path()) || folders.contains(folder)) {
      return;
    }
    Path above = folder(folder);
    createFolder(key, above);
    root.require();
    logs.require(folder);
    try {
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException e) {
      if (Files.isRegularFile(folder)) {
        throw StorageException.of(
            StorageErrorCode.INVALID_ARGUMENT, "a prefix of key %s is itself a key", key);
      }
    }
    if (!passing.contain(folder)) {
      disk.force(above);
      if (folders.size() >= FOLDERS) {
        folders.clear();
      }
      folders.add(folder);
    }
  }

  private void forceFolder(String key, Path target) {
    try {
      forceEntry(folder(target));
    } catch (IOException e) {
      if (isGone(folder(target), e)) {
        return;
      }
      disk.doubt(folder(target), String.valueOf(e.getMessage()));
      throw new StorageException(
          StorageErrorCode.OUTCOME_UNKNOWN, "can't force the folder of key " + key, e);
    }
    durable.add(key, false);
  }

  /** Makes the keys in a folder durable. */
  private void forceEntry(Path folder) throws IOException {
    disk.force(folder);
    if (passing.contain(folder)) {
      disk.force(folder(folder));
    }
  }

  /** Whether a key was deleted again before it was forced, and its folder with it. */
  private boolean isGone(Path folder, IOException e) {
    if (!(e instanceof NoSuchFileException) || !passing.contain(folder)) {
      return false;
    }
    try {
      root.require();
      return true;
    } catch (StorageException missing) {
      e.addSuppressed(missing);
      return false;
    }
  }

  private Path folder(Path target) {
    Path folder = target.getParent();
    return folder == null ? root.path() : folder;
  }

  private void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // The outcome doesn't hang on it: what stays is swept when the store is opened again.
      LOG.warn("can't remove the temporary file {}", file, e);
    }
  }

  private void sweep(Instant before) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(temporary)) {
      for (Path file : files) {
        // One that is gone was removed by its writer, and counts as new.
        if (Files.exists(file) && Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  // ---- rules

  private Path path(String key) {
    MetadataKeys.checkKey(key);
    return root.path().resolve(key);
  }

  private void checkOpen() {
    if (closed.get()) {
      throw StorageException.of(StorageErrorCode.CLOSED, "the metadata store is closed");
    }
  }

  private void checkWritable() {
    checkOpen();
    Optional<String> failure = disk.failure();
    if (failure.isPresent()) {
      throw StorageException.of(
          StorageErrorCode.UNAVAILABLE, "the metadata store only reads since %s", failure.get());
    }
  }

  private static StorageException isPrefix(String key) {
    return StorageException.of(
        StorageErrorCode.INVALID_ARGUMENT, "key %s is a prefix of other keys", key);
  }

  private static StorageException unavailable(String doing, IOException e) {
    String why =
        e instanceof AccessDeniedException
            ? "permission denied"
            : e instanceof NoSuchFileException
                ? "no such file or folder"
                : e instanceof FileSystemException f && f.getReason() != null
                    ? f.getReason()
                    : e.getClass().getSimpleName() + ": " + e.getMessage();
    return new StorageException(
        StorageErrorCode.UNAVAILABLE, String.format(Locale.ROOT, "can't %s: %s", doing, why), e);
  }
}
