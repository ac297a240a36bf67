package dev.slipway.storage.lance;

import dev.slipway.storage.AbstractTableStorage;
import dev.slipway.storage.Assignment;
import dev.slipway.storage.Cancellation;
import dev.slipway.storage.Capability;
import dev.slipway.storage.Rebase;
import dev.slipway.storage.ScanRequest;
import dev.slipway.storage.SchemaRules;
import dev.slipway.storage.SnapshotState;
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
import dev.slipway.storage.predicate.Predicate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;

/** Tables as detached versions of Lance datasets. Each kind of work has a class of its own. */
final class LanceTableStorage extends AbstractTableStorage implements AutoCloseable {
  private final TableHomes homes;
  private final OpenVersions versions;
  private final DurableFiles disk;
  private final FragmentWriter writer;
  private final Commits commits;
  private final Scans scans;
  private final RowChanges changes;
  private final VersionFiles files;
  private final AtomicBoolean open = new AtomicBoolean(true);

  /** An open version as the SPI's handle holds it. */
  private record OpenState(OpenVersions.Lease lease) implements SnapshotState {
    @Override
    public void close() {
      lease.close();
    }
  }

  LanceTableStorage(
      TableHomes homes,
      OpenVersions versions,
      DurableFiles disk,
      BufferAllocator allocator,
      StorageHooks hooks,
      StorageLimits limits) {
    super(allocator, hooks, limits);
    this.homes = homes;
    this.versions = versions;
    this.disk = disk;
    this.writer = new FragmentWriter(homes, allocator);
    this.commits = new Commits(homes, versions, disk);
    this.scans = new Scans(allocator);
    this.files = new VersionFiles(versions);
    RowRemoval removal = new RowRemoval(homes);
    Upserts upserts = new Upserts(homes, writer, removal, allocator, limits.maxUpsertRows());
    this.changes = new RowChanges(writer, removal, upserts, allocator);
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.allOf(Capability.class);
  }

  /** For {@link LanceInlineResidual}: a version that no staged write made. */
  TableVersion minted(TableId table, VersionRef ref, VersionFacts facts) {
    return mint(table, ref, facts);
  }

  @Override
  public void close() {
    open.set(false);
  }

  @Override
  protected void checkOpen() {
    if (!open.get()) {
      throw StorageException.of(StorageErrorCode.CLOSED, "the Lance storage is closed");
    }
  }

  @Override
  protected String backendName() {
    return LanceBackend.NAME;
  }

  // ---- read

  @Override
  protected Opened doOpen(TableId table, VersionRef ref) {
    OpenVersions.Lease lease = versions.open(table, ref);
    return new Opened(lease.version().schema(), new OpenState(lease));
  }

  @Override
  protected ArrowReader doScan(Base base, ScanRequest request) {
    return scans.scan(versions.open(base.table(), base.ref()), request);
  }

  @Override
  protected long doCount(Base base, Optional<Predicate> filter, Cancellation cancellation) {
    return filter.isPresent()
        ? scans.count(version(base), filter.get(), cancellation)
        : size(base).rows();
  }

  @Override
  protected TableDescription doDescribe(Base base) {
    OpenVersion.Size size = size(base);
    return new TableDescription(
        base.schema(), size.rows(), size.bytes(), version(base).fragments().size());
  }

  @Override
  protected Set<String> doFiles(Base base) {
    return files.of(version(base));
  }

  @Override
  protected Map<String, Long> doRecordedSizes(Base base) {
    return VersionFiles.recordedSizes(version(base).fragments());
  }

  // ---- stage

  @Override
  protected Staged doStageAppend(Base base, ArrowReader source) {
    return adding(base, writer.write(base.table(), source), 0);
  }

  @Override
  protected Staged doStageOverwrite(Base base, ArrowReader source) {
    return adding(base, writer.write(base.table(), source), size(base).rows());
  }

  @Override
  protected Staged doStageUpsert(
      Base base,
      List<String> keyColumns,
      ArrowReader source,
      boolean partial,
      Cancellation cancellation) {
    return changing(base, changes.upsert(version(base), keyColumns, source, cancellation));
  }

  @Override
  protected Staged doStageDelete(Base base, Predicate predicate, Cancellation cancellation) {
    return changing(base, changes.delete(version(base), predicate, cancellation));
  }

  @Override
  protected Staged doStageUpdate(
      Base base,
      List<Assignment> assignments,
      Optional<Predicate> predicate,
      Cancellation cancellation) {
    return changing(base, changes.update(version(base), assignments, predicate, cancellation));
  }

  @Override
  protected void doForceStaged(Collection<StagedWrite> staged) {
    Map<Path, Set<String>> files = new LinkedHashMap<>();
    for (StagedWrite one : staged) {
      files
          .computeIfAbsent(homes.home(one.table()), home -> new LinkedHashSet<>())
          .addAll(StagedFiles.of((LanceStagedState) stateOf(one)));
    }
    StagedFiles.force(files, disk);
  }

  // ---- move and commit

  @Override
  protected Rebase doRebase(
      StagedWrite staged, StagedState state, Base base, Cancellation cancellation) {
    LanceStagedState mine = (LanceStagedState) state;
    Path home = homes.home(base.table());
    Set<String> written = StagedFiles.of(mine);
    StagedFiles.require(base.table(), written, home);
    Staged moved =
        switch (staged.kind()) {
          case APPEND -> new Staged(staged.facts(), mine);
          case OVERWRITE -> new Staged(replacing(staged.facts(), size(base).rows()), mine);
          case UPSERT, DELETE, UPDATE -> {
            RowChange again = redo(staged, mine, base, cancellation);
            Set<String> anew = StagedFiles.of(again.state());
            anew.removeAll(written);
            StagedFiles.force(Map.of(home, anew), disk);
            yield changing(base, again);
          }
        };
    return new Rebase.Moved(mint(staged, base, moved));
  }

  private RowChange redo(
      StagedWrite staged, LanceStagedState change, Base base, Cancellation cancellation) {
    OpenVersions.Lease former;
    try {
      former = versions.open(staged.table(), staged.base());
    } catch (StorageException e) {
      if (e.code() == StorageErrorCode.VERSION_NOT_FOUND
          || e.code() == StorageErrorCode.MISSING_FILE) {
        // Reclaimed meanwhile: it would only have saved looking at everything.
        return changes.redo(Optional.empty(), version(base), change, cancellation);
      }
      throw e;
    }
    try (former) {
      return changes.redo(Optional.of(former.version()), version(base), change, cancellation);
    }
  }

  @Override
  protected Committed doCommit(StagedWrite staged, StagedState state) {
    Commits.Made made = commits.commit(staged, (LanceStagedState) state);
    return new Committed(made.ref(), made.facts());
  }

  @Override
  protected void doForce(Collection<TableVersion> made) {
    commits.force(made);
  }

  @Override
  protected Set<String> doFiles(StagedWrite staged, StagedState state) {
    return StagedFiles.of((LanceStagedState) state);
  }

  @Override
  protected Map<String, Long> doRecordedSizes(StagedState state) {
    return StagedFiles.recordedSizes((LanceStagedState) state);
  }

  @Override
  protected byte[] encode(StagedState state) {
    return StagedStateJson.encode((LanceStagedState) state);
  }

  @Override
  protected StagedState decode(byte[] bytes) {
    return StagedStateJson.decode(bytes);
  }

  private static Staged adding(Base base, FragmentWriter.Written written, long removed) {
    StagedFacts facts =
        new StagedFacts(
            written.rows(), removed, written.bytes(), SchemaRules.fingerprint(base.schema()));
    return new Staged(facts, LanceStagedState.adding(written));
  }

  private static Staged changing(Base base, RowChange change) {
    return new Staged(change.facts(base.schema()), change.state());
  }

  private static StagedFacts replacing(StagedFacts facts, long removed) {
    return new StagedFacts(facts.rowsAdded(), removed, facts.bytes(), facts.schemaFingerprint());
  }

  private static OpenVersion version(Base base) {
    return ((OpenState) base.state()).lease().version();
  }

  private OpenVersion.Size size(Base base) {
    try {
      return version(base).size(homes.home(base.table()));
    } catch (IOException e) {
      throw LanceErrors.translate("look at the files of table " + base.table(), e);
    }
  }
}
