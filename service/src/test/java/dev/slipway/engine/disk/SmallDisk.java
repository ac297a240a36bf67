package dev.slipway.engine.disk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A file system of a few MiB of its own, where the machine lets a test mount one. */
final class SmallDisk implements AutoCloseable {
  private final Path folder;

  private SmallDisk(Path folder) {
    this.folder = folder;
  }

  /** Empty if this user may not mount. */
  static Optional<SmallDisk> mount(Path folder, int mebibytes) throws IOException {
    Files.createDirectories(folder);
    return run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs", folder.toString())
        ? Optional.of(new SmallDisk(folder))
        : Optional.empty();
  }

  private static boolean run(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  Path folder() {
    return folder;
  }

  private Path filler() {
    return folder.resolve("filler");
  }

  /** Fills it up but for so many bytes, about. */
  void fillBut(long bytes) {
    free();
    try {
      long size = Files.getFileStore(folder).getUsableSpace() - bytes;
      byte[] block = new byte[(int) Math.max(0, size)];
      Arrays.fill(block, (byte) 7);
      Files.write(filler(), block);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void free() {
    try {
      Files.deleteIfExists(filler());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes it read-only, or writable again. */
  void remount(boolean readOnly) {
    List<String> command = List.of("mount", "-o", "remount," + (readOnly ? "ro" : "rw"));
    if (!run(command.get(0), command.get(1), command.get(2), folder.toString())) {
      throw new AssertionError("the disk can't be remounted");
    }
  }

  @Override
  public void close() {
    if (!run("umount", folder.toString()) && !run("umount", "-l", folder.toString())) {
      throw new AssertionError("the disk can't be unmounted");
    }
  }
}
