package dev.slipway.engine.commit;

/**
 * How a committer works.
 *
 * @param maxBatchCommits commits published in one batch at most
 * @param maxBatchBytes estimated size of a batch at most
 * @param maxStagedWrites of one commit
 * @param maxTables of one commit
 * @param publishAttempts how often a batch that lost its race is tried again
 * @param answerAttempts how often a key is tried again after an unclear answer
 */
public record CommitterOptions(
    int maxBatchCommits,
    int maxBatchBytes,
    int maxStagedWrites,
    int maxTables,
    int publishAttempts,
    int answerAttempts) {}
