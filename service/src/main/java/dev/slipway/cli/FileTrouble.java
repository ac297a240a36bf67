package dev.slipway.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;

/** Failures of files in words: some of the JDK's say nothing but the file's name. */
final class FileTrouble {
  private FileTrouble() {}

  /** What is the matter, without the file's name where that is known. */
  static String reason(IOException failure) {
    if (failure instanceof NoSuchFileException) {
      return "it isn't there";
    }
    if (failure instanceof AccessDeniedException) {
      return "access is denied";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return "it exists already";
    }
    if (failure instanceof FileSystemException known && known.getReason() != null) {
      return known.getReason();
    }
    return Objects.requireNonNullElse(failure.getMessage(), failure.getClass().getSimpleName());
  }

  /** The whole failure, with the file's name where it is known. */
  static String line(IOException failure) {
    return failure instanceof FileSystemException known && known.getFile() != null
        ? known.getFile() + ": " + reason(failure)
        : reason(failure);
  }
}
