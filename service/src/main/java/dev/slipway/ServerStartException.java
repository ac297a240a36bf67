package dev.slipway;

/** A server can't start; the message says why. */
public final class ServerStartException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ServerStartException(Throwable cause) {
    super(String.valueOf(cause.getMessage()), cause);
  }
}
