package dev.slipway.engine.state;

import dev.slipway.engine.log.EntryHeader;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.log.Settings;
import dev.slipway.engine.log.TableDelta;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;
import org.pcollections.TreePMap;

/**
 * What a database's log adds up to. Immutable: a commit makes a new state that shares all that
 * didn't change.
 *
 * @param incarnation of the database; records of another are refused
 * @param revision of the last entry
 * @param settings as the log has them
 * @param branches by name
 * @param floor reads below it are refused
 * @param stagedFloor staged writes begun below it are dead, unless renewed
 * @param renewed staged writes begun below {@code stagedFloor} that live on
 * @param consumed staged writes used up; forgotten below the staged floor
 * @param timeline what was said revision by revision, and what is decided
 * @param deleted whether the database is gone
 */
public record DatabaseState(
    String incarnation,
    long revision,
    Settings settings,
    TreePMap<String, Branch> branches,
    long floor,
    long stagedFloor,
    Set<String> renewed,
    HashPMap<String, Use> consumed,
    Timeline timeline,
    boolean deleted)
    implements Folded<DatabaseState> {

  public static final String MAIN = "main";

  /**
   * How a staged write was used up.
   *
   * @param begun the head when it was begun
   * @param revision of the commit
   */
  public record Use(long begun, long revision) {}

  /** Before the first entry: an empty main. */
  public static DatabaseState initial(String incarnation) {
    return initial(incarnation, PageLayout.DEFAULT);
  }

  /** Before the first entry of a database whose pages aren't of the ordinary sizes. */
  public static DatabaseState initial(String incarnation, PageLayout layout) {
    Branch main = new Branch(MAIN, 0, 0, TreePMap.empty());
    return new DatabaseState(
        incarnation,
        0,
        Settings.DEFAULT,
        TreePMap.<String, Branch>empty().plus(MAIN, main),
        0,
        0,
        Set.of(),
        HashTreePMap.empty(),
        Timeline.initial(incarnation, layout),
        false);
  }

  public Optional<Branch> branch(String name) {
    return Optional.ofNullable(branches.get(name));
  }

  /** What is decided, within the window. */
  public Decisions decisions() {
    return timeline.decisions();
  }

  /** How its history is cut into pages. */
  public PageLayout layout() {
    return timeline.layout();
  }

  /** The oldest revision whose time, parent and batch are known. */
  public long timesFrom() {
    return timeline.from();
  }

  /** The time of the last entry, microseconds since 1970; 0 before the first. */
  public long lastTime() {
    return timeline.lastTime();
  }

  /** Whether a staged write begun at {@code begun} can still be committed. */
  public boolean stagedLives(String id, long begun) {
    return begun >= stagedFloor || renewed.contains(id);
  }

  /** The first revision of the batch that holds {@code revision}, at least {@code timesFrom}. */
  public long batchStart(long revision) {
    return timeline.batchStart(revision);
  }

  /** The newest revision not later than {@code micros}; {@code timesFrom - 1} if all are. */
  public long revisionAt(long micros) {
    return timeline.revisionAt(micros);
  }

  /** A commit's parent on its branch; -1 if the entry is no commit or no longer known. */
  public long parentOf(long ofRevision) {
    return timeline.parentOf(ofRevision);
  }

  @Override
  public DatabaseState apply(LogBatch batch) {
    if (!batch.isVoid() && !batch.incarnation().equals(incarnation)) {
      throw new RefusedEntryException(
          batch.first(), "it belongs to incarnation " + batch.incarnation());
    }
    if (batch.first() != revision + 1) {
      throw new RefusedEntryException(batch.first(), "expected revision " + (revision + 1));
    }
    DatabaseState state = this;
    for (LogEntry entry : batch.entries()) {
      state = state.apply(entry, batch.entries().size());
    }
    return state.ended(batch.first());
  }

  /**
   * Requests are forgotten once the batch is whole: what it decides was judged by the state before
   * it, and no entry of it may be refused for one that comes before.
   */
  private DatabaseState ended(long first) {
    Draft draft = new Draft(this);
    draft.timeline = timeline.ended(first).forget(draft.settings);
    return draft.build();
  }

  private DatabaseState apply(LogEntry entry, int batchSize) {
    long next = revision + 1;
    if (deleted) {
      throw new RefusedEntryException(next, "the database is deleted");
    }
    if (entry instanceof LogEntry.Voided) {
      return voided(next);
    }
    EntryHeader header = entry.header();
    if (header.time() <= lastTime()) {
      throw new RefusedEntryException(next, "its time is not after the entry's before it");
    }
    if (header.begun() > revision) {
      throw new RefusedEntryException(next, "it was begun at revision " + header.begun());
    }
    Draft draft = new Draft(this);
    draft.revision = next;
    Optional<Decision> decision = Decision.of(next, entry, header.time());
    decision.ifPresent(decided -> requireUndecided(decided, header));
    draft.timeline = timeline.plus(header.time(), parent(entry), decision);
    if (entry instanceof LogEntry.Commit commit) {
      applyCommit(draft, next, commit);
    } else if (entry instanceof LogEntry.HistoryExpired expired) {
      applyExpired(draft, next, expired);
    } else if (entry instanceof LogEntry.SettingsChanged changed) {
      draft.settings = changed.settings();
    } else if (entry instanceof LogEntry.DatabaseDeleted) {
      if (batchSize != 1) {
        throw new RefusedEntryException(next, "a deletion must be alone in its batch");
      }
      draft.deleted = true;
    } else if (!(entry instanceof LogEntry.Abort)) {
      throw new RefusedEntryException(next, "a database's log can't hold " + entry.getClass());
    }
    return draft.build();
  }

  /** What {@link #parentOf} says of an entry. */
  static long parent(LogEntry entry) {
    return entry instanceof LogEntry.Commit commit ? commit.parent() : -1;
  }

  /** A revision that an operator made empty. */
  private DatabaseState voided(long next) {
    Draft draft = new Draft(this);
    draft.revision = next;
    draft.timeline = timeline.plus(lastTime() + 1, -1, Optional.empty());
    return draft.build();
  }

  private void requireUndecided(Decision decision, EntryHeader header) {
    long next = decision.revision();
    Decisions decisions = decisions();
    if (decision.committed() && header.begun() < decisions.floor()) {
      throw new RefusedEntryException(
          next,
          "it was begun at revision "
              + header.begun()
              + ", below the idempotency floor "
              + decisions.floor());
    }
    if (decisions.operation(decision.op()).isPresent()) {
      throw new RefusedEntryException(next, "operation " + decision.op() + " is decided already");
    }
    String request = decision.request();
    if (request != null && decisions.request(request).isPresent()) {
      throw new RefusedEntryException(next, "request " + request + " is decided already");
    }
  }

  private void applyCommit(Draft draft, long next, LogEntry.Commit commit) {
    Branch branch = branches.get(commit.branch());
    if (branch == null || branch.incarnation() != commit.incarnation()) {
      throw new RefusedEntryException(
          next, "branch " + commit.branch() + "@" + commit.incarnation() + " isn't there");
    }
    if (branch.head() != commit.parent()) {
      throw new RefusedEntryException(
          next,
          "its parent is " + commit.parent() + ", the branch is at revision " + branch.head());
    }
    for (LogEntry.Consumed staged : commit.consumed()) {
      if (draft.consumed.containsKey(staged.id())) {
        throw new RefusedEntryException(
            next, "staged write " + staged.id() + " is committed already");
      }
      if (!stagedLives(staged.id(), staged.begun())) {
        throw new RefusedEntryException(
            next, "staged write " + staged.id() + " is below the staged floor " + stagedFloor);
      }
      draft.consumed = draft.consumed.plus(staged.id(), new Use(staged.begun(), next));
    }
    if (!commit.tables().isEmpty() && commit.header().begun() < stagedFloor) {
      throw new RefusedEntryException(
          next,
          "it was begun at revision "
              + commit.header().begun()
              + ", below the staged floor "
              + stagedFloor);
    }
    TreePMap<String, Pin> tables = branch.tables();
    for (TableDelta delta : commit.tables()) {
      tables = applyDelta(tables, next, delta);
    }
    draft.branches =
        branches.plus(branch.name(), new Branch(branch.name(), branch.incarnation(), next, tables));
  }

  private static TreePMap<String, Pin> applyDelta(
      TreePMap<String, Pin> tables, long next, TableDelta delta) {
    String before = delta.previous() == null ? delta.name() : delta.previous();
    Pin old = tables.get(Branch.key(before));
    long oldVersion = old == null ? 0 : old.version();
    if (delta.from() != oldVersion) {
      throw new RefusedEntryException(
          next,
          "table "
              + before
              + " is at version "
              + oldVersion
              + ", the entry was made from "
              + delta.from());
    }
    Pin pin = delta.pin();
    if (pin != null && old != null && !old.table().equals(pin.table())) {
      throw new RefusedEntryException(next, "table " + before + " is another table by now");
    }
    TreePMap<String, Pin> without = tables.minus(Branch.key(before));
    if (pin == null) {
      return without;
    }
    if (without.containsKey(Branch.key(pin.name()))) {
      throw new RefusedEntryException(next, "table " + pin.name() + " exists already");
    }
    return without.plus(Branch.key(pin.name()), pin.stamped(next));
  }

  private void applyExpired(Draft draft, long next, LogEntry.HistoryExpired expired) {
    if (expired.floor() < floor || expired.stagedFloor() < stagedFloor) {
      throw new RefusedEntryException(next, "a floor never goes down");
    }
    // The entry itself may be the staged floor: then all that began before it is dead.
    if (expired.floor() > revision || expired.stagedFloor() > next) {
      throw new RefusedEntryException(next, "a floor can't be above the head");
    }
    draft.floor = expired.floor();
    draft.stagedFloor = expired.stagedFloor();
    draft.renewed = new HashSet<>(expired.renewed());
    for (var entry : consumed.entrySet()) {
      if (entry.getValue().begun() < expired.stagedFloor()
          && !draft.renewed.contains(entry.getKey())) {
        draft.consumed = draft.consumed.minus(entry.getKey());
      }
    }
    // Batches that hold a revision at or above the floor stay known, whole; so do those that answer
    // a request that is still remembered.
    draft.timeline = draft.timeline.expire(Math.min(expired.floor(), decisions().floor()));
  }

  /** The next state while it is being made: only what differs is set. */
  private static final class Draft {
    private final DatabaseState from;
    private long revision;
    private Settings settings;
    private TreePMap<String, Branch> branches;
    private long floor;
    private long stagedFloor;
    private Set<String> renewed;
    private HashPMap<String, Use> consumed;
    private Timeline timeline;
    private boolean deleted;

    Draft(DatabaseState from) {
      this.from = from;
      this.revision = from.revision;
      this.settings = from.settings;
      this.branches = from.branches;
      this.floor = from.floor;
      this.stagedFloor = from.stagedFloor;
      this.renewed = from.renewed;
      this.consumed = from.consumed;
      this.timeline = from.timeline;
      this.deleted = from.deleted;
    }

    DatabaseState build() {
      return new DatabaseState(
          from.incarnation,
          revision,
          settings,
          branches,
          floor,
          stagedFloor,
          renewed,
          consumed,
          timeline,
          deleted);
    }
  }
}
