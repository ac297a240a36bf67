package dev.slipway.engine.log;

/**
 * What the fold needs to know and therefore stands in the log, never in process configuration.
 *
 * @param idempotencySeconds how long a request id is remembered at least
 * @param idempotencyCommits for how many later revisions it is remembered at least
 * @param stagedLifetimeSeconds how long a staged write lives unless renewed
 */
public record Settings(
    long idempotencySeconds, long idempotencyCommits, long stagedLifetimeSeconds) {
  public static final Settings DEFAULT = new Settings(86_400, 10_000, 86_400);
}
