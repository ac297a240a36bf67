package dev.slipway.engine.database;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.CommitResult;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Names;
import dev.slipway.engine.RequestKey;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.StagedWriteInfo;
import dev.slipway.engine.TableSchema;
import dev.slipway.engine.Upload;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.WriteTarget;
import dev.slipway.engine.commit.Change;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.filter.FilterParser;
import dev.slipway.engine.log.Micros;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.staging.StagedRecord;
import dev.slipway.engine.staging.StagedRefusals;
import dev.slipway.engine.state.Branch;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.storage.Assignment;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.TableSnapshot;
import dev.slipway.storage.TableStorage;
import dev.slipway.storage.WriteKind;
import dev.slipway.storage.predicate.Predicate;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.arrow.vector.ipc.ArrowReader;

/** One write from its header to its staged record or its commit. */
final class UploadSession implements Upload {
  private final DatabaseCore core;
  private final Commits commits;
  private final CallContext context;
  private final WriteOperation operation;
  private final Branch branch;
  private final Pin pin;
  private final long begun;
  private final TableSnapshot base;

  UploadSession(DatabaseCore core, Commits commits, CallContext context, WriteTarget target) {
    this.core = core;
    this.commits = commits;
    this.context = context;
    this.operation = target.operation();
    DatabaseState state = core.now();
    this.branch = core.branch(state, target.branch());
    this.pin = core.pin(branch, target.table());
    this.begun = state.revision();
    checkOperation();
    this.base = unlessExpired(() -> core.open(pin));
  }

  private void checkOperation() {
    boolean needsKeys =
        operation instanceof WriteOperation.Upsert
            || (operation instanceof WriteOperation.Append append && append.unique());
    if (needsKeys && pin.keys().isEmpty()) {
      throw SlipwayException.of(
              ErrorReason.ARGUMENT_INVALID,
              "table %s has no key columns; upserts and unique appends need them",
              pin.name())
          .with("field", "header");
    }
    if (operation instanceof WriteOperation.Update update) {
      if (update.set().isEmpty()) {
        throw SlipwayException.of(
                ErrorReason.ARGUMENT_INVALID, "an update must set at least one column")
            .with("field", "update.set");
      }
      for (String column : update.set().keySet()) {
        if (pin.keys().contains(column)) {
          throw SlipwayException.of(
                  ErrorReason.ARGUMENT_INVALID,
                  "column %s is a key of table %s and can't be updated; delete and append instead",
                  column,
                  pin.name())
              .with("field", "update.set");
        }
      }
    }
  }

  @Override
  public TableSchema schema() {
    return new TableSchema(base.schema(), pin.keys());
  }

  @Override
  public StagedWriteInfo stage(
      Optional<String> id, Supplier<String> digest, Optional<? extends ArrowReader> source) {
    id.ifPresent(Names::stagedWriteId);
    return core.guard(
        () -> {
          requireUnused(id, core.live().known());
          StagedWrite staged = unlessExpired(() -> forced(stageFiles(source)));
          StagedRecord record =
              record(id.orElseGet(core.parts().ids()::ulid), staged, digest.get());
          context.cancel().check();
          boolean written = core.staged().put(record);
          // The id may have been used up while the data came in.
          DatabaseState state = core.now();
          try {
            requireUnused(id, state);
            if (written) {
              requireLive(record, state);
            }
          } catch (SlipwayException e) {
            core.staged().delete(record.id());
            throw e;
          }
          return (written ? record : same(record, state)).info(state.settings());
        });
  }

  private static void requireUnused(Optional<String> id, DatabaseState state) {
    id.map(state.consumed()::get)
        .ifPresent(
            use -> {
              throw StagedRefusals.committed(id.get(), use.revision());
            });
  }

  /** The staged write that has the id already, if it has the same content and still lives. */
  private StagedRecord same(StagedRecord record, DatabaseState state) {
    StagedRecord same =
        core.staged()
            .get(record.id())
            .filter(other -> other.digest().equals(record.digest()))
            .orElseThrow(
                () ->
                    SlipwayException.of(
                            ErrorReason.STAGED_WRITE_EXISTS,
                            "staged write %s exists already with other content; use another id",
                            record.id())
                        .with("resource", record.id()));
    requireLive(same, state);
    return same;
  }

  /** A cleanup may have passed it, while its data came in too. */
  private void requireLive(StagedRecord record, DatabaseState state) {
    if (!core.isLive(record, state)) {
      throw SlipwayException.of(
              ErrorReason.STAGED_WRITE_EXPIRED,
              "staged write %s expired; stage it again under another id",
              record.id())
          .with("resource", record.id());
    }
  }

  @Override
  public CommitResult write(CommitOptions options, Optional<? extends ArrowReader> source) {
    return core.guard(
        () -> {
          CommitLimits.check(options);
          Optional<RequestKey> request = options.request();
          if (request.isPresent() && core.committer().isDecided(request.get().id())) {
            // Only the digest is needed: nothing is staged again.
            drain(source);
            return commits.replay(context, branch, begun, options);
          }
          StagedWrite staged = unlessExpired(() -> stageFiles(source));
          String digest = request.map(key -> key.digest().get()).orElse("");
          StagedRecord record = record(core.parts().ids().ulid(), staged, digest);
          return commits.commit(
              context, branch, begun, List.of(new Change.Inline(record)), options);
        });
  }

  private static void drain(Optional<? extends ArrowReader> source) {
    if (source.isEmpty()) {
      return;
    }
    try {
      while (source.get().loadNextBatch()) {
        source.get().getVectorSchemaRoot().clear();
      }
    } catch (IOException e) {
      throw SlipwayException.of(
              ErrorReason.PAYLOAD_INVALID,
              "the data can't be read: %s",
              String.valueOf(e.getMessage()))
          .causedBy(e);
    }
  }

  /** What a cleanup rightly reclaimed while the upload took its time isn't lost. */
  private <T> T unlessExpired(Supplier<T> work) {
    try {
      return work.get();
    } catch (StorageException e) {
      DatabaseState now = core.live().refresh();
      if (begun < now.stagedFloor()) {
        throw SlipwayException.of(
                ErrorReason.STAGED_WRITE_EXPIRED,
                "the upload began at revision %d, below the staged floor %d; stage it again",
                begun,
                now.stagedFloor())
            .causedBy(e);
      }
      throw e;
    }
  }

  private StagedWrite forced(StagedWrite staged) {
    core.backend().tables().forceStaged(List.of(staged));
    return staged;
  }

  private StagedWrite stageFiles(Optional<? extends ArrowReader> source) {
    context.cancel().check();
    core.parts().failures().at(FailPoint.STAGE_BEFORE_FILES);
    TableStorage tables = core.backend().tables();
    if (operation instanceof WriteOperation.Append append) {
      return append.unique()
          ? unique(tables, data(source))
          : tables.stageAppend(base, data(source));
    }
    if (operation instanceof WriteOperation.Overwrite) {
      return tables.stageOverwrite(base, data(source));
    }
    if (operation instanceof WriteOperation.Upsert upsert) {
      return tables.stageUpsert(base, pin.keys(), data(source), upsert.partial(), context.cancel());
    }
    if (operation instanceof WriteOperation.Delete delete) {
      return tables.stageDelete(
          base,
          delete.filter().map(FilterParser::parse).orElse(new Predicate.Constant(true)),
          context.cancel());
    }
    WriteOperation.Update update = (WriteOperation.Update) operation;
    Map<String, String> set = new TreeMap<>(update.set());
    return tables.stageUpdate(
        base,
        set.entrySet().stream()
            .map(e -> new Assignment(e.getKey(), FilterParser.parseValue(e.getValue())))
            .toList(),
        update.filter().map(FilterParser::parse),
        context.cancel());
  }

  /** An append whose keys are checked is an upsert that may replace nothing. */
  private StagedWrite unique(TableStorage tables, ArrowReader source) {
    StagedWrite staged = tables.stageUpsert(base, pin.keys(), source, false, context.cancel());
    if (staged.facts().rowsRemoved() > 0) {
      throw SlipwayException.of(
              ErrorReason.ROW_INVALID,
              "%d rows have a key that table %s has already; upsert them, or leave them out",
              staged.facts().rowsRemoved(),
              pin.name())
          .with("column", String.join(", ", pin.keys()));
    }
    return staged;
  }

  private static ArrowReader data(Optional<? extends ArrowReader> source) {
    return source.orElseThrow(
        () -> SlipwayException.of(ErrorReason.ARGUMENT_INVALID, "the operation needs data"));
  }

  private StagedRecord record(String id, StagedWrite staged, String digest) {
    long now = Micros.now(core.parts().clock());
    boolean unique = operation instanceof WriteOperation.Append append && append.unique();
    return new StagedRecord(
        id,
        0,
        branch.name(),
        branch.incarnation(),
        pin.name(),
        pin.table(),
        unique ? WriteKind.APPEND : staged.kind(),
        unique,
        core.backend().tables().toToken(staged),
        begun,
        pin.ref(),
        pin.schemaRevision(),
        staged.facts().rowsAdded(),
        staged.facts().rowsRemoved(),
        staged.facts().bytes(),
        digest,
        context.actor(),
        now,
        now);
  }

  @Override
  public void close() {
    base.close();
  }
}
