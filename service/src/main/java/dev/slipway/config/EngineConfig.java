package dev.slipway.config;

import java.time.Duration;
import java.util.List;

/**
 * How databases work. The first three are written into a database's log when it is created and
 * don't change after that.
 *
 * @param idempotencyWindow how long a request id is remembered at least
 * @param idempotencyCommits for how many later revisions it is remembered at least
 * @param stagedLifetime how long a staged write lives unless renewed
 * @param checkpointEvery revisions between checkpoints
 * @param maxBatchCommits commits published together at most
 * @param maxStagedWritesPerCommit staged writes one commit may name
 * @param maxTablesPerCommit tables one commit may change
 * @param tableThreads tables of commits that are written at once
 * @param recoveryInterval time between background passes of recovery
 */
public record EngineConfig(
    Duration idempotencyWindow,
    long idempotencyCommits,
    Duration stagedLifetime,
    int checkpointEvery,
    int maxBatchCommits,
    int maxStagedWritesPerCommit,
    int maxTablesPerCommit,
    int tableThreads,
    Duration recoveryInterval) {

  private static final ConfigKey<Duration> IDEMPOTENCY_WINDOW =
      ConfigKey.time(
          "engine.idempotency-window",
          "1s",
          "365d",
          "24h",
          "How long a request id is remembered at least. Fixed when a database is created.");
  private static final ConfigKey<Long> IDEMPOTENCY_COMMITS =
      ConfigKey.number(
          "engine.idempotency-commits",
          0,
          10_000_000,
          10_000,
          "For how many later revisions a request id is remembered at least: commits, aborts and renewals"
              + " each take one. Fixed when a database is created.");
  private static final ConfigKey<Duration> STAGED_LIFETIME =
      ConfigKey.time(
          "engine.staged-lifetime",
          "1s",
          "365d",
          "24h",
          "How long a staged write lives unless renewed. Fixed when a database is created.");
  private static final ConfigKey<Integer> CHECKPOINT_EVERY =
      ConfigKey.count(
          "engine.checkpoint-every",
          1,
          1_000_000,
          250,
          "Revisions between checkpoints: fewer open faster, more write less.");
  private static final ConfigKey<Integer> MAX_BATCH_COMMITS =
      ConfigKey.count(
          "engine.max-batch-commits",
          1,
          10_000,
          256,
          "Commits of different callers published together at most.");
  private static final ConfigKey<Integer> MAX_STAGED_WRITES =
      ConfigKey.count(
          "engine.max-staged-writes-per-commit",
          1,
          100_000,
          1_000,
          "Staged writes one commit may name.");
  private static final ConfigKey<Integer> MAX_TABLES =
      ConfigKey.count(
          "engine.max-tables-per-commit", 1, 100_000, 1_000, "Tables one commit may change.");
  private static final ConfigKey<Integer> TABLE_THREADS =
      ConfigKey.count(
          "engine.table-threads", 1, 256, 4, "Tables of commits that are written at once.");

  private static final ConfigKey<Duration> RECOVERY_INTERVAL =
      ConfigKey.time(
          "engine.recovery-interval",
          "10ms",
          "1d",
          "30s",
          "Time between background passes that look for commits which a crashed server left.");

  static final List<ConfigKey<?>> KEYS =
      List.of(
          IDEMPOTENCY_WINDOW,
          IDEMPOTENCY_COMMITS,
          STAGED_LIFETIME,
          CHECKPOINT_EVERY,
          MAX_BATCH_COMMITS,
          MAX_STAGED_WRITES,
          MAX_TABLES,
          TABLE_THREADS,
          RECOVERY_INTERVAL);

  static EngineConfig of(ConfigValues values) {
    return new EngineConfig(
        values.of(IDEMPOTENCY_WINDOW),
        values.of(IDEMPOTENCY_COMMITS),
        values.of(STAGED_LIFETIME),
        values.of(CHECKPOINT_EVERY),
        values.of(MAX_BATCH_COMMITS),
        values.of(MAX_STAGED_WRITES),
        values.of(MAX_TABLES),
        values.of(TABLE_THREADS),
        values.of(RECOVERY_INTERVAL));
  }
}
