package dev.slipway.engine.cleanup;

import dev.slipway.engine.CleanupRow;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.cleanup.CandidateStore.Candidates;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableSnapshot;
import dev.slipway.storage.VersionRef;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Steps 2 and 3 for one table: list its files, fold, trace, and delete what an earlier cleanup
 * found unreferenced too. Holds the names of one table's files at a time.
 */
final class TableSweep {
  /** The rest is found by the next cleanup. */
  private static final int MAX_CANDIDATES = 100_000;

  private final CleanupParts parts;
  private final Floors floors;
  private final Roots roots;
  private final CandidateStore candidates;
  private final boolean dryRun;
  private final Supplier<DatabaseState> fold;

  /**
   * @param fold gives the state at the head
   */
  TableSweep(
      CleanupParts parts,
      Floors floors,
      Roots roots,
      CandidateStore candidates,
      boolean dryRun,
      Supplier<DatabaseState> fold) {
    this.parts = parts;
    this.floors = floors;
    this.roots = roots;
    this.candidates = candidates;
    this.dryRun = dryRun;
    this.fold = fold;
  }

  /** What earlier cleanups found. */
  private record Earlier(Set<String> due, boolean homeDue, Set<String> waiting, boolean homeWaits) {
    boolean knowsHome() {
      return homeDue || homeWaits;
    }
  }

  /**
   * @param hasHome whether it was there when homes were listed
   * @param earlier revisions of earlier candidates
   */
  CleanupRow sweep(String table, String name, boolean hasHome, List<Long> earlier) {
    parts.failures().at(FailPoint.CLEANUP_TABLE);
    Optional<SlipwayException> unclear = roots.unclear(table);
    if (unclear.isPresent()) {
      throw unclear.get();
    }
    TableId id = new TableId(parts.database(), table);
    // Before the fold: what a listed file's writer began at can't be above the head after it.
    Optional<List<String>> found = hasHome ? list(id) : Optional.empty();
    List<String> listed = found.orElse(List.of());
    DatabaseState state = fold.get();
    roots.follow(state);
    long dueBelow = roots.accountsForRenewed(state) ? floors.stagedFloor() : 0;
    Earlier known = earlier(table, earlier, dueBelow);
    CleanupRow row =
        roots.names(table)
            ? files(id, name, found.isPresent(), listed, known, state)
            : home(id, name, found.isPresent(), known, state);
    if (!dryRun) {
      for (long revision : earlier) {
        if (revision < dueBelow) {
          candidates.delete(revision, table);
        }
      }
    }
    return row;
  }

  /** The files of a home, unless another cleanup has purged it. */
  private Optional<List<String>> list(TableId id) {
    try {
      return Optional.of(parts.residual().listFiles(id));
    } catch (StorageException e) {
      if (e.code() == StorageErrorCode.TABLE_NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Earlier earlier(String table, List<Long> revisions, long dueBelow) {
    Set<String> due = new HashSet<>();
    Set<String> waiting = new HashSet<>();
    boolean homeDue = false;
    boolean homeWaits = false;
    for (long revision : revisions) {
      Optional<Candidates> found = read(revision, table);
      if (found.isPresent() && revision < dueBelow) {
        due.addAll(found.get().files());
        homeDue |= found.get().home();
      } else if (found.isPresent()) {
        waiting.addAll(found.get().files());
        homeWaits |= found.get().home();
      }
    }
    return new Earlier(due, homeDue, waiting, homeWaits);
  }

  private Optional<Candidates> read(long revision, String table) {
    try {
      return candidates.get(revision, table);
    } catch (CorruptRecordException e) {
      // As if it had never been: the files are found anew, and wait anew.
      return Optional.empty();
    }
  }

  /** The table is named by something: its unreferenced files go. */
  private CleanupRow files(
      TableId id,
      String name,
      boolean hasHome,
      List<String> listed,
      Earlier known,
      DatabaseState state) {
    Set<VersionRef> versions = new HashSet<>(roots.versions(id.table()));
    // Listed once more: the table may have been created since.
    if (!hasHome
        && !versions.isEmpty()
        && !parts.residual().homes(parts.database()).contains(id.table())) {
      throw SlipwayException.of(
              ErrorReason.MISSING_FILE, "the files of table %s are gone", id.table())
          .with("resource", id.table());
    }
    Set<String> unreferenced = new HashSet<>(listed);
    roots.stagedFiles(id.table()).forEach(unreferenced::remove);
    for (VersionRef version : versions) {
      if (unreferenced.isEmpty()) {
        break;
      }
      try (TableSnapshot snapshot = parts.backend().tables().open(id, version)) {
        parts.backend().tables().files(snapshot).forEach(unreferenced::remove);
      }
    }
    List<String> doomed = unreferenced.stream().filter(known.due()::contains).sorted().toList();
    List<String> found =
        unreferenced.stream()
            .filter(file -> !known.due().contains(file) && !known.waiting().contains(file))
            .sorted()
            .limit(MAX_CANDIDATES)
            .toList();
    if (!dryRun) {
      delete(id, doomed);
      if (!found.isEmpty()) {
        candidates.put(state.revision(), id.table(), new Candidates(false, found));
      }
    }
    List<String> waiting = new ArrayList<>(found);
    unreferenced.stream().filter(known.waiting()::contains).sorted().forEach(waiting::add);
    return new CleanupRow(
        id.table(), name, versions.size(), doomed, waiting, false, false, Optional.empty());
  }

  private void delete(TableId id, List<String> doomed) {
    if (doomed.isEmpty()) {
      return;
    }
    parts.residual().deleteFiles(id, doomed.subList(0, 1));
    parts.failures().at(FailPoint.CLEANUP_AFTER_FIRST_FILE);
    parts.residual().deleteFiles(id, doomed.subList(1, doomed.size()));
  }

  /** Nothing names the table: its home goes whole. */
  private CleanupRow home(
      TableId id, String name, boolean hasHome, Earlier known, DatabaseState state) {
    boolean purge = hasHome && known.homeDue();
    if (!dryRun && purge) {
      parts.residual().purgeHome(id);
    }
    boolean waits = hasHome && !purge;
    if (!dryRun && waits && !known.knowsHome()) {
      candidates.put(state.revision(), id.table(), new Candidates(true, List.of()));
    }
    return new CleanupRow(
        id.table(), name, 0, List.of(), List.of(), purge, waits, Optional.empty());
  }
}
