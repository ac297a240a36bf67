package dev.slipway.engine;

/**
 * Who calls, and how to know that they left.
 *
 * @param actor the authenticated caller, or {@code anonymous}; recorded with commits
 * @param correlationId travels into logs
 * @param cancel fires when the caller cancels, its deadline passes, or the server stops
 */
public record CallContext(String actor, String correlationId, CancelSignal cancel) {
  public static final String ANONYMOUS = "anonymous";

  /** A caller that never cancels. */
  public static CallContext of(String actor) {
    return new CallContext(actor, "", new CancelSignal());
  }
}
