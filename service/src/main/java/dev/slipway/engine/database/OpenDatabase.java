package dev.slipway.engine.database;

import dev.slipway.engine.AtRevision;
import dev.slipway.engine.CallContext;
import dev.slipway.engine.CleanupListener;
import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CleanupReport;
import dev.slipway.engine.CommitInfo;
import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.CommitPage;
import dev.slipway.engine.CommitResult;
import dev.slipway.engine.Condition;
import dev.slipway.engine.Database;
import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.DatabaseStatus;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.RecoveryFilter;
import dev.slipway.engine.RecoveryPage;
import dev.slipway.engine.RecoveryReport;
import dev.slipway.engine.RequestKey;
import dev.slipway.engine.ScanSpec;
import dev.slipway.engine.StagedWriteInfo;
import dev.slipway.engine.TableCommit;
import dev.slipway.engine.TableInfo;
import dev.slipway.engine.TableScan;
import dev.slipway.engine.TableSchema;
import dev.slipway.engine.Upload;
import dev.slipway.engine.VerifyListener;
import dev.slipway.engine.VerifySummary;
import dev.slipway.engine.WriteTarget;
import dev.slipway.engine.cleanup.Cleanup;
import dev.slipway.engine.state.DatabaseState;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One open database: each call goes to the class that knows it. */
final class OpenDatabase implements Database {
  private static final Logger LOG = LoggerFactory.getLogger(OpenDatabase.class);

  private final DatabaseCore core;
  private final Tables tables;
  private final Commits commits;
  private final StagedWrites stagedWrites;
  private final Reads reads;
  private final Maintenance maintenance;
  private final AtomicBoolean passing = new AtomicBoolean();

  OpenDatabase(DatabaseCore core) {
    this.core = core;
    this.tables = new Tables(core);
    this.commits = new Commits(core);
    this.stagedWrites = new StagedWrites(core);
    this.reads = new Reads(core, stagedWrites);
    this.maintenance = new Maintenance(core);
  }

  DatabaseCore core() {
    return core;
  }

  private <T> T guard(Supplier<T> work) {
    return core.guard(work);
  }

  private void guard(Runnable work) {
    core.guard(
        () -> {
          work.run();
          return true;
        });
  }

  @Override
  public DatabaseInfo info() {
    return core.info();
  }

  @Override
  public long head() {
    return guard(() -> core.live().refresh().revision());
  }

  @Override
  public TableCommit createTable(
      CallContext context,
      String branch,
      String name,
      TableSchema schema,
      Optional<RequestKey> request) {
    return guard(() -> tables.create(context, branch, name, schema, request));
  }

  @Override
  public AtRevision<TableInfo> table(CallContext context, String name, ReadAt at) {
    return guard(() -> tables.get(context, name, at));
  }

  @Override
  public AtRevision<List<TableInfo>> tables(
      CallContext context, ReadAt at, String after, int limit) {
    return guard(() -> tables.list(context, at, after, limit));
  }

  @Override
  public CommitInfo dropTable(
      CallContext context, String branch, String name, Optional<RequestKey> request) {
    return guard(() -> tables.drop(context, branch, name, request));
  }

  @Override
  public TableCommit renameTable(
      CallContext context,
      String branch,
      String name,
      String newName,
      Optional<RequestKey> request) {
    return guard(() -> tables.rename(context, branch, name, newName, request));
  }

  @Override
  public Upload upload(CallContext context, WriteTarget target) {
    return guard(() -> new UploadSession(core, commits, context, target));
  }

  @Override
  public StagedWriteInfo stagedWrite(CallContext context, String id) {
    return guard(() -> stagedWrites.get(id));
  }

  @Override
  public List<StagedWriteInfo> stagedWrites(
      CallContext context, Optional<String> branch, String after, int limit) {
    return guard(() -> stagedWrites.list(context, branch, after, limit));
  }

  @Override
  public StagedWriteInfo renew(CallContext context, String id) {
    return guard(() -> stagedWrites.renew(context, id));
  }

  @Override
  public void discard(CallContext context, String id) {
    guard(() -> stagedWrites.discard(id));
  }

  @Override
  public CommitResult commit(
      CallContext context, String branch, List<String> stagedWriteIds, CommitOptions options) {
    return guard(() -> commits.commit(context, branch, stagedWriteIds, options));
  }

  @Override
  public Optional<CommitResult> replayed(CallContext context, RequestKey request) {
    return guard(() -> commits.replayed(request));
  }

  @Override
  public Outcome outcome(CallContext context, String requestId, boolean fence) {
    return guard(() -> commits.outcome(context, requestId, fence));
  }

  @Override
  public CommitInfo commitAt(CallContext context, long revision) {
    return guard(() -> commits.at(revision));
  }

  @Override
  public CommitPage commits(
      CallContext context, String branch, Optional<String> table, long before, int limit) {
    return guard(() -> commits.list(context, branch, table, before, limit));
  }

  @Override
  public TableScan scan(CallContext context, String table, ReadAt at, ScanSpec spec) {
    return guard(() -> reads.scan(context, table, at, spec));
  }

  @Override
  public AtRevision<Long> count(
      CallContext context, String table, ReadAt at, Optional<String> filter) {
    return guard(() -> reads.count(context, table, at, filter));
  }

  @Override
  public RecoveryReport recover(CallContext context) {
    return recover();
  }

  /** Resolves what crashes left behind. */
  RecoveryReport recover() {
    return guard(() -> core.recovery().recover());
  }

  @Override
  public CleanupReport cleanup(
      CallContext context, CleanupPolicy policy, boolean dryRun, CleanupListener listener) {
    return guard(
        () -> {
          var unused = core.now();
          return new Cleanup(core.cleanupParts(), context, policy, dryRun, listener).run();
        });
  }

  @Override
  public RecoveryPage recoveries(
      CallContext context, RecoveryFilter filter, long before, int limit) {
    return guard(() -> maintenance.recoveries(filter, before, limit));
  }

  @Override
  public Condition condition() {
    return maintenance.condition();
  }

  @Override
  public DatabaseStatus status(CallContext context) {
    return guard(maintenance::status);
  }

  @Override
  public VerifySummary verify(CallContext context, boolean deep, VerifyListener listener) {
    return guard(() -> maintenance.verify(context, deep, listener));
  }

  /** A background pass, unless one is under way; it fails only in the log. */
  void backgroundPass() {
    if (!passing.compareAndSet(false, true)) {
      return;
    }
    try {
      DatabaseState state = core.live().refresh();
      if (!state.deleted() && core.live().poison().isEmpty()) {
        core.checkpointer().follow(state);
        var unused = core.recovery().backgroundPass();
      }
    } catch (RuntimeException e) {
      LOG.warn("a background pass over database {} failed", info().name(), e);
    } finally {
      passing.set(false);
    }
  }

  void close() {
    core.committer().close();
  }
}
