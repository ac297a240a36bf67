package dev.slipway.storage.memory;

import dev.slipway.storage.AbstractTableStorage;
import dev.slipway.storage.Assignment;
import dev.slipway.storage.Cancellation;
import dev.slipway.storage.Capability;
import dev.slipway.storage.Rebase;
import dev.slipway.storage.ScanRequest;
import dev.slipway.storage.SchemaRules;
import dev.slipway.storage.StagedFacts;
import dev.slipway.storage.StagedState;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageLimits;
import dev.slipway.storage.TableDescription;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.VersionFacts;
import dev.slipway.storage.VersionRef;
import dev.slipway.storage.WriteKind;
import dev.slipway.storage.memory.MemoryStagedState.Thinned;
import dev.slipway.storage.predicate.Predicate;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.ipc.ArrowReader;

/** Versions as lists of shared chunks, in maps. */
final class MemoryTableStorage extends AbstractTableStorage {
  private final MemoryArena arena;
  private final TableHomes homes;
  private volatile boolean closed;

  private interface Work<T> {
    T get() throws IOException;
  }

  MemoryTableStorage(
      BufferAllocator allocator,
      StorageHooks hooks,
      StorageLimits limits,
      MemoryArena arena,
      TableHomes homes) {
    super(allocator, hooks, limits);
    this.arena = arena;
    this.homes = homes;
  }

  void close() {
    closed = true;
  }

  /** A home's first version. */
  TableVersion genesis(TableHome home) {
    Manifest genesis = home.genesis();
    return mint(home.table(), genesis.ref(), facts(genesis, 0, 0));
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.allOf(Capability.class);
  }

  @Override
  protected String backendName() {
    return MemoryStorageBackend.NAME;
  }

  @Override
  protected void checkOpen() {
    if (closed) {
      throw StorageException.of(StorageErrorCode.CLOSED, "the memory backend is closed");
    }
  }

  @Override
  protected Opened doOpen(TableId table, VersionRef ref) {
    TableHome home = homes.home(table);
    Manifest manifest = home.manifest(ref);
    return new Opened(manifest.schema(), OpenVersion.open(home, manifest, arena));
  }

  @Override
  protected ArrowReader doScan(Base base, ScanRequest request) {
    return new ScanReader(version(base), request, allocator());
  }

  @Override
  protected long doCount(Base base, Optional<Predicate> filter, Cancellation cancellation) {
    if (filter.isEmpty()) {
      return version(base).manifest().rows();
    }
    MatchingRuns runs = new MatchingRuns(version(base), filter, cancellation);
    long rows = 0;
    while (runs.next(Integer.MAX_VALUE)) {
      rows += runs.count();
    }
    return rows;
  }

  @Override
  protected TableDescription doDescribe(Base base) {
    Manifest manifest = version(base).manifest();
    return new TableDescription(
        manifest.schema(), manifest.rows(), manifest.dataBytes(), manifest.parts().size());
  }

  @Override
  protected Set<String> doFiles(Base base) {
    return version(base).manifest().files();
  }

  @Override
  protected Map<String, Long> doRecordedSizes(Base base) {
    return version(base).manifest().sizes();
  }

  @Override
  protected Staged doStageAppend(Base base, ArrowReader source) throws IOException {
    return bounded(() -> staged(base, staging(base, Cancellation.NONE).rows(source), 0));
  }

  @Override
  protected Staged doStageOverwrite(Base base, ArrowReader source) throws IOException {
    long removed = version(base).manifest().rows();
    return bounded(() -> staged(base, staging(base, Cancellation.NONE).rows(source), removed));
  }

  @Override
  protected Staged doStageUpsert(
      Base base,
      List<String> keyColumns,
      ArrowReader source,
      boolean partial,
      Cancellation cancellation)
      throws IOException {
    long maxRows = limits().maxUpsertRows();
    Staging staging = staging(base, cancellation);
    return bounded(() -> staged(base, staging.upsert(keyColumns, source, partial, maxRows)));
  }

  @Override
  protected Staged doStageDelete(Base base, Predicate predicate, Cancellation cancellation) {
    return staged(base, staging(base, cancellation).delete(new Redo.Delete(predicate)));
  }

  @Override
  protected Staged doStageUpdate(
      Base base,
      List<Assignment> assignments,
      Optional<Predicate> predicate,
      Cancellation cancellation) {
    Redo.Update update = new Redo.Update(assignments, predicate);
    return redone(() -> staged(base, staging(base, cancellation).update(update)));
  }

  @Override
  protected Rebase doRebase(
      StagedWrite write, StagedState state, Base base, Cancellation cancellation) {
    Staging staging = staging(base, cancellation);
    MemoryStagedState old = (MemoryStagedState) state;
    Redo redo = old.redo();
    Staged moved;
    if (redo instanceof Redo.Upsert upsert) {
      long maxRows = limits().maxUpsertRows();
      moved = redone(() -> staged(base, staging.upsert(upsert, maxRows)));
    } else if (redo instanceof Redo.Delete delete) {
      moved = staged(base, staging.delete(delete));
    } else if (redo instanceof Redo.Update update) {
      moved = redone(() -> staged(base, staging.update(update)));
    } else {
      version(base).home().require(old.committedFiles());
      boolean overwrites = write.kind() == WriteKind.OVERWRITE;
      moved = staged(base, old, overwrites ? version(base).manifest().rows() : 0);
    }
    return new Rebase.Moved(mint(write, base, moved));
  }

  @Override
  protected Committed doCommit(StagedWrite write, StagedState state) {
    MemoryStagedState staged = (MemoryStagedState) state;
    TableHome home = homes.home(write.table());
    Manifest base = home.manifest(write.base());
    home.require(staged.committedFiles());
    List<Manifest.Part> parts = new ArrayList<>();
    if (write.kind() != WriteKind.OVERWRITE) {
      addRemaining(base, staged, parts);
    }
    long kept = parts.stream().mapToLong(Manifest.Part::liveRows).sum();
    parts.addAll(staged.added());
    Manifest manifest;
    do {
      VersionRef ref = new VersionRef(arena.newVersion(), arena.newId());
      manifest = new Manifest(ref, base.schema(), parts);
    } while (!home.addNew(manifest));
    return new Committed(manifest.ref(), facts(manifest, staged.rowsAdded(), base.rows() - kept));
  }

  @Override
  protected void doForceStaged(Collection<StagedWrite> staged) {
    // Memory is as durable as it gets.
  }

  @Override
  protected void doForce(Collection<TableVersion> versions) {
    // Memory is as durable as it gets.
  }

  @Override
  protected Set<String> doFiles(StagedWrite write, StagedState state) {
    return ((MemoryStagedState) state).files();
  }

  @Override
  protected Map<String, Long> doRecordedSizes(StagedState state) {
    return ((MemoryStagedState) state).sizes();
  }

  @Override
  protected byte[] encode(StagedState state) {
    return StagedStateCodec.encode((MemoryStagedState) state);
  }

  @Override
  protected StagedState decode(byte[] bytes) {
    return StagedStateCodec.decode(bytes);
  }

  private static void addRemaining(
      Manifest base, MemoryStagedState staged, List<Manifest.Part> parts) {
    Map<String, Thinned> thinned = new HashMap<>();
    staged.thinned().forEach(entry -> thinned.put(entry.chunk(), entry));
    for (Manifest.Part part : base.parts()) {
      Thinned entry = thinned.get(part.chunk());
      if (entry == null) {
        parts.add(part);
      } else if (entry.deleted().isPresent()) {
        parts.add(new Manifest.Part(part.chunk(), part.rows(), part.bytes(), entry.deleted()));
      }
    }
  }

  private static VersionFacts facts(Manifest manifest, long added, long removed) {
    return new VersionFacts(
        manifest.rows(),
        manifest.dataBytes(),
        added,
        removed,
        SchemaRules.fingerprint(manifest.schema()));
  }

  private static Staged staged(Base base, Staging.Result result) {
    return staged(base, result.state(), result.rowsRemoved());
  }

  private static Staged staged(Base base, MemoryStagedState state, long removed) {
    String fingerprint = SchemaRules.fingerprint(base.schema());
    return new Staged(
        new StagedFacts(state.rowsAdded(), removed, state.bytes(), fingerprint), state);
  }

  private static OpenVersion version(Base base) {
    return (OpenVersion) base.state();
  }

  private Staging staging(Base base, Cancellation cancellation) {
    return new Staging(version(base), arena, cancellation);
  }

  private static <T> T bounded(Work<T> work) throws IOException {
    try {
      return work.get();
    } catch (OutOfMemoryException e) {
      throw MemoryArena.exhausted(e);
    }
  }

  /** As {@link #bounded}, for work that reads no source. */
  private static <T> T redone(Supplier<T> work) {
    try {
      return work.get();
    } catch (OutOfMemoryException e) {
      throw MemoryArena.exhausted(e);
    }
  }
}
