package dev.slipway.engine.cleanup;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.StorageErrors;
import dev.slipway.engine.commit.Change;
import dev.slipway.engine.commit.Intent;
import dev.slipway.engine.commit.OperationSpec;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.log.TableDelta;
import dev.slipway.engine.staging.StagedRecord;
import dev.slipway.engine.state.Branch;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.VersionRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is referred to: every version that a readable revision pins, and the files of live staged
 * writes and intents. Grows with the log: {@link #follow}. Holds a version reference for each
 * change of a table that can still be read, and the file names of live staged writes.
 */
final class Roots {
  private final CleanupParts parts;
  private final Floors floors;
  private final Map<String, Set<VersionRef>> versions = new HashMap<>();
  private final Map<String, Set<String>> stagedFiles = new HashMap<>();
  private final Map<String, SlipwayException> unclear = new HashMap<>();
  private final Set<String> named = new TreeSet<>();
  private final List<String> liveStaged = new ArrayList<>();
  private final List<String> deadStaged = new ArrayList<>();
  private final Set<String> unaccounted;
  private final List<String> problems = new ArrayList<>();
  private long traced;

  /**
   * Reads staged writes and intents <em>before</em> the log: one that goes while this reads is
   * decided in the log that is read after it.
   */
  Roots(CleanupParts parts, Floors floors) {
    this.parts = parts;
    this.floors = floors;
    this.unaccounted = new TreeSet<>(floors.renewed());
    addStaged();
    addIntents();
  }

  /** Adds everything that can be read from the floor up to {@code state}. */
  void trace(DatabaseState state) {
    begin(Math.max(floors.floor(), state.floor()), state);
    follow(state);
  }

  private void begin(long revision, DatabaseState state) {
    DatabaseState oldest = readable(revision, state);
    for (Branch branch : oldest.branches().values()) {
      branch.pins().forEach(this::add);
    }
    traced = revision;
  }

  private DatabaseState readable(long revision, DatabaseState state) {
    try {
      return parts.history().at(revision, state);
    } catch (SlipwayException e) {
      throw e.reason() == ErrorReason.REVISION_EXPIRED ? overtaken(revision).causedBy(e) : e;
    }
  }

  /** Adds what was published since, up to {@code state}. */
  void follow(DatabaseState state) {
    if (traced < state.floor()) {
      // Another cleanup went ahead; what is below its floor can't be read any more.
      begin(state.floor(), state);
    }
    while (traced < state.revision()) {
      LogBatch batch = batch(state.batchStart(traced + 1));
      for (int i = (int) (traced + 1 - batch.first()); i < batch.entries().size(); i++) {
        if (batch.entries().get(i) instanceof LogEntry.Commit commit) {
          for (TableDelta delta : commit.tables()) {
            Optional.ofNullable(delta.pin()).ifPresent(this::add);
          }
        }
      }
      traced = batch.last();
    }
  }

  private LogBatch batch(long first) {
    LogStore.Found found = parts.log().read(first);
    if (found instanceof LogStore.Found.Batch batch) {
      return batch.batch();
    }
    boolean hollow = found instanceof LogStore.Found.Hollow;
    // Records are hollowed below the floor alone.
    if (hollow && first <= parts.live().refresh().floor()) {
      throw overtaken(first);
    }
    throw new CorruptRecordException(
        parts.log().key(first),
        hollow ? "it is hollow above the history floor" : "it is gone",
        null);
  }

  private static SlipwayException overtaken(long revision) {
    return SlipwayException.of(
            ErrorReason.OVERLOADED,
            "another cleanup expired revision %d while this one was reading it; run it again",
            revision)
        .retryAfter(Duration.ofSeconds(1));
  }

  private void add(Pin pin) {
    add(pin.table(), pin.ref());
  }

  private void add(String table, VersionRef ref) {
    versions.computeIfAbsent(table, id -> new LinkedHashSet<>()).add(ref);
    named.add(table);
  }

  private void addStaged() {
    parts
        .staged()
        .forEachId(
            id -> {
              try {
                parts.staged().get(id).ifPresent(this::addOrBury);
              } catch (CorruptRecordException e) {
                // It can't be committed either, so nothing of it is needed.
                problems.add(String.valueOf(e.getMessage()));
              }
            });
  }

  private void addOrBury(StagedRecord record) {
    if (floors.lives(record.id(), record.begun())) {
      add(record);
      liveStaged.add(record.id());
      if (record.renewals() > 0 && record.begun() < floors.stagedFloor()) {
        unaccounted.remove(record.id());
      }
    } else {
      deadStaged.add(record.id());
    }
  }

  private void addIntents() {
    for (String id : parts.intents().ids()) {
      Optional<Intent> intent;
      try {
        intent = parts.intents().get(id);
      } catch (CorruptRecordException e) {
        // Recovery quarantines it: nobody completes it.
        problems.add(String.valueOf(e.getMessage()));
        continue;
      }
      for (OperationSpec operation : intent.map(Intent::operations).orElse(List.of())) {
        if (operation.begun() >= floors.stagedFloor()) {
          operation.changes().forEach(this::add);
        }
      }
    }
  }

  private void add(Change change) {
    if (change instanceof Change.Inline inline) {
      add(inline.staged());
    } else if (change instanceof Change.Create create) {
      named.add(create.tableId());
    }
  }

  private void add(StagedRecord record) {
    try {
      StagedWrite staged = parts.backend().tables().fromToken(record.token());
      stagedFiles
          .computeIfAbsent(record.tableId(), id -> new TreeSet<>())
          .addAll(parts.backend().tables().files(staged));
    } catch (StorageException e) {
      unclear.put(record.tableId(), StorageErrors.translate(e));
    }
    // A renewed one may be based on a version that can't be read any more.
    add(record.tableId(), record.base());
  }

  /** Ids of the tables that something refers to. */
  Set<String> tables() {
    return named;
  }

  boolean names(String table) {
    return named.contains(table);
  }

  /**
   * Whether all that may still commit from below the staged floor is known here. A renewed staged
   * write that was discarded may be in the middle of a commit that read its record before: nothing
   * says which files that names, until it is in the log. The next floor no longer spares it.
   */
  boolean accountsForRenewed(DatabaseState state) {
    return unaccounted.stream().allMatch(state.consumed()::containsKey);
  }

  /** Why it can't be told what a table's staged writes need, if it can't. */
  Optional<SlipwayException> unclear(String table) {
    return Optional.ofNullable(unclear.get(table));
  }

  Collection<VersionRef> versions(String table) {
    return versions.getOrDefault(table, Set.of());
  }

  Collection<String> stagedFiles(String table) {
    return stagedFiles.getOrDefault(table, Set.of());
  }

  /** Staged writes that weren't known to be used up. */
  List<String> liveStaged() {
    return liveStaged;
  }

  /** Staged writes with a record that can't be committed any more. */
  List<String> deadStaged() {
    return deadStaged;
  }

  List<String> problems() {
    return problems;
  }
}
