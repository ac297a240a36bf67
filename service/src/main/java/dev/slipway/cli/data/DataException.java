package dev.slipway.cli.data;

import org.jspecify.annotations.Nullable;

/** A file isn't what it should be; the message says where and what was expected. */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public DataException(String message) {
    super(message);
  }

  public DataException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
