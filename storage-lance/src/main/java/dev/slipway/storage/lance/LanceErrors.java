package dev.slipway.storage.lance;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.arrow.memory.OutOfMemoryException;

/**
 * The one place that tells Lance's errors apart. They are plain exceptions: only the text says what
 * happened, so each text known here has a test that provokes it.
 */
final class LanceErrors {
  private static final int SHOWN = 300;

  /** Text from the other side of Arrow's C interface. */
  private static final Pattern WRAPPED =
      Pattern.compile("CDataJniException\\{errno=-?[0-9]+, message=(.*)}", Pattern.DOTALL);

  /** A table's file within its home, as messages name it by its whole path. */
  private static final Pattern FILE =
      Pattern.compile(
          "(data|_deletions|_versions|_transactions|_indices)/[^\\s:,;'\"]+[0-9A-Za-z]");

  /** Where in its own source Lance found it. */
  private static final Pattern SOURCE = Pattern.compile(", /(workspace|rustc)/.*", Pattern.DOTALL);

  /** The first whose text occurs in the message decides. */
  private static final List<Known> KNOWN =
      List.of(
          // The disk, or what is mounted there.
          new Known("No space left on device", StorageErrorCode.UNAVAILABLE),
          new Known("Disk quota exceeded", StorageErrorCode.UNAVAILABLE),
          new Known("Read-only file system", StorageErrorCode.UNAVAILABLE),
          new Known("Permission denied", StorageErrorCode.UNAVAILABLE),
          new Known("Too many open files", StorageErrorCode.UNAVAILABLE),
          new Known("File exists (os error", StorageErrorCode.UNAVAILABLE),
          // Files that are gone or aren't what was written.
          new Known("Dataset at path", StorageErrorCode.VERSION_NOT_FOUND),
          new Known("Not found: ", StorageErrorCode.MISSING_FILE),
          new Known("No such file or directory (os error", StorageErrorCode.MISSING_FILE),
          new Known("Object at location", StorageErrorCode.MISSING_FILE),
          new Known("failed to fill whole buffer", StorageErrorCode.CORRUPT),
          new Known("does not appear to be a Lance file", StorageErrorCode.CORRUPT),
          new Known("file size is too small", StorageErrorCode.CORRUPT),
          new Known("does not have sufficient data", StorageErrorCode.CORRUPT),
          new Known("does not contain correct footer", StorageErrorCode.CORRUPT),
          new Known("failed to decode Protobuf", StorageErrorCode.CORRUPT),
          new Known("panicked with message", StorageErrorCode.CORRUPT),
          // The call.
          new Known("even though the field is marked non-null", StorageErrorCode.ROW_INVALID),
          new Known("Error parsing statement", StorageErrorCode.FILTER_INVALID),
          new Known("Error resolving filter expression", StorageErrorCode.FILTER_INVALID),
          new Known("Unable to allocate buffer", StorageErrorCode.RESOURCE_EXHAUSTED),
          new Known("Dataset is closed", StorageErrorCode.CLOSED));

  private LanceErrors() {}

  /** A call into Lance; native code throws checked exceptions that its signatures don't name. */
  interface Call<T> {
    T call() throws Exception;
  }

  private record Known(String text, StorageErrorCode code) {}

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
    StorageErrorCode code = code(e, message);
    StorageException failure =
        new StorageException(code, "can't " + doing + ": " + plain(message), e);
    Matcher file = FILE.matcher(message);
    return code.category() == StorageErrorCode.Category.CORRUPTION && file.find()
        ? failure.with(StorageException.Detail.RESOURCE, file.group())
        : failure;
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
    if (e instanceof AccessDeniedException) {
      return StorageErrorCode.UNAVAILABLE;
    }
    return e instanceof IOException ? StorageErrorCode.UNAVAILABLE : StorageErrorCode.INTERNAL;
  }

  /** One line of the message, without what only Lance's authors can use. */
  private static String plain(String message) {
    Matcher wrapped = WRAPPED.matcher(message);
    String inner = wrapped.find() ? wrapped.group(1) : message;
    String line = SOURCE.matcher(inner).replaceFirst("").lines().findFirst().orElse("");
    return line.length() > SHOWN ? line.substring(0, SHOWN) + "..." : line;
  }
}
