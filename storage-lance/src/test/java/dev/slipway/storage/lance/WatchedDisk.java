package dev.slipway.storage.lance;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;

/** Remembers what was forced, and fails to force what a test wants to fail. */
final class WatchedDisk extends DurableFiles {
  private final Collection<Path> forced = new ConcurrentLinkedQueue<>();
  private volatile Predicate<Path> failing = path -> false;
  private volatile String reason = "Input/output error";

  WatchedDisk() {
    super(true);
  }

  void failOn(Predicate<Path> paths) {
    failing = paths;
  }

  void failOn(Predicate<Path> paths, String withReason) {
    reason = withReason;
    failing = paths;
  }

  Collection<Path> forced() {
    return forced;
  }

  @Override
  void sync(Path path, FileChannel channel) throws IOException {
    if (failing.test(path)) {
      throw new IOException(reason);
    }
    super.sync(path, channel);
    forced.add(path);
  }
}
