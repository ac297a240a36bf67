package dev.slipway.engine.cleanup;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.CleanupListener;
import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CleanupReport;
import dev.slipway.engine.CleanupRow;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.StorageErrors;
import dev.slipway.engine.commit.OperationSpec;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.EntryHeader;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.staging.StagedRecord;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.storage.StorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One cleanup of one database: the numbered steps of reclaiming, top to bottom. Used by one thread,
 * once.
 */
public final class Cleanup {
  private static final Logger LOG = LoggerFactory.getLogger(Cleanup.class);
  private static final int MAX_PROBLEMS = 100;

  private final CleanupParts parts;
  private final CallContext context;
  private final CleanupPolicy policy;
  private final boolean dryRun;
  private final CleanupListener listener;
  private long remembered;

  public Cleanup(
      CleanupParts parts,
      CallContext context,
      CleanupPolicy policy,
      boolean dryRun,
      CleanupListener listener) {
    this.parts = parts;
    this.context = context;
    this.policy = policy;
    this.dryRun = dryRun;
    this.listener = listener;
  }

  /** Runs it. Breaking off at any point is safe: the next run goes on. */
  public CleanupReport run() {
    // ---- 1 the floors, by a log entry
    parts.failures().at(FailPoint.CLEANUP_BEFORE_FLOOR);
    Floors floors = raiseFloors();
    parts.failures().at(FailPoint.CLEANUP_AFTER_FLOOR);
    listener.floors(floors.floor(), floors.stagedFloor());

    // ---- 2 list, fold, trace; 3 delete what two cleanups found unreferenced: table by table
    CandidateStore candidates = new CandidateStore(parts.backend().metadata(), parts.home());
    Set<String> homes = new TreeSet<>(parts.residual().homes(parts.database()));
    Roots roots = new Roots(parts, floors);
    DatabaseState state = fold();
    roots.trace(state);
    TableSweep sweep = new TableSweep(parts, floors, roots, candidates, dryRun, this::fold);
    Totals totals = new Totals();
    Map<String, List<Long>> earlier = candidates.index();
    Set<String> tables = new TreeSet<>(homes);
    tables.addAll(roots.tables());
    tables.addAll(earlier.keySet());
    Map<String, String> names = names(state);
    for (String table : tables) {
      context.cancel().check();
      CleanupRow row =
          sweep(
              sweep,
              floors,
              table,
              names.getOrDefault(table, ""),
              homes.contains(table),
              earlier.getOrDefault(table, List.of()));
      totals.add(row);
      listener.row(row);
    }

    // ---- 4 dead staged records; the log, up to a proven checkpoint
    // Records go only below the idempotency floor too: requests are answered from them.
    state = fold();
    int stagedWrites = buryStaged(roots, floors, state);
    LogTrim.Trimmed trimmed = new LogTrim(parts, dryRun).trim(Math.min(floors.floor(), remembered));
    List<String> problems = new ArrayList<>(roots.problems());
    trimmed.problem().ifPresent(problems::add);
    return new CleanupReport(
        dryRun,
        state.revision(),
        floors.floor(),
        floors.stagedFloor(),
        totals.tables,
        totals.failed,
        totals.deleted,
        totals.candidates,
        totals.purged,
        stagedWrites,
        trimmed.records(),
        trimmed.checkpoints(),
        problems.stream().limit(MAX_PROBLEMS).toList());
  }

  private static final class Totals {
    private int tables;
    private int failed;
    private long deleted;
    private long candidates;
    private int purged;

    void add(CleanupRow row) {
      tables++;
      failed += row.failure().isPresent() ? 1 : 0;
      deleted += row.deleted().size();
      candidates += row.candidates().size();
      purged += row.purged() ? 1 : 0;
    }
  }

  /**
   * The state at the head; a log that can't be followed to its head says nothing of what it names.
   */
  private DatabaseState fold() {
    DatabaseState state = parts.live().refresh();
    parts.live().requireFollowed(() -> "nothing is reclaimed while the database is read-only");
    return state;
  }

  private static Map<String, String> names(DatabaseState state) {
    Map<String, String> names = new HashMap<>();
    state
        .branches()
        .values()
        .forEach(branch -> branch.pins().forEach(pin -> names.put(pin.table(), pin.name())));
    return names;
  }

  private CleanupRow sweep(
      TableSweep sweep,
      Floors floors,
      String table,
      String name,
      boolean hasHome,
      List<Long> earlier) {
    try {
      return sweep.sweep(table, name, hasHome, earlier);
    } catch (RuntimeException e) {
      LOG.warn("table {} is left as it is", table, e);
      return new CleanupRow(
          table,
          name,
          0,
          List.of(),
          List.of(),
          false,
          false,
          Optional.of(explained(table, failure(e), floors)));
    }
  }

  /**
   * What is missing may be what another cleanup rightly deleted by higher floors, or what was
   * reclaimed of a database that was dropped meanwhile.
   */
  private SlipwayException explained(String table, SlipwayException failure, Floors floors) {
    boolean missing =
        failure.reason() == ErrorReason.MISSING_FILE
            || failure.reason() == ErrorReason.TABLE_NOT_FOUND;
    if (!missing && failure.reason() != ErrorReason.CORRUPT_RECORD) {
      return failure;
    }
    try {
      DatabaseState now = parts.live().refresh();
      if (now.deleted()) {
        return SlipwayException.of(ErrorReason.DATABASE_NOT_FOUND, "the database was dropped")
            .causedBy(failure);
      }
      boolean overtaken = now.floor() > floors.floor() || now.stagedFloor() > floors.stagedFloor();
      return missing && overtaken ? overtaken(table, failure) : failure;
    } catch (StorageException e) {
      LOG.warn("the floors can't be read again", e);
      return failure;
    }
  }

  private static SlipwayException overtaken(String table, SlipwayException failure) {
    return SlipwayException.of(
            ErrorReason.OVERLOADED,
            "another cleanup went ahead while this one was at table %s; run it again",
            table)
        .retryAfter(Duration.ofSeconds(1))
        .causedBy(failure);
  }

  private static SlipwayException failure(RuntimeException e) {
    if (StorageErrors.translateAny(e) instanceof SlipwayException slipway) {
      return slipway;
    }
    ErrorReason reason =
        e instanceof CorruptRecordException ? ErrorReason.CORRUPT_RECORD : ErrorReason.INTERNAL;
    return SlipwayException.of(reason, "%s", String.valueOf(e.getMessage())).causedBy(e);
  }

  /** Deletes records of staged writes that are below the floor, or used up. */
  private int buryStaged(Roots roots, Floors floors, DatabaseState state) {
    Set<String> ids = new TreeSet<>(roots.deadStaged());
    for (String id : roots.liveStaged()) {
      if (state.consumed().containsKey(id)) {
        ids.add(id);
      }
    }
    int buried = 0;
    for (String id : ids) {
      // Judged anew: its client may have discarded it since, and staged another under the same id.
      if (record(id).filter(found -> isDead(found, floors, state)).isPresent()) {
        if (!dryRun) {
          parts.staged().delete(id);
        }
        buried++;
      }
    }
    return buried;
  }

  private static boolean isDead(StagedRecord record, Floors floors, DatabaseState state) {
    DatabaseState.Use use = state.consumed().get(record.id());
    return !floors.lives(record.id(), record.begun())
        || (use != null && use.begun() == record.begun());
  }

  /** The record of a staged write; one that can't be read can't be committed either. */
  private Optional<StagedRecord> record(String id) {
    try {
      return parts.staged().get(id);
    } catch (CorruptRecordException e) {
      LOG.warn("staged write {} can't be read: {}", id, e.getMessage());
      return Optional.empty();
    }
  }

  private Floors raiseFloors() {
    DatabaseState before = fold();
    remembered = before.decisions().floor();
    long now = parts.nowMicros();
    ClockCheck.require(before.lastTime(), now);
    Floors planned = Floors.plan(before, policy, now, renewed());
    if (dryRun || planned.equals(Floors.of(before))) {
      return planned;
    }
    OperationSpec spec = OperationSpec.entry(parts.ids().ulid(), null, context.actor(), before);
    var unused =
        parts
            .committer()
            .append(
                context,
                spec,
                (state, header) -> {
                  // Read anew: one may have been renewed while this waited or lost a race.
                  Floors at = Floors.plan(state, policy, now, renewed());
                  return new LogEntry.HistoryExpired(
                      beginningAt(state.revision(), header),
                      at.floor(),
                      at.stagedFloor(),
                      at.renewed().stream().sorted().toList());
                },
                true);
    return Floors.of(fold());
  }

  /** It depends on nothing before the state it follows, however long it waited. */
  private static EntryHeader beginningAt(long revision, EntryHeader header) {
    return new EntryHeader(
        header.op(), header.request(), header.digest(), header.actor(), revision, header.time());
  }

  /** Staged writes whose lifetime was begun anew. */
  private List<StagedRecord> renewed() {
    List<StagedRecord> found = new ArrayList<>();
    parts
        .staged()
        .forEachId(id -> record(id).filter(staged -> staged.renewals() > 0).ifPresent(found::add));
    return found;
  }
}
