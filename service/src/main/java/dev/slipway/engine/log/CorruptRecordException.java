package dev.slipway.engine.log;

import org.jspecify.annotations.Nullable;

/** A stored object isn't what was written, or not of a version this process can read. */
public final class CorruptRecordException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String key;

  public CorruptRecordException(String key, String why, @Nullable Throwable cause) {
    super(key + ": " + why, cause);
    this.key = key;
  }

  /** The object's key. */
  public String key() {
    return key;
  }
}
