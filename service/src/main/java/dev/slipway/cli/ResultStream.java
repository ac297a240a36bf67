package dev.slipway.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where results go: standard output or a file. What can't be written fails by name, and is
 * remembered: a {@code PrintWriter} around this keeps failures to itself. Used by one thread.
 */
final class ResultStream extends OutputStream {
  private final OutputStream out;
  private final String name;
  private final boolean kept;
  private Optional<ResultException> failure = Optional.empty();

  private ResultStream(OutputStream out, String name, boolean kept) {
    this.out = out;
    this.name = name;
    this.kept = kept;
  }

  /** Nothing lies between this and the process's output that could swallow a failure. */
  static ResultStream standardOutput() {
    return shared(new FileOutputStream(FileDescriptor.out), "standard output");
  }

  /** Closing this leaves the stream open. */
  static ResultStream shared(OutputStream out, String name) {
    return new ResultStream(out, name, true);
  }

  /**
   * A file, which is emptied.
   *
   * @throws CommandException if it can't be opened
   */
  static ResultStream file(Path file) {
    try {
      return new ResultStream(Files.newOutputStream(file), file.toString(), false);
    } catch (IOException e) {
      Path folder = file.toAbsolutePath().getParent();
      String why =
          Files.isDirectory(file)
              ? "it is a folder"
              : folder != null && !Files.isDirectory(folder)
                  ? "there is no folder " + folder
                  : FileTrouble.reason(e);
      throw new CommandException(ExitCode.USAGE, "can't write to " + file + ": " + why);
    }
  }

  /** The first failure, also one that a writer around this swallowed. */
  Optional<ResultException> failure() {
    return failure;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      if (kept) {
        out.flush();
      } else {
        out.close();
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private ResultException failed(IOException cause) {
    ResultException now = new ResultException(name, cause);
    if (failure.isEmpty()) {
      failure = Optional.of(now);
    }
    return now;
  }
}
