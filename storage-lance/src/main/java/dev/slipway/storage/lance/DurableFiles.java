package dev.slipway.storage.lance;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forces files and folders to disk, whether or not the calling thread is interrupted: a force cut
 * short would look like a failing disk. A class, not an interface over the file system, so that
 * tests can make one force fail. Safe for use by many threads.
 *
 * <p>A force that fails may have lost what the system believed written, and a second one would not
 * say so again. So after one, of whatever file, nothing that was written may be relied on: {@link
 * #failure}.
 */
class DurableFiles implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DurableFiles.class);

  /** From so many on, several at once: the disk merges what is forced together. */
  private static final int MANY = 6;

  private static final int THREADS = 8;

  private final boolean enabled;
  private final ExecutorService pool;
  private volatile @Nullable String failure;

  /** What a force failed for: the next one would succeed, and prove nothing. */
  private final Set<Path> doubtful = ConcurrentHashMap.newKeySet();

  /**
   * @param enabled false makes every force do nothing
   */
  DurableFiles(boolean enabled) {
    this.enabled = enabled;
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, "slipway-force");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    this.pool = threads;
  }

  /** A force failed for another reason than a full disk: what is on the disk is unknown. */
  static final class ForceFailedException extends IOException {
    private static final long serialVersionUID = 1;

    ForceFailedException(Path path, IOException cause) {
      super("can't force " + path + " to disk: " + cause.getMessage(), cause);
    }
  }

  /** Why nobody knows what is on the disk, if a force has failed. */
  final Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  private void distrust(String why) {
    if (failure == null) {
      LOG.error("only reading from now on: {}", why);
      failure = why;
    }
  }

  /**
   * Whether a force of it has failed, so that nobody can tell any more what of it is on the disk.
   */
  final boolean isDoubtful(Path path) {
    return doubtful.contains(path);
  }

  /** A force of it has failed, for whatever reason, and what it was for may not be undone. */
  final void doubt(Path path, String why) {
    doubtful.add(path);
    distrust(why);
  }

  /**
   * Forces a file's contents, or a folder's entries.
   *
   * @throws ForceFailedException also if an earlier force of it failed
   */
  final void force(Path path) throws IOException {
    if (enabled) {
      if (isDoubtful(path)) {
        throw new ForceFailedException(
            path, new IOException("a force that succeeds proves nothing after one that failed"));
      }
      uninterrupted(
          () -> {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
              force(path, channel);
              return true;
            }
          });
    }
  }

  /** Writes a file and forces its contents; its name isn't durable yet. */
  final void write(Path file, byte[] contents) throws IOException {
    uninterrupted(
        () -> {
          try (FileChannel channel =
              FileChannel.open(
                  file,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING,
                  StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(contents);
            while (bytes.hasRemaining()) {
              channel.write(bytes);
            }
            if (enabled) {
              force(file, channel);
            }
            return true;
          }
        });
  }

  /** Reads a whole file. */
  final byte[] read(Path file) throws IOException {
    return uninterrupted(() -> Files.readAllBytes(file));
  }

  /** The one system call that everything here hangs on. */
  void sync(Path path, FileChannel channel) throws IOException {
    channel.force(true);
  }

  private void force(Path path, FileChannel channel) throws IOException {
    try {
      sync(path, channel);
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      if (isFull(e)) {
        throw e;
      }
      ForceFailedException failed = new ForceFailedException(path, e);
      doubt(path, String.valueOf(failed.getMessage()));
      throw failed;
    }
  }

  private static boolean isFull(IOException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("No space left") || message.contains("quota exceeded");
  }

  private interface Work<T> {
    T run() throws IOException;
  }

  /** An interrupt closes a channel; then the work is begun again, and the caller learns after. */
  private static <T> T uninterrupted(Work<T> work) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          return work.run();
        } catch (ClosedByInterruptException e) {
          interrupted |= Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Forces all of them, in no order.
   *
   * @throws IOException also if a force failed earlier
   */
  void forceAll(Collection<Path> paths) throws IOException {
    if (!enabled) {
      return;
    }
    String why = failure;
    if (why != null) {
      throw new IOException("a force would prove nothing since " + why);
    }
    if (paths.size() < MANY) {
      for (Path path : paths) {
        force(path);
      }
      return;
    }
    List<Future<?>> forced = new ArrayList<>();
    for (Path path : paths) {
      forced.add(
          pool.submit(
              () -> {
                force(path);
                return true;
              }));
    }
    awaitAll(forced);
  }

  @Override
  public void close() {
    pool.shutdown();
  }

  private static void awaitAll(List<Future<?>> forced) throws IOException {
    boolean interrupted = Thread.interrupted();
    IOException failure = null;
    try {
      for (Future<?> one : forced) {
        while (true) {
          try {
            one.get();
            break;
          } catch (InterruptedException e) {
            interrupted = true;
          } catch (ExecutionException | CancellationException e) {
            // The one that says most: after it nobody knows what is on the disk.
            if (!(failure instanceof ForceFailedException)) {
              failure =
                  e.getCause() instanceof IOException known
                      ? known
                      : new IOException("a force was cut short", e);
            }
            break;
          }
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    if (failure != null) {
      throw failure;
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
