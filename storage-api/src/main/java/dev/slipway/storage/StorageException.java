package dev.slipway.storage;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The one exception of the SPI; its {@link #code()} says what a caller may do. */
public final class StorageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final StorageErrorCode code;

  public StorageException(StorageErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** With a message made by {@link String#format}, which names what was expected and found. */
  public static StorageException of(StorageErrorCode code, String format, Object... args) {
    return new StorageException(code, String.format(Locale.ROOT, format, args), null);
  }

  public StorageErrorCode code() {
    return code;
  }
}
