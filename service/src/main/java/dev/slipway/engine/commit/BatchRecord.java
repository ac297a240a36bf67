package dev.slipway.engine.commit;

import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.TableDelta;
import dev.slipway.engine.state.DatabaseState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A validated batch, whose versions are made, as the record that goes into the log. */
final class BatchRecord {
  private BatchRecord() {}

  /** An operation's place in the batch: a commit with its plan, or a finished entry. */
  record Slot(Operation operation, @Nullable Plan plan, @Nullable LogEntry entry) {}

  /**
   * The record that may follow {@code state}. Times never go backwards: each is at least a
   * microsecond after the one before.
   */
  static LogBatch of(DatabaseState state, List<Slot> slots, CommitParts parts) {
    long time = state.lastTime();
    List<LogEntry> entries = new ArrayList<>();
    for (Slot slot : slots) {
      time = Math.max(parts.nowMicros(), time + 1);
      Plan plan = slot.plan();
      LogEntry entry = plan == null ? slot.entry() : commit(slot.operation(), plan);
      entries.add(Objects.requireNonNull(entry).at(time));
    }
    return new LogBatch(state.incarnation(), parts.ids().ulid(), state.revision() + 1, entries);
  }

  private static LogEntry.Commit commit(Operation operation, Plan plan) {
    OperationSpec spec = operation.spec();
    return new LogEntry.Commit(
        spec.header(),
        plan.branch(),
        plan.incarnation(),
        plan.parent(),
        spec.message(),
        spec.properties(),
        plan.consumed(),
        plan.touches().stream().map(touch -> delta(operation, touch)).toList(),
        operation.recovery("ROLLED_FORWARD"));
  }

  private static TableDelta delta(Operation operation, Plan.Touch touch) {
    String before = touch.nameBefore();
    String after = touch.nameAfter();
    if (after == null) {
      return new TableDelta(
          Objects.requireNonNull(before), null, touch.versionBefore(), null, 0, 0, false);
    }
    Made made = Objects.requireNonNull(operation.made().get(touch.tableId()));
    return new TableDelta(
        after,
        before == null || before.equals(after) ? null : before,
        touch.versionBefore(),
        made.pin(),
        made.added(),
        made.removed(),
        made.rebased());
  }
}
