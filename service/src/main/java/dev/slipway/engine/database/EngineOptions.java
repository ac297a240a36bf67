package dev.slipway.engine.database;

import dev.slipway.engine.commit.CommitterOptions;
import dev.slipway.engine.log.Settings;
import dev.slipway.engine.state.PageLayout;
import java.time.Duration;

/**
 * How this process works; never what a log adds up to (that stands in the log).
 *
 * @param newDatabases the settings written into the log of a database when it is created
 * @param checkpointEvery revisions between checkpoints. Default 250
 * @param maxBatchCommits commits published in one batch at most. Default 256
 * @param maxBatchBytes estimated size of a batch at most; the log's own bound is 8 MiB. Default 4
 *     MiB
 * @param maxStagedWritesPerCommit default 1,000
 * @param maxTablesPerCommit default 1,000
 * @param publishAttempts how often a batch that lost its race is tried again. Default 30
 * @param answerAttempts how often a key is tried again after an unclear answer. Default 5
 * @param refreshInterval how long a reader sleeps between looks for a revision it waits for.
 *     Default 5 ms
 * @param pages of new databases; all processes of a root must agree. Anything but the default is
 *     for tests
 */
public record EngineOptions(
    Settings newDatabases,
    int checkpointEvery,
    int maxBatchCommits,
    int maxBatchBytes,
    int maxStagedWritesPerCommit,
    int maxTablesPerCommit,
    int publishAttempts,
    int answerAttempts,
    Duration refreshInterval,
    PageLayout pages) {

  public static final EngineOptions DEFAULT =
      new EngineOptions(
          Settings.DEFAULT,
          250,
          256,
          4 << 20,
          1_000,
          1_000,
          30,
          5,
          Duration.ofMillis(5),
          PageLayout.DEFAULT);

  /** What of it is the committer's. */
  public CommitterOptions committer() {
    return new CommitterOptions(
        maxBatchCommits,
        maxBatchBytes,
        maxStagedWritesPerCommit,
        maxTablesPerCommit,
        publishAttempts,
        answerAttempts);
  }
}
