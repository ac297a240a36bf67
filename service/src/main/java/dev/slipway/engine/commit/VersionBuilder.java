package dev.slipway.engine.commit;

import dev.slipway.engine.Conflict;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.StorageErrors;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.staging.StagedRecord;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.storage.Cancellation;
import dev.slipway.storage.Rebase;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableSnapshot;
import dev.slipway.storage.TableStorage;
import dev.slipway.storage.TableVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Step 3 of a commit: makes the table versions of a batch and forces them to disk. Each table is a
 * chain, one version per operation that changes it; tables go in parallel.
 */
final class VersionBuilder {
  private final StorageBackend backend;
  private final String database;
  private final SideBySide tables;
  private final FailureInjector failures;

  /**
   * @param tables runs tables in parallel
   */
  VersionBuilder(
      StorageBackend backend, String database, SideBySide tables, FailureInjector failures) {
    this.backend = backend;
    this.database = database;
    this.tables = tables;
    this.failures = failures;
  }

  /** An operation and what it has to do. */
  record Work(Operation operation, Plan plan) {}

  /** Operations failed; the others of their batch must be validated anew without them. */
  static final class FailedOperationException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient List<Operation> operations;
    private final SlipwayException failure;

    FailedOperationException(List<Operation> operations, SlipwayException failure) {
      super(failure);
      this.operations = operations;
      this.failure = failure;
    }

    List<Operation> operations() {
      return operations;
    }

    SlipwayException failure() {
      return failure;
    }
  }

  /** One link of a table's chain. */
  private record Link(Operation operation, Plan.Touch touch) {}

  /**
   * Forces the files of writes that have no staged record to disk: an intent is about to name them.
   */
  void forceInline(List<Operation> operations) {
    List<StagedWrite> inline = new ArrayList<>();
    for (Operation operation : operations) {
      for (Change change : operation.spec().changes()) {
        if (change instanceof Change.Inline write) {
          inline.add(backend.tables().fromToken(write.staged().token()));
        }
      }
    }
    backend.tables().forceStaged(inline);
  }

  /** Whether it has such a write. */
  static boolean isInline(Operation operation) {
    return operation.spec().changes().stream().anyMatch(Change.Inline.class::isInstance);
  }

  /**
   * Fills {@link Operation#made()} of every operation.
   *
   * @throws FailedOperationException if one of them can't be done; if the disk fails, all
   */
  void build(List<Work> batch, DatabaseState state) {
    Map<String, List<Link>> chains = new LinkedHashMap<>();
    Map<String, Pin> bases = new HashMap<>();
    for (Work work : batch) {
      for (Plan.Touch touch : work.plan().touches()) {
        if (touch.nameAfter() != null) {
          chains
              .computeIfAbsent(touch.tableId(), id -> new ArrayList<>())
              .add(new Link(work.operation(), touch));
          state
              .branch(work.plan().branch())
              .flatMap(
                  b ->
                      touch.nameBefore() == null
                          ? Optional.<Pin>empty()
                          : b.table(touch.nameBefore())
                              .filter(p -> p.table().equals(touch.tableId())))
              .or(
                  () ->
                      state.branch(work.plan().branch()).flatMap(b -> b.tableById(touch.tableId())))
              .ifPresent(pin -> bases.putIfAbsent(touch.tableId(), pin));
        }
      }
    }
    AtomicBoolean first = new AtomicBoolean(true);
    List<TableVersion> fresh = Collections.synchronizedList(new ArrayList<>());
    List<Runnable> jobs = new ArrayList<>();
    chains.forEach(
        (id, links) ->
            jobs.add(
                () -> {
                  chain(id, bases.get(id), links, state, fresh);
                  if (first.compareAndSet(true, false)) {
                    failures.at(FailPoint.COMMIT_AFTER_FIRST_TABLE);
                  }
                }));
    try {
      tables.run(jobs);
    } catch (RuntimeException e) {
      forget(batch);
      throw e;
    }
    try {
      backend.tables().force(List.copyOf(fresh));
    } catch (StorageException e) {
      forget(batch);
      // Nobody's fault, and nobody can tell whose files it lost.
      throw new FailedOperationException(
          batch.stream().map(Work::operation).toList(), StorageErrors.translate(e));
    }
  }

  /** What isn't forced to disk may not be named: all is made again. */
  private static void forget(List<Work> batch) {
    batch.forEach(work -> work.operation().made().clear());
  }

  private void chain(
      String id,
      @Nullable Pin base,
      List<Link> links,
      DatabaseState state,
      List<TableVersion> fresh) {
    TableId table = new TableId(database, id);
    Pin current = base;
    boolean stale = false;
    for (Link link : links) {
      Made made = link.operation().made().get(id);
      boolean reusable =
          made != null
              && !stale
              && Objects.equals(made.base(), current == null ? null : current.ref())
              && made.at() >= state.stagedFloor();
      if (reusable) {
        // A rename moves no base, yet the table has another name and number after it.
        made = Objects.requireNonNull(made).as(link.touch());
      } else {
        stale = true;
        try {
          made = make(table, current, link.touch(), state, fresh);
        } catch (StorageException e) {
          throw new FailedOperationException(List.of(link.operation()), StorageErrors.translate(e));
        } catch (SlipwayException e) {
          throw new FailedOperationException(List.of(link.operation()), e);
        }
      }
      link.operation().made().put(id, made);
      current = made.pin();
    }
  }

  private Made make(
      TableId table,
      @Nullable Pin base,
      Plan.Touch touch,
      DatabaseState state,
      List<TableVersion> fresh) {
    Pin current = base;
    long added = 0;
    long removed = 0;
    if (touch.create().isPresent()) {
      current = home(table, touch.create().get());
    }
    if (current == null) {
      throw SlipwayException.of(
          ErrorReason.TABLE_NOT_FOUND, "table %s is gone", String.valueOf(touch.nameBefore()));
    }
    for (StagedRecord write : touch.writes()) {
      TableVersion version = apply(table, current, write);
      fresh.add(version);
      added += version.facts().rowsAdded();
      removed += version.facts().rowsRemoved();
      current = pinOf(current, version);
    }
    return new Made(
        base == null ? null : base.ref(),
        Made.pin(current, touch),
        added,
        removed,
        touch.rebased(),
        state.revision());
  }

  private Pin home(TableId table, Change.Create create) {
    failures.at(FailPoint.TABLE_BEFORE_HOME_CREATED);
    Schema schema;
    try {
      schema = Schema.fromJSON(create.schema());
    } catch (IOException e) {
      throw SlipwayException.of(
              ErrorReason.CORRUPT_RECORD, "the schema of table %s can't be read", create.name())
          .causedBy(e);
    }
    TableVersion version = backend.inlineResidual().createHome(table, schema);
    failures.at(FailPoint.TABLE_AFTER_HOME_CREATED);
    return new Pin(
        table.table(),
        create.name(),
        1,
        version.ref().storageVersion(),
        version.ref().transactionId(),
        version.facts().schemaFingerprint(),
        0,
        create.keys(),
        0,
        version.facts().bytes(),
        0);
  }

  private TableVersion apply(TableId table, Pin base, StagedRecord write) {
    TableStorage tables = backend.tables();
    StagedWrite staged = tables.fromToken(write.token());
    if (!staged.base().equals(base.ref())) {
      try (TableSnapshot snapshot = tables.open(table, base.ref())) {
        staged =
            tables
                // Of a batch: it goes on for the others when one caller leaves.
                .rebase(staged, snapshot, Cancellation.NONE)
                .fold(
                    Rebase.Moved::staged,
                    refused -> {
                      throw SlipwayException.conflict(
                          refused.reason(),
                          List.of(
                              new Conflict(
                                  base.name(),
                                  Conflict.Kind.TABLE_CHANGED,
                                  "the version the write was staged on",
                                  refused.reason(),
                                  base.changed())));
                    });
      }
      // Validation saw no other commit's change: the keys are those of this commit's own writes.
      if (write.unique() && staged.facts().rowsRemoved() > 0) {
        throw SlipwayException.of(
            ErrorReason.ROW_INVALID,
            "%d rows of staged write %s have a key that an earlier write of the commit put into"
                + " table %s; upsert them, or leave them out",
            staged.facts().rowsRemoved(),
            write.id(),
            base.name());
      }
    }
    return tables.commit(staged);
  }

  private static Pin pinOf(Pin before, TableVersion version) {
    return new Pin(
        before.table(),
        before.name(),
        before.version(),
        version.ref().storageVersion(),
        version.ref().transactionId(),
        version.facts().schemaFingerprint(),
        before.schemaRevision(),
        before.keys(),
        version.facts().rows(),
        version.facts().bytes(),
        0);
  }
}
