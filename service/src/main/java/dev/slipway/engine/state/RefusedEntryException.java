package dev.slipway.engine.state;

/** The fold refuses an entry: it says what must not happen, or what this process doesn't know. */
public final class RefusedEntryException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public RefusedEntryException(long revision, String why) {
    super("revision " + revision + ": " + why);
  }
}
