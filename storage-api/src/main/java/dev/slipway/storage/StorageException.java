package dev.slipway.storage;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The one exception of the SPI; its {@link #code()} says what a caller may do. */
public final class StorageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final StorageErrorCode code;
  private final transient Map<Detail, String> details;

  /** What a failure is about, for programs. */
  public enum Detail {
    /** The row of the upload, from 0. */
    ROW,
    /** The column; the names of a key's columns are joined by a comma and a space. */
    COLUMN,
    /** The file, version or table that isn't there or is damaged. */
    RESOURCE,
    /** The bound that is reached. */
    LIMIT
  }

  public StorageException(StorageErrorCode code, String message, @Nullable Throwable cause) {
    this(code, message, cause, Map.of());
  }

  private StorageException(
      StorageErrorCode code,
      String message,
      @Nullable Throwable cause,
      Map<Detail, String> details) {
    super(message, cause);
    this.code = code;
    this.details = Map.copyOf(details);
  }

  /** With a message made by {@link String#format}, which names what was expected and found. */
  public static StorageException of(StorageErrorCode code, String format, Object... args) {
    return new StorageException(code, String.format(Locale.ROOT, format, args), null);
  }

  /** The same with one more fact. */
  public StorageException with(Detail detail, Object value) {
    Map<Detail, String> more = new EnumMap<>(Detail.class);
    more.putAll(details);
    more.put(detail, String.valueOf(value));
    return new StorageException(code, String.valueOf(getMessage()), getCause(), more);
  }

  public StorageErrorCode code() {
    return code;
  }

  public Map<Detail, String> details() {
    return details;
  }
}
