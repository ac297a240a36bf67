package dev.slipway.storage;

import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.predicate.PredicateBinder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The one way into a backend. Its public methods are final: they check arguments, that a handle was
 * minted here, is open, and belongs to the table it is used with; fit predicates and sources to the
 * schema; call the hooks; and then a protected {@code doX}. So each rule is written once and holds
 * for every backend.
 *
 * <p>Non-sealed because a sealed type can't name classes of another module; everything but a
 * backend sees only {@link TableStorage}.
 */
public abstract non-sealed class AbstractTableStorage implements TableStorage {
  private final BufferAllocator allocator;
  private final StorageHooks hooks;
  private final StorageLimits limits;

  /**
   * @param allocator the parent of every buffer the backend allocates; the caller closes it after
   *     the backend
   */
  protected AbstractTableStorage(
      BufferAllocator allocator, StorageHooks hooks, StorageLimits limits) {
    this.allocator = allocator;
    this.hooks = hooks;
    this.limits = limits;
  }

  // ---- what a backend gives

  /** An open version, as a backend sees it. */
  protected record Base(TableId table, VersionRef ref, Schema schema, SnapshotState state) {}

  /** What {@code doOpen} found. */
  protected record Opened(Schema schema, SnapshotState state) {
    public Opened {}
  }

  /** What a {@code doStage} made. */
  protected record Staged(StagedFacts facts, StagedState state) {
    public Staged {}
  }

  /** What {@code doCommit} made. */
  protected record Committed(VersionRef ref, VersionFacts facts) {
    public Committed {}
  }

  /** The backend's name in tokens: {@code lance}, {@code memory}. */
  protected abstract String backendName();

  protected abstract Opened doOpen(TableId table, VersionRef ref);

  /** The request's columns exist and its filter is bound. */
  protected abstract ArrowReader doScan(Base base, ScanRequest request);

  /** The filter is bound. */
  protected abstract long doCount(Base base, Optional<Predicate> filter, Cancellation cancellation);

  protected abstract TableDescription doDescribe(Base base);

  protected abstract Set<String> doFiles(Base base);

  protected abstract Map<String, Long> doRecordedSizes(Base base);

  /**
   * The source has exactly the base's schema, its rows are checked. It throws nothing but {@link
   * StorageException}.
   */
  protected abstract Staged doStageAppend(Base base, ArrowReader source) throws IOException;

  /** As {@link #doStageAppend}. */
  protected abstract Staged doStageOverwrite(Base base, ArrowReader source) throws IOException;

  /**
   * The source has the base's columns in the base's order (if {@code partial}, perhaps not all);
   * keys are present, not null and not NaN. Duplicate keys within the source are the backend's to
   * refuse, with {@link SourceKeys}, since it reads the keys anyway.
   */
  protected abstract Staged doStageUpsert(
      Base base,
      List<String> keyColumns,
      ArrowReader source,
      boolean partial,
      Cancellation cancellation)
      throws IOException;

  /** The predicate is bound; the cancellation throws {@code CANCELLED} and nothing else. */
  protected abstract Staged doStageDelete(
      Base base, Predicate predicate, Cancellation cancellation);

  /** Predicate and literals are bound; the cancellation is as in {@link #doStageDelete}. */
  protected abstract Staged doStageUpdate(
      Base base,
      List<Assignment> assignments,
      Optional<Predicate> predicate,
      Cancellation cancellation);

  /**
   * The staged write isn't on {@code base} yet; both have the same schema. The cancellation is as
   * in {@link #doStageDelete}.
   */
  protected abstract Rebase doRebase(
      StagedWrite staged, StagedState state, Base base, Cancellation cancellation);

  protected abstract void doForceStaged(Collection<StagedWrite> staged);

  protected abstract Committed doCommit(StagedWrite staged, StagedState state);

  protected abstract void doForce(Collection<TableVersion> versions);

  protected abstract Set<String> doFiles(StagedWrite staged, StagedState state);

  protected abstract Map<String, Long> doRecordedSizes(StagedState state);

  /** The backend's own part of a handle that was minted here. */
  protected final StagedState stateOf(StagedWrite staged) {
    return staged.state();
  }

  protected abstract byte[] encode(StagedState state);

  /**
   * @throws StorageException {@code TOKEN_INVALID}
   */
  protected abstract StagedState decode(byte[] bytes);

  /** Refuses with {@code CLOSED} once the backend is closed. */
  protected abstract void checkOpen();

  protected final BufferAllocator allocator() {
    return allocator;
  }

  protected final StorageLimits limits() {
    return limits;
  }

  /** For {@link InlineResidual#createHome}, whose version no staged write made. */
  protected final TableVersion mint(TableId table, VersionRef ref, VersionFacts facts) {
    return new TableVersion(this, table, ref, facts);
  }

  /** For {@code doRebase}: the same write on another base. */
  protected final StagedWrite mint(StagedWrite original, Base base, Staged staged) {
    return new StagedWrite(
        this, base.table(), original.kind(), base.ref(), staged.facts(), staged.state());
  }

  // ---- read

  @Override
  public final TableSnapshot open(TableId table, VersionRef ref) {
    return hooked(
        StorageOperation.OPEN,
        table,
        () -> {
          Opened opened = doOpen(table, ref);
          return new TableSnapshot(this, table, ref, opened.schema(), opened.state());
        });
  }

  @Override
  public final ArrowReader scan(TableSnapshot snapshot, ScanRequest request) {
    Base base = base(snapshot);
    request
        .limit()
        .ifPresent(
            limit -> {
              requireArgument(limit >= 0, "limit must be 0 or more, found %d", limit);
            });
    requireArgument(request.offset() >= 0, "offset must be 0 or more, found %d", request.offset());
    requireArgument(
        request.batchRows() >= 1 && request.batchRows() <= ScanRequest.MAX_BATCH_ROWS,
        "batch rows must be 1 to %d, found %d",
        ScanRequest.MAX_BATCH_ROWS,
        request.batchRows());
    request
        .columns()
        .ifPresent(
            columns -> {
              requireArgument(!columns.isEmpty(), "columns must name at least one column");
              requireDistinct(columns, "columns");
              columns.forEach(column -> SchemaRules.column(base.schema(), column));
            });
    request.cancellation().check();
    ScanRequest bound =
        request
            .filter()
            .map(filter -> request.withFilter(PredicateBinder.bind(filter, base.schema())))
            .orElse(request);
    return hooked(StorageOperation.SCAN, base.table(), () -> doScan(base, bound));
  }

  @Override
  public final long count(
      TableSnapshot snapshot, Optional<Predicate> filter, Cancellation cancellation) {
    Base base = base(snapshot);
    cancellation.check();
    Optional<Predicate> bound = filter.map(f -> PredicateBinder.bind(f, base.schema()));
    return hooked(StorageOperation.COUNT, base.table(), () -> doCount(base, bound, cancellation));
  }

  @Override
  public final TableDescription describe(TableSnapshot snapshot) {
    Base base = base(snapshot);
    return hooked(StorageOperation.DESCRIBE, base.table(), () -> doDescribe(base));
  }

  @Override
  public final Set<String> files(TableSnapshot snapshot) {
    Base base = base(snapshot);
    return hooked(StorageOperation.DESCRIBE, base.table(), () -> doFiles(base));
  }

  @Override
  public final Map<String, Long> recordedSizes(TableSnapshot snapshot) {
    Base base = base(snapshot);
    return hooked(StorageOperation.DESCRIBE, base.table(), () -> doRecordedSizes(base));
  }

  // ---- stage

  @Override
  public final StagedWrite stageAppend(TableSnapshot snapshot, ArrowReader source) {
    return stage(
        StorageOperation.STAGE_APPEND,
        WriteKind.APPEND,
        snapshot,
        base -> {
          try (ArrowReader conformed = SourceReader.full(source, base.schema(), allocator)) {
            return doStageAppend(base, conformed);
          } catch (IOException e) {
            throw SourceReader.failure(e);
          }
        });
  }

  @Override
  public final StagedWrite stageOverwrite(TableSnapshot snapshot, ArrowReader source) {
    return stage(
        StorageOperation.STAGE_OVERWRITE,
        WriteKind.OVERWRITE,
        snapshot,
        base -> {
          try (ArrowReader conformed = SourceReader.full(source, base.schema(), allocator)) {
            return doStageOverwrite(base, conformed);
          } catch (IOException e) {
            throw SourceReader.failure(e);
          }
        });
  }

  @Override
  public final StagedWrite stageUpsert(
      TableSnapshot snapshot,
      List<String> keyColumns,
      ArrowReader source,
      boolean partial,
      Cancellation cancellation) {
    requireCapability(Capability.UPSERT);
    if (partial) {
      requireCapability(Capability.PARTIAL_UPSERT);
    }
    return stage(
        StorageOperation.STAGE_UPSERT,
        WriteKind.UPSERT,
        snapshot,
        base -> {
          requireArgument(!keyColumns.isEmpty(), "an upsert needs at least one key column");
          requireDistinct(keyColumns, "key columns");
          for (String column : keyColumns) {
            SchemaRules.requireKeyType(SchemaRules.column(base.schema(), column));
          }
          try (ArrowReader conformed =
              SourceReader.keyed(source, base.schema(), keyColumns, partial, allocator)) {
            return cancellable(
                cancellation,
                c -> doStageUpsert(base, List.copyOf(keyColumns), conformed, partial, c));
          } catch (IOException e) {
            throw SourceReader.failure(e);
          }
        });
  }

  @Override
  public final StagedWrite stageDelete(
      TableSnapshot snapshot, Predicate predicate, Cancellation cancellation) {
    requireCapability(Capability.DELETE);
    return stage(
        StorageOperation.STAGE_DELETE,
        WriteKind.DELETE,
        snapshot,
        base -> {
          Predicate bound = PredicateBinder.bind(predicate, base.schema());
          return cancellable(cancellation, c -> doStageDelete(base, bound, c));
        });
  }

  @Override
  public final StagedWrite stageUpdate(
      TableSnapshot snapshot,
      List<Assignment> assignments,
      Optional<Predicate> predicate,
      Cancellation cancellation) {
    requireCapability(Capability.UPDATE);
    return stage(
        StorageOperation.STAGE_UPDATE,
        WriteKind.UPDATE,
        snapshot,
        base -> {
          requireArgument(!assignments.isEmpty(), "an update must set at least one column");
          requireDistinct(assignments.stream().map(Assignment::column).toList(), "set columns");
          List<Assignment> bound = new ArrayList<>();
          for (Assignment assignment : assignments) {
            Field target = SchemaRules.column(base.schema(), assignment.column());
            Operand value =
                PredicateBinder.bindAssignment(target, assignment.value(), base.schema());
            bound.add(new Assignment(assignment.column(), value));
          }
          Optional<Predicate> filter = predicate.map(p -> PredicateBinder.bind(p, base.schema()));
          return cancellable(cancellation, c -> doStageUpdate(base, bound, filter, c));
        });
  }

  @Override
  public final void forceStaged(Collection<StagedWrite> staged) {
    if (staged.isEmpty()) {
      return;
    }
    staged.forEach(one -> requireMine(one.owner(), "staged write"));
    TableId first = staged.iterator().next().table();
    hooked(
        StorageOperation.FORCE_STAGED,
        first,
        () -> {
          doForceStaged(staged);
          return first;
        });
  }

  @Override
  public final Rebase rebase(StagedWrite staged, TableSnapshot newBase, Cancellation cancellation) {
    Base base = base(newBase);
    requireMine(staged.owner(), "staged write");
    requireSameTable(staged.table(), base.table());
    if (staged.base().equals(base.ref())) {
      return new Rebase.Moved(staged);
    }
    String fingerprint = SchemaRules.fingerprint(base.schema());
    if (!fingerprint.equals(staged.facts().schemaFingerprint())) {
      return new Rebase.Refused("the table's schema has changed since the write was staged");
    }
    return hooked(
        StorageOperation.REBASE,
        base.table(),
        () -> cancellable(cancellation, c -> doRebase(staged, staged.state(), base, c)));
  }

  @Override
  public final byte[] toToken(StagedWrite staged) {
    requireMine(staged.owner(), "staged write");
    return StagedToken.encode(backendName(), staged, encode(staged.state()));
  }

  @Override
  public final StagedWrite fromToken(byte[] token) {
    checkOpen();
    StagedToken decoded = StagedToken.decode(backendName(), token);
    return new StagedWrite(
        this,
        decoded.table(),
        decoded.kind(),
        decoded.base(),
        decoded.facts(),
        decode(decoded.state()));
  }

  @Override
  public final Set<String> files(StagedWrite staged) {
    requireMine(staged.owner(), "staged write");
    return doFiles(staged, staged.state());
  }

  @Override
  public final Map<String, Long> recordedSizes(StagedWrite staged) {
    requireMine(staged.owner(), "staged write");
    return doRecordedSizes(staged.state());
  }

  // ---- commit

  @Override
  public final TableVersion commit(StagedWrite staged) {
    requireMine(staged.owner(), "staged write");
    return hooked(
        StorageOperation.COMMIT,
        staged.table(),
        () -> {
          Committed committed = doCommit(staged, staged.state());
          return new TableVersion(this, staged.table(), committed.ref(), committed.facts());
        });
  }

  @Override
  public final void force(Collection<TableVersion> versions) {
    if (versions.isEmpty()) {
      return;
    }
    versions.forEach(version -> requireMine(version.owner(), "version"));
    TableId first = versions.iterator().next().table();
    hooked(
        StorageOperation.FORCE,
        first,
        () -> {
          doForce(versions);
          return first;
        });
  }

  // ---- rules

  private interface Cancellable<T, E extends Exception> {
    T run(Cancellation cancellation) throws E;
  }

  /** Native code passes on no exception but ours: the caller's own is thrown here. */
  private static <T, E extends Exception> T cancellable(
      Cancellation cancellation, Cancellable<T, E> work) throws E {
    cancellation.check();
    try {
      return work.run(() -> cancellation.isCancelled());
    } catch (StorageException e) {
      if (e.code() == StorageErrorCode.CANCELLED) {
        cancellation.check();
      }
      throw e;
    }
  }

  private interface Stager {
    Staged stage(Base base);
  }

  private StagedWrite stage(
      StorageOperation operation, WriteKind kind, TableSnapshot snapshot, Stager stager) {
    Base base = base(snapshot);
    return hooked(
        operation,
        base.table(),
        () -> {
          Staged staged = stager.stage(base);
          return new StagedWrite(
              this, base.table(), kind, base.ref(), staged.facts(), staged.state());
        });
  }

  private <T> T hooked(StorageOperation operation, TableId table, Supplier<T> work) {
    checkOpen();
    hooks.before(operation, table);
    T result;
    try {
      result = work.get();
    } catch (RuntimeException e) {
      hooks.failed(operation, table, e);
      throw e;
    }
    try {
      hooks.after(operation, table);
    } catch (RuntimeException e) {
      release(result, e);
      throw e;
    }
    return result;
  }

  /** A result that nobody will get: snapshots and readers hold resources. */
  private static void release(Object result, RuntimeException failure) {
    if (result instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        failure.addSuppressed(e);
      }
    }
  }

  private Base base(TableSnapshot snapshot) {
    requireMine(snapshot.owner(), "snapshot");
    requireArgument(snapshot.isOpen(), "the snapshot %s is closed", snapshot);
    return new Base(snapshot.table(), snapshot.ref(), snapshot.schema(), snapshot.state());
  }

  private void requireMine(AbstractTableStorage owner, String what) {
    requireArgument(owner == this, "the %s was minted by another storage", what);
  }

  private void requireCapability(Capability capability) {
    if (!capabilities().contains(capability)) {
      throw StorageException.of(
          StorageErrorCode.UNSUPPORTED, "the %s backend can't do %s", backendName(), capability);
    }
  }

  private static void requireSameTable(TableId staged, TableId base) {
    requireArgument(
        staged.equals(base), "the staged write belongs to table %s, not %s", staged, base);
  }

  private static void requireDistinct(List<String> names, String what) {
    requireArgument(
        new HashSet<>(names).size() == names.size(), "%s must name each column once", what);
  }

  private static void requireArgument(boolean holds, String format, Object... args) {
    if (!holds) {
      throw StorageException.of(StorageErrorCode.INVALID_ARGUMENT, format, args);
    }
  }
}
