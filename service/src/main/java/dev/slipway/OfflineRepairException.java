package dev.slipway;

/** A database can't be repaired; the message says why. */
public final class OfflineRepairException extends RuntimeException {
  private static final long serialVersionUID = 1;

  OfflineRepairException(String message, Throwable cause) {
    super(message, cause);
  }
}
