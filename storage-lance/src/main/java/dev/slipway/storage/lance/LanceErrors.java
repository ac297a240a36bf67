package dev.slipway.storage.lance;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.apache.arrow.memory.OutOfMemoryException;

/**
 * The one place that tells Lance's errors apart. They are plain exceptions: only the text says what
 * happened, so each text known here has a test that provokes it.
 */
final class LanceErrors {
  private static final int SHOWN = 400;

  private LanceErrors() {}

  /** A call into Lance; native code throws checked exceptions that its signatures don't name. */
  interface Call<T> {
    T call() throws Exception;
  }

  private record Known(String text, StorageErrorCode code) {}

  /** The first whose text occurs in the message decides. */
  private static final List<Known> KNOWN =
      List.of(
          new Known("No space left on device", StorageErrorCode.UNAVAILABLE),
          new Known("Disk quota exceeded", StorageErrorCode.UNAVAILABLE),
          new Known("Read-only file system", StorageErrorCode.UNAVAILABLE),
          new Known("Permission denied", StorageErrorCode.UNAVAILABLE),
          new Known("Too many open files", StorageErrorCode.UNAVAILABLE),
          new Known("Dataset at path", StorageErrorCode.VERSION_NOT_FOUND),
          new Known("Not found: ", StorageErrorCode.MISSING_FILE),
          new Known("No such file or directory", StorageErrorCode.MISSING_FILE),
          new Known("even though the field is marked non-null", StorageErrorCode.ROW_INVALID));

  /**
   * Runs a call into Lance.
   *
   * @param doing what it does, for the message: {@code open version 7 of table x}
   */
  static <T> T run(String doing, Call<T> call) {
    try {
      return call.call();
    } catch (StorageException e) {
      throw e;
    } catch (Exception e) {
      throw translate(doing, e);
    }
  }

  static StorageException translate(String doing, Exception e) {
    if (e instanceof StorageException known) {
      return known;
    }
    if (e.getCause() instanceof StorageException known) {
      return known;
    }
    String message = String.valueOf(e.getMessage());
    return new StorageException(code(e, message), "can't " + doing + ": " + firstLine(message), e);
  }

  private static StorageErrorCode code(Exception e, String message) {
    for (Known known : KNOWN) {
      if (message.contains(known.text())) {
        return known.code();
      }
    }
    if (e instanceof OutOfMemoryException) {
      return StorageErrorCode.RESOURCE_EXHAUSTED;
    }
    if (e instanceof NoSuchFileException) {
      return StorageErrorCode.MISSING_FILE;
    }
    return e instanceof IOException ? StorageErrorCode.UNAVAILABLE : StorageErrorCode.INTERNAL;
  }

  private static String firstLine(String message) {
    String line = message.lines().findFirst().orElse("");
    return line.length() > SHOWN ? line.substring(0, SHOWN) + "..." : line;
  }
}
