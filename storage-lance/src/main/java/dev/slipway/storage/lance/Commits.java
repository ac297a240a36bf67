package dev.slipway.storage.lance;

import dev.slipway.storage.StagedFacts;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.VersionFacts;
import dev.slipway.storage.VersionRef;
import dev.slipway.storage.WriteKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lance.CommitBuilder;
import org.lance.Dataset;
import org.lance.Transaction;
import org.lance.operation.Append;
import org.lance.operation.Delete;
import org.lance.operation.Operation;
import org.lance.operation.Overwrite;
import org.lance.operation.Update;

/**
 * Makes versions: a detached commit of one transaction on the very version it was staged on, which
 * no other commit can race with. Also forces what a commit wrote.
 */
final class Commits {
  /** Versions made and not forced yet whose parents are remembered. */
  private static final int REMEMBERED = 4_096;

  private final TableHomes homes;
  private final OpenVersions versions;
  private final DurableFiles disk;

  /** The version that each version was made on: part of the name of its transaction file. */
  private final Map<VersionRef, Long> parents =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<VersionRef, Long> eldest) {
          return size() > REMEMBERED;
        }
      };

  /** What a commit made. */
  record Made(VersionRef ref, VersionFacts facts) {}

  Commits(TableHomes homes, OpenVersions versions, DurableFiles disk) {
    this.homes = homes;
    this.versions = versions;
    this.disk = disk;
  }

  Made commit(StagedWrite staged, LanceStagedState state) {
    TableId table = staged.table();
    homes.root().require();
    // Lance doesn't look whether the files it is told of exist.
    StagedFiles.require(table, StagedFiles.of(state), homes.home(table));
    try (OpenVersions.Lease lease = versions.open(table, staged.base())) {
      OpenVersion base = lease.version();
      OpenVersion.Size before = base.size(homes.home(table));
      OpenVersion made = execute(base, operation(staged.kind(), state, base));
      OpenVersion.Size after = sizeAfter(staged, state, before);
      boolean sameIds = staged.kind() != WriteKind.OVERWRITE;
      made.knowing(after, sameIds ? base.knownFieldIds() : Optional.empty());
      versions.use(made).close();
      StagedFacts facts = staged.facts();
      long removed = staged.kind() == WriteKind.OVERWRITE ? before.rows() : facts.rowsRemoved();
      return new Made(
          made.ref(),
          new VersionFacts(
              after.rows(), after.bytes(), facts.rowsAdded(), removed, facts.schemaFingerprint()));
    } catch (IOException e) {
      throw LanceErrors.translate("commit to table " + table, e);
    }
  }

  /** Forces the manifests and transaction files of versions, and each folder once. */
  void force(Collection<TableVersion> made) {
    Set<Path> paths = new LinkedHashSet<>();
    Set<Path> folders = new LinkedHashSet<>();
    for (TableVersion version : made) {
      Path home = homes.home(version.table());
      paths.add(home.resolve(TableHomes.transaction(parent(version), version.ref())));
      paths.add(home.resolve(TableHomes.manifest(version.ref().storageVersion())));
      folders.add(home.resolve(TableHomes.TRANSACTIONS));
      folders.add(home.resolve(TableHomes.VERSIONS));
    }
    paths.addAll(folders);
    try {
      disk.forceAll(paths);
    } catch (IOException e) {
      throw new StorageException(
          StorageErrorCode.UNAVAILABLE, "can't force the files of new versions to disk", e);
    }
  }

  private OpenVersion execute(OpenVersion base, Operation operation) {
    String doing = "commit to table " + base.table();
    try (Transaction transaction =
        new Transaction.Builder()
            .readVersion(base.ref().storageVersion())
            .operation(operation)
            .build()) {
      Dataset dataset =
          LanceErrors.run(
              doing, () -> new CommitBuilder(base.dataset()).detached(true).execute(transaction));
      VersionRef ref = new VersionRef(dataset.version(), transaction.uuid());
      synchronized (parents) {
        parents.put(ref, base.ref().storageVersion());
      }
      return new OpenVersion(base.table(), ref, dataset, base.schema());
    }
  }

  private static Operation operation(WriteKind kind, LanceStagedState state, OpenVersion base) {
    if (kind == WriteKind.OVERWRITE) {
      // The new version numbers its fields from 0 again, as the files do.
      return Overwrite.builder()
          .fragments(StoredFragment.toLance(state.added()))
          .schema(base.schema())
          .build();
    }
    List<StoredFragment> added =
        state.added().isEmpty()
            ? List.of()
            : state.added().stream().map(f -> f.withFieldIds(base.fieldIds())).toList();
    List<Long> removed = state.removed().stream().map(Integer::longValue).toList();
    if (added.isEmpty()) {
      // Also the way to a version that changes nothing: an empty Append is refused.
      return Delete.builder()
          .updatedFragments(StoredFragment.toLance(state.updated()))
          .deletedFragmentIds(removed)
          .predicate("slipway")
          .build();
    }
    if (kind == WriteKind.APPEND) {
      return Append.builder().fragments(StoredFragment.toLance(added)).build();
    }
    return Update.builder()
        .updatedFragments(StoredFragment.toLance(state.updated()))
        .removedFragmentIds(removed)
        .newFragments(StoredFragment.toLance(added))
        .updateMode(Optional.of(Update.UpdateMode.RewriteRows))
        .build();
  }

  private static OpenVersion.Size sizeAfter(
      StagedWrite staged, LanceStagedState state, OpenVersion.Size before) {
    StagedFacts facts = staged.facts();
    return staged.kind() == WriteKind.OVERWRITE
        ? new OpenVersion.Size(facts.rowsAdded(), state.bytesGrown())
        : new OpenVersion.Size(
            before.rows() + facts.rowsAdded() - facts.rowsRemoved(),
            before.bytes() + state.bytesGrown());
  }

  private long parent(TableVersion version) {
    Long known;
    synchronized (parents) {
      known = parents.get(version.ref());
    }
    if (known != null) {
      return known;
    }
    try (OpenVersions.Lease lease = versions.open(version.table(), version.ref())) {
      return lease.version().readVersion();
    }
  }
}
