package dev.slipway.engine.matrix;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.Database;
import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.Databases;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Finding;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.RecoveryReport;
import dev.slipway.engine.TableInfo;
import dev.slipway.engine.VerifyListener;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.matrix.Ledger.Answer;
import dev.slipway.engine.state.CheckpointStore;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.storage.MetadataStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What must hold whatever failed, once somebody has recovered:
 *
 * <ul>
 *   <li>every acknowledged commit is in the log once, at the revision its client was told; what a
 *       client was told had failed isn't; what was left open is there once or not at all, and
 *       {@link Database#outcome} says which;
 *   <li>what can be read, at the head and at every earlier revision, is what the log's commits add
 *       up to: none lost, none doubled, none half there;
 *   <li>no intent is left, and recovering again changes nothing;
 *   <li>every checkpoint and the log's tail after it add up to the same state as the whole log;
 *   <li>a check of the database finds no problem.
 * </ul>
 */
public final class Oracle {
  private final MetadataStore store;
  private final Ledger ledger;

  /**
   * @param store the metadata as it lies in storage
   */
  public Oracle(MetadataStore store, Ledger ledger) {
    this.store = store;
    this.ledger = ledger;
  }

  /** Checks a database that has been recovered, through any engine over its storage. */
  public void check(Client client) {
    check(client.database());
  }

  /** Checks a database that has been recovered. */
  public void check(Database database) {
    nothingIsLeftToRecover(database);
    LogReader log = LogReader.read(store, database.info().id());
    SortedMap<Long, LogEntry> entries = log.entries();
    answersAgreeWithTheLog(database, entries);
    readsAgreeWithTheLog(database, entries);
    checkpointsAgreeWithTheLog(database.info().id(), log);
    aCheckFindsNoProblem(database);
  }

  private static void aCheckFindsNoProblem(Database database) {
    assertThat(problems(database)).as("what a check of the database finds").isEmpty();
  }

  /** The problems that a check of the database finds. */
  public static List<Finding> problems(Database database) {
    Findings findings = new Findings();
    var unused = database.verify(TESTER, false, findings);
    return findings.problems;
  }

  private static final class Findings implements VerifyListener {
    private final List<Finding> problems = new ArrayList<>();

    @Override
    public void found(Finding finding) {
      if (finding.kind().severity() == Finding.Severity.PROBLEM) {
        problems.add(finding);
      }
    }

    @Override
    public void progress(String phase, long done, long total) {
      assertThat(done).as("progress of %s", phase).isNotNegative();
    }
  }

  /**
   * For a database whose commits no ledger knows, and whose log may have been trimmed: no intent is
   * left, recovering changes nothing, checkpoints agree with what there is of the log, and a check
   * of the database finds no problem.
   */
  public void checkWithoutLedger(Database database) {
    nothingIsLeftToRecover(database);
    String id = database.info().id();
    checkpointsAgreeWithTheLog(id, LogReader.readTrimmed(store, id));
    aCheckFindsNoProblem(database);
  }

  /** The same for all databases there are, and for the catalog that names them. */
  public void checkAll(Databases databases) {
    Findings catalog = new Findings();
    var unused = databases.verifyCatalog(TESTER, catalog);
    assertThat(catalog.problems).as("what a check of the catalog finds").isEmpty();
    for (DatabaseInfo info : databases.list(TESTER, "", 1_000)) {
      checkWithoutLedger(databases.database(TESTER, info.name()));
    }
  }

  private void nothingIsLeftToRecover(Database database) {
    long head = database.head();
    RecoveryReport again = database.recover(TESTER);
    assertThat(again.pending()).as("intents that stay undecided").isEmpty();
    assertThat(again.quarantined()).as("quarantined intents").isEmpty();
    assertThat(store.list("db/" + database.info().id() + "/intents/", "", 100))
        .as("intents left")
        .isEmpty();
    assertThat(database.head()).as("the head after recovering once more").isEqualTo(head);
  }

  // ---- answers

  private void answersAgreeWithTheLog(Database database, SortedMap<Long, LogEntry> entries) {
    Map<String, Outcome> decided = decisions(entries);
    for (Ledger.Asked asked : ledger.all().values()) {
      Outcome logged = decided.getOrDefault(asked.request(), new Outcome.NotFound());
      assertThat(database.outcome(TESTER, asked.request(), false))
          .as("outcome of %s, which was answered %s", asked.request(), asked.answers())
          .isEqualTo(logged);
      for (Answer answer : asked.answers()) {
        if (answer instanceof Answer.Acknowledged acknowledged) {
          assertThat(logged)
              .as("%s was acknowledged", asked.request())
              .isEqualTo(new Outcome.Committed(acknowledged.revision()));
        }
        if (answer instanceof Answer.Refused refused
            && refused.reason() == ErrorReason.COMMIT_CONFLICT) {
          assertThat(logged)
              .as("%s was told of a conflict", asked.request())
              .isInstanceOf(Outcome.Aborted.class);
        }
      }
      boolean saidNo =
          !asked.answers().isEmpty()
              && asked.answers().stream().allMatch(Answer.Refused.class::isInstance);
      if (saidNo) {
        assertThat(logged)
            .as("%s was only ever told that it failed: %s", asked.request(), asked.answers())
            .isNotInstanceOf(Outcome.Committed.class);
      }
    }
  }

  /** What the log says of each request; each may be decided once, each operation too. */
  private static Map<String, Outcome> decisions(SortedMap<Long, LogEntry> entries) {
    Map<String, Outcome> decided = new HashMap<>();
    Map<String, Long> operations = new HashMap<>();
    entries.forEach(
        (revision, entry) -> {
          assertThat(operations.put(entry.header().op(), revision))
              .as("the revision that decided the operation of %d before", revision)
              .isNull();
          Optional<Outcome> outcome = outcome(revision, entry);
          String request = entry.header().request();
          if (request != null && outcome.isPresent()) {
            assertThat(decided.put(request, outcome.get()))
                .as("what decided %s before revision %d", request, revision)
                .isNull();
          }
        });
    return decided;
  }

  /** What an entry says became of its request, if it says that. */
  public static Optional<Outcome> outcome(long revision, LogEntry entry) {
    if (entry instanceof LogEntry.Commit) {
      return Optional.of(new Outcome.Committed(revision));
    }
    if (entry instanceof LogEntry.Abort abort && abort.decidesRequest()) {
      return Optional.of(
          new Outcome.Aborted(
              revision, ErrorReason.valueOf(abort.reason()), abort.message(), abort.conflicts()));
    }
    return Optional.empty();
  }

  // ---- data

  private void readsAgreeWithTheLog(Database database, SortedMap<Long, LogEntry> entries) {
    Model model = Model.EMPTY;
    SortedMap<Long, Model> history = new TreeMap<>();
    for (Map.Entry<Long, LogEntry> entry : entries.entrySet()) {
      if (entry.getValue() instanceof LogEntry.Commit commit) {
        String request =
            Optional.ofNullable(commit.header().request()).orElse(commit.properties().get("asked"));
        Ledger.Asked asked = request == null ? null : ledger.all().get(request);
        if (asked == null) {
          throw new AssertionError("revision " + entry.getKey() + " commits what nobody asked for");
        }
        model = asked.effect().apply(model);
      }
      history.put(entry.getKey(), model);
    }
    history.forEach((revision, then) -> reads(database, ReadAt.revision(revision), then));
    reads(database, ReadAt.HEAD, model);
  }

  /** What can be read is what it should be, table for table and row for row. */
  public static void reads(Database database, ReadAt at, Model model) {
    List<TableInfo> tables = database.tables(TESTER, at, "", 1_000).value();
    assertThat(tables.stream().map(TableInfo::name).sorted().toList())
        .as("tables at %s", at)
        .isEqualTo(List.copyOf(model.tables().keySet()));
    for (TableInfo table : tables) {
      List<Map<String, @Nullable Object>> rows =
          EngineFixture.read(database, table.name(), at).stream()
              .sorted(Comparator.comparingLong(Model::id))
              .toList();
      assertThat(rows).as("rows of %s at %s", table.name(), at).isEqualTo(model.rows(table.name()));
      assertThat(table.rows()).as("row count of %s at %s", table.name(), at).isEqualTo(rows.size());
    }
  }

  // ---- checkpoints

  /** Every checkpoint, and the log after it, add up to what the whole log does. */
  public void checkpointsAgreeWithTheLog(String database, LogReader log) {
    CheckpointStore checkpoints =
        new CheckpointStore(store, "db/" + database, FailureInjector.NONE);
    LogStore stored = new LogStore(store, "db/" + database);
    for (long revision : checkpoints.revisions()) {
      if (stored.isHollow(revision + 1)) {
        // A process that slept wrote it after a cleanup had proven a newer one.
        continue;
      }
      DatabaseState state = checkpoints.read(revision).orElseThrow();
      assertThat(checkpoints.flaws(revision, new HashMap<>())).isEmpty();
      LogReader paged = log.paged(state.layout());
      assertThat(CheckpointStore.encode(state))
          .as("checkpoint %d", revision)
          .isEqualTo(CheckpointStore.encode(paged.at(revision)));
      for (var batch : log.after(revision)) {
        state = state.apply(batch);
      }
      assertThat(CheckpointStore.encode(state))
          .as("checkpoint %d and the log after it", revision)
          .isEqualTo(CheckpointStore.encode(paged.head()));
    }
  }
}
