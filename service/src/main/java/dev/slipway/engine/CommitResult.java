package dev.slipway.engine;

/**
 * A commit's answer.
 *
 * @param replayed whether an earlier call with the same request id made it
 */
public record CommitResult(CommitInfo commit, boolean replayed) {}
