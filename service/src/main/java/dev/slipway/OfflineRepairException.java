package dev.slipway;

import dev.slipway.engine.SlipwayException;
import java.util.Optional;

/** A database can't be repaired; the message says why. */
public final class OfflineRepairException extends RuntimeException {
  private static final long serialVersionUID = 1;

  OfflineRepairException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The engine's reason, {@code DATABASE_NOT_FOUND} for instance; empty if it wasn't asked. */
  public Optional<String> reason() {
    return getCause() instanceof SlipwayException known
        ? Optional.of(known.reason().name())
        : Optional.empty();
  }
}
