package dev.slipway.engine.commit;

import dev.slipway.engine.Conflict;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.commit.BatchView.BranchView;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.Micros;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.staging.StagedRecord;
import dev.slipway.engine.staging.StagedRefusals;
import dev.slipway.engine.staging.StagedStore;
import dev.slipway.engine.state.DatabaseState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Step 1 of a commit: whether it fits the state as the earlier ones of its batch leave it, and what
 * it then has to do. Reads staged records; writes nothing.
 */
final class Validator {
  private final StagedStore staged;
  private final int maxTables;

  /**
   * @param maxTables how many tables a commit may change
   */
  Validator(StagedStore staged, int maxTables) {
    this.staged = staged;
    this.maxTables = maxTables;
  }

  /** A staged record is missing: proves nothing until the log has been folded after the miss. */
  static final class MissingRecordException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String id;

    MissingRecordException(String id) {
      super(id);
      this.id = id;
    }

    String id() {
      return id;
    }
  }

  /**
   * Checks one commit and, if it fits, moves the view on.
   *
   * @param now judges lifetimes, in microseconds since 1970; 0 for recovery, which goes by floors
   *     alone
   * @throws SlipwayException why it doesn't fit; the view is as it was
   * @throws MissingRecordException see there
   */
  Plan validate(OperationSpec spec, BatchView view, long now) {
    DatabaseState state = view.state();
    if (state.deleted()) {
      throw SlipwayException.of(ErrorReason.DATABASE_NOT_FOUND, "the database was dropped");
    }
    if (spec.begun() < state.decisions().floor()
        || (!spec.changes().isEmpty() && spec.begun() < state.stagedFloor())) {
      throw SlipwayException.of(
          ErrorReason.STAGED_WRITE_EXPIRED,
          "the write began at revision %d, before the floor %d; stage it again",
          spec.begun(),
          Math.max(state.decisions().floor(), state.stagedFloor()));
    }
    BranchView branch = branch(spec, view);
    ExpectationCheck.check(spec.expectations(), branch);
    return new Planning(spec, view, branch, now).run();
  }

  private static BranchView branch(OperationSpec spec, BatchView view) {
    Optional<BranchView> branch = view.branch(spec.branch());
    if (branch.isEmpty() || branch.get().branch().incarnation() != spec.incarnation()) {
      throw SlipwayException.conflict(
          new Conflict(
              "",
              Conflict.Kind.BRANCH,
              "branch " + spec.branch() + " created at revision " + spec.incarnation(),
              branch
                  .map(b -> "one created at revision " + b.branch().incarnation())
                  .orElse("no such branch"),
              0));
    }
    return branch.get();
  }

  /** Goes through one commit's changes; its own earlier ones never conflict with its later ones. */
  private final class Planning {
    private final OperationSpec spec;
    private final BatchView view;
    private final long next;
    private final long now;
    private final Map<String, Plan.Touch> touches = new LinkedHashMap<>();
    private final List<LogEntry.Consumed> consumed = new ArrayList<>();
    private BranchView branch;

    Planning(OperationSpec spec, BatchView view, BranchView branch, long now) {
      this.spec = spec;
      this.view = view;
      this.branch = branch;
      this.next = view.next();
      this.now = now;
    }

    Plan run() {
      for (Change change : spec.changes()) {
        if (change instanceof Change.Staged named) {
          write(record(named.id()), true);
        } else if (change instanceof Change.Inline inline) {
          write(inline.staged(), false);
        } else if (change instanceof Change.Create create) {
          create(create);
        } else if (change instanceof Change.Drop drop) {
          touch(require(drop.name())).drop();
          branch = branch.without(drop.name());
        } else if (change instanceof Change.Rename rename) {
          rename(rename);
        }
      }
      touches.values().removeIf(Plan.Touch::isNothing);
      // What was admitted once is carried out, whatever the server that recovers it allows.
      if (now != 0 && touches.size() > maxTables) {
        throw SlipwayException.of(
                ErrorReason.TOO_LARGE,
                "a commit changes at most %d tables, found %d",
                maxTables,
                touches.size())
            .with("limit", maxTables);
      }
      Plan plan =
          new Plan(
              spec.branch(),
              spec.incarnation(),
              branch.head(),
              List.copyOf(consumed),
              List.copyOf(touches.values()));
      view.committed(branch, consumed.stream().map(LogEntry.Consumed::id).toList());
      return plan;
    }

    private StagedRecord record(String id) {
      DatabaseState state = view.state();
      if (view.isConsumed(id)) {
        DatabaseState.Use use = state.consumed().get(id);
        throw use == null
            ? StagedRefusals.committed(id)
            : StagedRefusals.committed(id, use.revision());
      }
      StagedRecord found;
      try {
        found = staged.get(id).orElseThrow(() -> new MissingRecordException(id));
      } catch (CorruptRecordException e) {
        throw SlipwayException.of(
                ErrorReason.CORRUPT_RECORD,
                "staged write %s can't be read: %s",
                id,
                String.valueOf(e.getMessage()))
            .with("resource", e.key())
            .causedBy(e);
      }
      if (!state.stagedLives(id, found.begun())) {
        throw expired(id, found.begun(), state);
      }
      if (now > found.expiresAt(state.settings())) {
        throw SlipwayException.of(
                ErrorReason.STAGED_WRITE_EXPIRED,
                "staged write %s expired at %s; stage it again",
                id,
                Micros.instant(found.expiresAt(state.settings())))
            .with("resource", id);
      }
      return found;
    }

    private SlipwayException expired(String id, long begun, DatabaseState state) {
      return SlipwayException.of(
              ErrorReason.STAGED_WRITE_EXPIRED,
              "staged write %s was begun at revision %d, below the staged floor %d; stage it again",
              id,
              begun,
              state.stagedFloor())
          .with("resource", id);
    }

    private void write(StagedRecord write, boolean hasRecord) {
      if (!write.branch().equals(spec.branch()) || write.incarnation() != spec.incarnation()) {
        throw SlipwayException.conflict(
            new Conflict(
                write.table(),
                Conflict.Kind.BRANCH,
                "branch " + write.branch() + " created at revision " + write.incarnation(),
                "branch " + spec.branch() + " created at revision " + spec.incarnation(),
                0));
      }
      TableView table =
          branch
              .byId(write.tableId(), write.table())
              .orElseThrow(
                  () ->
                      SlipwayException.conflict(
                          new Conflict(
                              write.table(),
                              Conflict.Kind.TABLE_DROPPED,
                              "table " + write.tableId(),
                              TableView.describe(branch.occupant(write.table())),
                              0)));
      Plan.Touch touch = touch(table);
      // The commit's own earlier changes leave the pin's reference as it was before the commit.
      boolean moved =
          touch.create().isEmpty()
              && (touch.pendingBefore() || !table.pin().ref().equals(write.base()));
      if (moved) {
        MovedTable.check(write, table);
      }
      touch.write(write, moved);
      if (hasRecord) {
        consumed.add(new LogEntry.Consumed(write.id(), write.begun()));
      }
      changed(table.pin(), table.pin().name());
    }

    private void create(Change.Create create) {
      branch
          .occupant(create.name())
          .ifPresent(
              table -> {
                throw exists(create.name(), table);
              });
      Plan.Touch touch = new Plan.Touch(create.tableId(), null, 0, false);
      touch.createAs(create);
      touches.put(create.tableId(), touch);
      Pin pin =
          new Pin(create.tableId(), create.name(), 1, 0, "", "", next, create.keys(), 0, 0, next);
      branch = branch.with(create.name(), new TableView(pin, true));
    }

    private void rename(Change.Rename rename) {
      TableView table = require(rename.name());
      branch
          .occupant(rename.newName())
          .filter(other -> !other.pin().table().equals(table.pin().table()))
          .ifPresent(
              other -> {
                throw exists(rename.newName(), other);
              });
      touch(table).rename(rename.newName());
      branch = branch.without(rename.name());
      changed(table.pin(), rename.newName());
    }

    private SlipwayException exists(String name, TableView other) {
      return SlipwayException.of(
              ErrorReason.TABLE_EXISTS,
              "table %s exists already%s",
              name,
              other.pin().name().equals(name)
                  ? ""
                  : " as " + other.pin().name() + " (names are unique ignoring case)")
          .with("resource", name);
    }

    private TableView require(String name) {
      return branch
          .table(name)
          .orElseThrow(
              () ->
                  SlipwayException.of(
                          ErrorReason.TABLE_NOT_FOUND,
                          "no table %s on branch %s",
                          name,
                          spec.branch())
                      .with("resource", name));
    }

    private Plan.Touch touch(TableView table) {
      Pin pin = table.pin();
      return touches.computeIfAbsent(
          pin.table(), id -> new Plan.Touch(id, pin.name(), pin.version(), table.pending()));
    }

    /** The view's pin after this commit; a commit raises a version by one, however often. */
    private void changed(Pin pin, String name) {
      Plan.Touch touch = touches.get(pin.table());
      long version = touch == null ? pin.version() + 1 : touch.versionBefore() + 1;
      Pin after =
          new Pin(
              pin.table(),
              name,
              version,
              pin.storage(),
              pin.tx(),
              pin.fingerprint(),
              pin.schemaRevision(),
              pin.keys(),
              pin.rows(),
              pin.bytes(),
              next);
      branch = branch.with(name, new TableView(after, true));
    }
  }
}
