package dev.slipway.engine.database;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Names;
import dev.slipway.engine.RequestKey;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.cleanup.CleanupParts;
import dev.slipway.engine.commit.Change;
import dev.slipway.engine.commit.Committer;
import dev.slipway.engine.commit.IntentStore;
import dev.slipway.engine.commit.OperationSpec;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.Layout;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.Micros;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.recovery.Recovery;
import dev.slipway.engine.staging.StagedRecord;
import dev.slipway.engine.staging.StagedStore;
import dev.slipway.engine.state.Branch;
import dev.slipway.engine.state.CheckpointStore;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.state.History;
import dev.slipway.engine.state.LiveState;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableSnapshot;
import dev.slipway.storage.Text;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The parts of one open database, put together, and what its calls share. */
final class DatabaseCore {
  private final DatabaseInfo info;
  private final EngineParts parts;
  private final LogStore log;
  private final CheckpointStore checkpoints;
  private final LiveState<DatabaseState> live;
  private final History history;
  private final StagedStore staged;
  private final IntentStore intents;
  private final Committer committer;
  private final Recovery recovery;
  private final Revisions revisions;
  private final Checkpointer checkpointer;

  DatabaseCore(DatabaseInfo info, EngineParts parts) {
    this.info = info;
    this.parts = parts;
    String home = Layout.home(info.id());
    MetadataStore store = parts.backend().metadata();
    this.log = new LogStore(store, home);
    this.checkpoints = new CheckpointStore(store, home, parts.options().pages(), parts.failures());
    this.live = new LiveState<>(log, () -> checkpoints.newest(info.id()));
    long loaded = live.known().revision();
    this.checkpointer = new Checkpointer(info, parts, checkpoints, loaded);
    requireLog(loaded, live.refresh());
    this.history = new History(log, checkpoints, info.id(), live::refresh);
    this.staged = new StagedStore(store, home, parts.failures());
    this.intents = new IntentStore(store, home);
    this.committer =
        new Committer(
            parts.backend(),
            info.id(),
            log,
            live,
            history,
            intents,
            staged,
            parts.failures(),
            parts.clock(),
            parts.ids(),
            parts.options().committer(),
            parts.instance(),
            parts.work(),
            checkpointer::writeIfDue);
    this.recovery = new Recovery(intents, live, committer, parts.failures());
    this.revisions = new Revisions(live, history, parts.work(), parts.options().refreshInterval());
  }

  /** A checkpoint without the log it was made of would make an end of what isn't one. */
  private void requireLog(long loaded, DatabaseState state) {
    if (state.revision() > 0 && state.revision() == loaded) {
      long last = state.batchStart(state.revision());
      if (log.bytes(last).isEmpty()) {
        throw new CorruptRecordException(
            log.key(last), "it is gone, and a checkpoint says that it was there", null);
      }
    }
  }

  DatabaseInfo info() {
    return info;
  }

  EngineParts parts() {
    return parts;
  }

  StorageBackend backend() {
    return parts.backend();
  }

  LogStore log() {
    return log;
  }

  LiveState<DatabaseState> live() {
    return live;
  }

  History history() {
    return history;
  }

  StagedStore staged() {
    return staged;
  }

  IntentStore intents() {
    return intents;
  }

  Committer committer() {
    return committer;
  }

  Recovery recovery() {
    return recovery;
  }

  CheckpointStore checkpoints() {
    return checkpoints;
  }

  Checkpointer checkpointer() {
    return checkpointer;
  }

  Revisions revisions() {
    return revisions;
  }

  CleanupParts cleanupParts() {
    return new CleanupParts(
        backend(),
        info.id(),
        Layout.home(info.id()),
        log,
        live,
        history,
        checkpoints,
        staged,
        intents,
        committer,
        parts.failures(),
        parts.clock(),
        parts.ids());
  }

  /** Whether a staged write can still be committed, as far as its age goes. */
  boolean isLive(StagedRecord record, DatabaseState state) {
    return state.stagedLives(record.id(), record.begun())
        && Micros.now(parts.clock()) <= record.expiresAt(state.settings());
  }

  /** The state at the head of the log. */
  DatabaseState now() {
    DatabaseState state = live.refresh();
    if (state.deleted()) {
      throw dropped();
    }
    return state;
  }

  private SlipwayException dropped() {
    return SlipwayException.of(
            ErrorReason.DATABASE_NOT_FOUND, "database %s was dropped", info.name())
        .with("resource", info.name());
  }

  /**
   * As {@link Guard#guard}, but what a database lacks that was dropped meanwhile isn't lost: it is
   * reclaimed.
   */
  <T> T guard(Supplier<T> work) {
    try {
      return Guard.guard(work);
    } catch (SlipwayException e) {
      throw e.reason().kind() == ErrorReason.Kind.DATA_LOSS && isDropped()
          ? dropped().causedBy(e)
          : e;
    }
  }

  /** What went wrong while {@code revision} was read: what is gone may rightly be. */
  SlipwayException explained(SlipwayException failure, long revision) {
    if (failure.reason().kind() != ErrorReason.Kind.DATA_LOSS) {
      return failure;
    }
    if (isDropped()) {
      return dropped().causedBy(failure);
    }
    DatabaseState now = live.known();
    return revision < now.floor() ? History.expired(revision, now).causedBy(failure) : failure;
  }

  private boolean isDropped() {
    try {
      return live.refresh().deleted();
    } catch (StorageException e) {
      return live.known().deleted();
    }
  }

  Branch branch(DatabaseState state, String name) {
    return state
        .branch(Names.branch(name))
        .orElseThrow(
            () ->
                SlipwayException.of(
                        ErrorReason.BRANCH_NOT_FOUND,
                        "no branch %s in database %s",
                        name,
                        info.name())
                    .with("resource", name));
  }

  Pin pin(Branch branch, String table) {
    return branch
        .table(table)
        .orElseThrow(
            () ->
                SlipwayException.of(
                        ErrorReason.TABLE_NOT_FOUND,
                        "no table %s on branch %s of database %s",
                        Text.quote(table),
                        branch.name(),
                        info.name())
                    .with("resource", table));
  }

  TableId tableId(Pin pin) {
    return new TableId(info.id(), pin.table());
  }

  TableSnapshot open(Pin pin) {
    return backend().tables().open(tableId(pin), pin.ref());
  }

  /**
   * Opens a version that was readable at a revision a moment ago.
   *
   * @throws SlipwayException {@code REVISION_EXPIRED} if it has been reclaimed since
   */
  TableSnapshot open(Pin pin, long revision) {
    try {
      return open(pin);
    } catch (StorageException e) {
      DatabaseState now = live.refresh();
      if (revision < now.floor()) {
        throw History.expired(revision, now).causedBy(e);
      }
      throw e;
    }
  }

  /** An operation that begins now. */
  OperationSpec operation(
      CallContext context, Optional<RequestKey> request, Branch branch, List<Change> changes) {
    return new OperationSpec(
        parts.ids().ulid(),
        request.map(key -> Names.requestId(key.id())).orElse(null),
        request.map(key -> key.digest().get()).orElse(null),
        context.actor(),
        live.known().revision(),
        branch.name(),
        branch.incarnation(),
        changes,
        List.of(),
        "",
        Map.of());
  }
}
