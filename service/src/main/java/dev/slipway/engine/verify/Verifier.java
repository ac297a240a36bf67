package dev.slipway.engine.verify;

import dev.slipway.engine.CancelSignal;
import dev.slipway.engine.Finding;
import dev.slipway.engine.Finding.Kind;
import dev.slipway.engine.VerifyListener;
import dev.slipway.engine.VerifySummary;
import dev.slipway.engine.commit.Change;
import dev.slipway.engine.commit.Intent;
import dev.slipway.engine.commit.IntentStore;
import dev.slipway.engine.commit.OperationSpec;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.Layout;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.staging.StagedRecord;
import dev.slipway.engine.staging.StagedStore;
import dev.slipway.engine.state.CheckpointStore;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.TableId;
import dev.slipway.storage.VersionRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Checks one database. Files are listed before the log is folded, so that a version younger than
 * the listing can't make an older file look missing; what was in use only meanwhile shows as
 * unreferenced at worst. Used by one thread, once.
 */
public final class Verifier {
  private final StorageBackend backend;
  private final String database;
  private final LogStore log;
  private final CheckpointStore checkpoints;
  private final IntentStore intents;
  private final StagedStore staged;
  private final Supplier<DatabaseState> now;
  private final Supplier<Set<String>> ownIntents;
  private final Findings findings;
  private final SealedObjects sealed;
  private final boolean deep;
  private final Map<String, Map<String, Long>> homes = new TreeMap<>();
  private final Map<String, List<StagedRecord>> writes = new HashMap<>();
  private final Set<String> begun = new TreeSet<>();
  private final Set<String> inIntents = new HashSet<>();

  /**
   * @param database the incarnation
   * @param now gives the state at the head of the log
   * @param ownIntents gives the ids of intents that this process is carrying out
   * @param deep also read every row of every version
   */
  public Verifier(
      StorageBackend backend,
      String database,
      CheckpointStore checkpoints,
      IntentStore intents,
      StagedStore staged,
      Supplier<DatabaseState> now,
      Supplier<Set<String>> ownIntents,
      boolean deep,
      VerifyListener listener,
      CancelSignal cancel) {
    this.backend = backend;
    this.database = database;
    // Its own: a process reads verdicts once, and a check reads everything anew.
    this.log = new LogStore(backend.metadata(), Layout.home(database));
    this.checkpoints = checkpoints;
    this.intents = intents;
    this.staged = staged;
    this.now = now;
    this.ownIntents = ownIntents;
    this.deep = deep;
    this.findings = new Findings(listener, cancel);
    this.sealed = new SealedObjects(backend.metadata(), Layout.home(database), findings);
  }

  /**
   * @throws StorageException if the storage as a whole is in trouble
   */
  public VerifySummary verify() {
    long floor = now.get().floor();
    List<String> known = intents.ids();
    listFiles();
    readStaged();
    readIntents(known);
    sealed.format(database);
    sealed.folders();
    LogCheck check = new LogCheck(log, checkpoints, database, floor, findings);
    check.run();
    long rows = 0;
    long versions = 0;
    Set<String> tables = new TreeSet<>(homes.keySet());
    tables.addAll(check.pins().tables().keySet());
    tables.addAll(writes.keySet());
    for (String table : tables) {
      findings.progress("tables", versions, check.pins().size());
      TableCheck done = table(table, check, floor);
      rows += done.rows();
      versions += done.versions();
    }
    findings.progress("tables", versions, check.pins().size());
    danglingIntents(known);
    return new VerifySummary(
        check.head().revision(),
        check.records(),
        check.compared(),
        versions,
        homes.values().stream().mapToLong(Map::size).sum(),
        homes.values().stream()
            .flatMap(files -> files.values().stream())
            .mapToLong(Long::longValue)
            .sum(),
        rows,
        known.size(),
        findings.count(Finding.Severity.PROBLEM),
        findings.count(Finding.Severity.NOTICE));
  }

  private void listFiles() {
    List<String> found = backend.inlineResidual().homes(database);
    for (String table : found) {
      findings.progress("files", homes.size(), found.size());
      try {
        homes.put(table, backend.inlineResidual().fileSizes(new TableId(database, table)));
      } catch (StorageException e) {
        if (e.code() == StorageErrorCode.INVALID_ARGUMENT) {
          findings.add(Kind.UNREFERENCED, table, 0, "tables/" + table, "it is no table's name");
        } else if (e.code() != StorageErrorCode.TABLE_NOT_FOUND) {
          throw e;
        }
        // Else it was purged meanwhile.
      }
    }
  }

  private void readStaged() {
    staged.forEachId(
        id -> {
          try {
            staged.get(id).ifPresent(this::keep);
          } catch (CorruptRecordException e) {
            findings.corrupt(0, e);
          }
        });
  }

  private void keep(StagedRecord write) {
    writes.computeIfAbsent(write.tableId(), id -> new ArrayList<>()).add(write);
  }

  private void readIntents(List<String> ids) {
    for (String id : ids) {
      try {
        intents.get(id).stream()
            .flatMap(intent -> intent.operations().stream())
            .flatMap(operation -> operation.changes().stream())
            .forEach(
                change -> {
                  if (change instanceof Change.Inline inline) {
                    keep(inline.staged());
                    inIntents.add(inline.staged().id());
                  } else if (change instanceof Change.Create create) {
                    begun.add(create.tableId());
                  }
                });
      } catch (CorruptRecordException e) {
        findings.corrupt(0, e);
      }
    }
  }

  private TableCheck table(String id, LogCheck check, long floor) {
    Map<String, Long> listed = homes.getOrDefault(id, Map.of());
    Map<VersionRef, Pins.Named> named = check.pins().tables().getOrDefault(id, Map.of());
    TableCheck table = new TableCheck(backend, new TableId(database, id), listed, findings);
    table.versions(named, deep, each -> isRetained(each, floor));
    for (StagedRecord write : writes.getOrDefault(id, List.of())) {
      staged(table, write, check.head());
    }
    if (named.isEmpty() && !writes.containsKey(id) && !begun.contains(id)) {
      findings.add(
          Kind.UNREFERENCED,
          id,
          0,
          "tables/" + id,
          "no retained revision names the table: " + listed.size() + " files");
    } else {
      table.unreferenced(
          named.values().stream().findFirst().map(n -> TableCheck.name(n.pin())).orElse(id));
    }
    return table;
  }

  /** The floor may have risen since the check began, and files below it may be gone. */
  private boolean isRetained(Pins.Named named, long floor) {
    DatabaseState state = now.get();
    return state.floor() == floor
        || named.revision() >= state.floor()
        || state.branches().values().stream()
            .flatMap(branch -> branch.pins().stream())
            .anyMatch(pin -> pin.ref().equals(named.pin().ref()));
  }

  private void staged(TableCheck table, StagedRecord write, DatabaseState head) {
    if (!isLive(write, head)) {
      return;
    }
    try {
      StagedWrite found = backend.tables().fromToken(write.token());
      table.staged(write.id(), found, () -> isWaiting(write));
    } catch (StorageException e) {
      if (e.code() != StorageErrorCode.TOKEN_INVALID
          && e.code() != StorageErrorCode.TABLE_NOT_FOUND) {
        throw e;
      }
      findings.add(
          e.code() == StorageErrorCode.TOKEN_INVALID ? Kind.CORRUPT_RECORD : Kind.MISSING_FILE,
          write.tableId(),
          0,
          "staged write " + write.id(),
          String.valueOf(e.getMessage()));
    }
  }

  private static boolean isLive(StagedRecord write, DatabaseState state) {
    return state.stagedLives(write.id(), write.begun())
        && !state.consumed().containsKey(write.id());
  }

  /** Whether it is still to be committed: its files may go once it isn't. */
  private boolean isWaiting(StagedRecord write) {
    return isLive(write, now.get())
        && (inIntents.contains(write.id()) || staged.get(write.id()).isPresent());
  }

  /** Those that were there when the check began, are there still, and have no one. */
  private void danglingIntents(List<String> known) {
    findings.progress("intents", 0, known.size());
    Set<String> still = known.isEmpty() ? Set.of() : Set.copyOf(intents.ids());
    for (String id : known) {
      if (still.contains(id) && !ownIntents.get().contains(id)) {
        dangling(id);
      }
    }
    findings.progress("intents", known.size(), known.size());
  }

  private void dangling(String id) {
    Optional<Intent> intent;
    try {
      intent = intents.get(id);
    } catch (CorruptRecordException e) {
      findings.add(Kind.DANGLING_INTENT, 0, intents.key(id), "it is quarantined: it can't be read");
      return;
    }
    if (intent.isEmpty()) {
      return;
    }
    DatabaseState state = now.get();
    String operations =
        intent.get().operations().stream()
            .filter(spec -> state.decisions().of(spec.op(), spec.request()).isEmpty())
            .map(Verifier::describe)
            .collect(Collectors.joining(", "));
    if (operations.isEmpty()) {
      findings.add(
          Kind.LEFTOVER_INTENT,
          0,
          intents.key(id),
          "all of it is decided and in the log; the next recovery deletes it");
    } else {
      findings.add(
          Kind.DANGLING_INTENT,
          0,
          intents.key(id),
          "undecided, and nobody here carries it out: " + operations);
    }
  }

  private static String describe(OperationSpec spec) {
    return "operation "
        + spec.op()
        + " of "
        + spec.actor()
        + (spec.request() == null ? "" : ", request " + spec.request());
  }
}
