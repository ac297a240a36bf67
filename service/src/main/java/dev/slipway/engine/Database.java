package dev.slipway.engine;

import java.util.List;
import java.util.Optional;

/**
 * One open database. Safe for use by many threads; calls block until done. Everything fails with
 * {@link SlipwayException} and nothing else.
 *
 * <p>A call with a request id may be repeated: see {@link RequestKey}. When a call fails with
 * {@code OUTCOME_UNKNOWN} (or its caller left while it was being published), {@link #outcome} or
 * the same call again tells what became of it.
 */
public interface Database {
  DatabaseInfo info();

  /** The newest revision; reads the log on to its end. */
  long head();

  // ---- tables

  TableCommit createTable(
      CallContext context,
      String branch,
      String name,
      TableSchema schema,
      Optional<RequestKey> request);

  AtRevision<TableInfo> table(CallContext context, String name, ReadAt at);

  /**
   * Tables in order of name, without schemas.
   *
   * @param after names greater than this; empty: from the first
   * @param limit at most this many
   */
  AtRevision<List<TableInfo>> tables(CallContext context, ReadAt at, String after, int limit);

  CommitInfo dropTable(
      CallContext context, String branch, String name, Optional<RequestKey> request);

  TableCommit renameTable(
      CallContext context,
      String branch,
      String name,
      String newName,
      Optional<RequestKey> request);

  // ---- staging

  /** Begins a write: resolves the table and fixes the base. */
  Upload upload(CallContext context, WriteTarget target);

  StagedWriteInfo stagedWrite(CallContext context, String id);

  /** Live staged writes in order of id, greater than {@code after}. */
  List<StagedWriteInfo> stagedWrites(
      CallContext context, Optional<String> branch, String after, int limit);

  StagedWriteInfo renew(CallContext context, String id);

  void discard(CallContext context, String id);

  // ---- commits

  CommitResult commit(
      CallContext context, String branch, List<String> stagedWriteIds, CommitOptions options);

  /**
   * The first answer to a request that is decided: for one that can't even be put together any
   * more, since the table it names was dropped or renamed after it.
   *
   * @return empty if it isn't decided; then its digest isn't asked for
   * @throws SlipwayException why it failed, if that is what was decided; {@code REQUEST_ID_REUSED}
   */
  Optional<CommitResult> replayed(CallContext context, RequestKey request);

  Outcome outcome(CallContext context, String requestId, boolean fence);

  CommitInfo commitAt(CallContext context, long revision);

  /**
   * Commits of a branch, newest first. A page looks at a bounded part of the log, so it may be
   * short, or empty, with more to follow.
   *
   * @param table only those that changed this table
   * @param before revisions less than this; {@link Long#MAX_VALUE}: from the newest
   */
  CommitPage commits(
      CallContext context, String branch, Optional<String> table, long before, int limit);

  // ---- reading

  TableScan scan(CallContext context, String table, ReadAt at, ScanSpec spec);

  AtRevision<Long> count(CallContext context, String table, ReadAt at, Optional<String> filter);

  // ---- recovery

  /**
   * Completes or rolls back what crashes left behind, but for what this process is carrying out.
   * Safe beside live writers and other processes doing the same; repeating it changes nothing.
   */
  RecoveryReport recover(CallContext context);

  /**
   * What recovery did, newest first, as the log has it. A page may be short, or empty, with more to
   * follow.
   *
   * @param before revisions less than this; {@link Long#MAX_VALUE}: from the newest
   * @param limit at most this many
   */
  RecoveryPage recoveries(CallContext context, RecoveryFilter filter, long before, int limit);

  /** What is wrong, as far as is known without looking. Never blocks. */
  Condition condition();

  DatabaseStatus status(CallContext context);

  /**
   * Checks the database against itself and changes nothing. Damage is a finding; only storage that
   * can't be reached, or a caller that leaves, fails the call.
   *
   * @param deep also read every row of every version
   */
  VerifySummary verify(CallContext context, boolean deep, VerifyListener listener);

  // ---- reclaiming

  /**
   * Forgets old history and frees what nothing refers to any more. Safe beside live writers and
   * other processes doing the same, and at any point to break off. A file goes only once two
   * cleanups found it unreferenced, at least the grace period apart.
   *
   * @param dryRun tell what would be done, and change nothing
   * @param listener is told of each table
   * @throws SlipwayException {@code CLOCK_SKEW} if the newest record is more than ten minutes ahead
   *     of this process's clock
   */
  CleanupReport cleanup(
      CallContext context, CleanupPolicy policy, boolean dryRun, CleanupListener listener);
}
