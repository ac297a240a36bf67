package dev.slipway.engine.cleanup;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.CleanupListener;
import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CleanupReport;
import dev.slipway.engine.commit.OperationSpec;
import dev.slipway.engine.log.EntryHeader;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.staging.StagedRecord;
import dev.slipway.engine.state.DatabaseState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One cleanup of one database: the numbered steps of reclaiming, top to bottom. Used by one thread,
 * once.
 */
public final class Cleanup {
  private static final int PAGE = 1_000;

  private final CleanupParts parts;
  private final CallContext context;
  private final CleanupPolicy policy;
  private final boolean dryRun;
  private final CleanupListener listener;

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
    Floors floors = raiseFloors();
    listener.floors(floors.floor(), floors.stagedFloor());
    return new CleanupReport(
        dryRun,
        parts.live().known().revision(),
        floors.floor(),
        floors.stagedFloor(),
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        List.of());
  }

  private Floors raiseFloors() {
    DatabaseState before = parts.live().refresh();
    long now = parts.nowMicros();
    Floors.requireClock(before.lastTime(), now);
    List<StagedRecord> renewed = renewed();
    Floors planned = Floors.plan(before, policy, now, renewed);
    if (dryRun || planned.equals(Floors.of(before))) {
      return planned;
    }
    OperationSpec spec =
        new OperationSpec(
            parts.ids().ulid(),
            null,
            null,
            context.actor(),
            before.revision(),
            DatabaseState.MAIN,
            0,
            List.of(),
            List.of(),
            "",
            Map.of());
    var unused =
        parts
            .committer()
            .append(
                context,
                spec,
                (state, header) -> {
                  Floors at = Floors.plan(state, policy, now, renewed);
                  return new LogEntry.HistoryExpired(
                      beginningAt(state.revision(), header),
                      at.floor(),
                      at.stagedFloor(),
                      at.renewed().stream().sorted().toList());
                },
                true);
    return Floors.of(parts.live().refresh());
  }

  /** It depends on nothing before the state it follows, however long it waited. */
  private static EntryHeader beginningAt(long revision, EntryHeader header) {
    return new EntryHeader(
        header.op(), header.request(), header.digest(), header.actor(), revision, header.time());
  }

  /** Staged writes whose lifetime was begun anew. */
  private List<StagedRecord> renewed() {
    List<StagedRecord> found = new ArrayList<>();
    String after = "";
    List<String> page;
    do {
      page = parts.staged().ids(after, PAGE);
      for (String id : page) {
        Optional<StagedRecord> record = parts.staged().get(id);
        record.filter(staged -> staged.renewals() > 0).ifPresent(found::add);
        after = id;
      }
    } while (page.size() == PAGE);
    return found;
  }
}
