package dev.slipway.engine.simulation;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Finding;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.RecoveryReport;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.cleanup.ReclaimOracle;
import dev.slipway.engine.commit.Intent;
import dev.slipway.engine.commit.IntentStore;
import dev.slipway.engine.commit.OperationSpec;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.Micros;
import dev.slipway.engine.matrix.Ledger;
import dev.slipway.engine.matrix.Ledger.Answer;
import dev.slipway.engine.matrix.LogReader;
import dev.slipway.engine.matrix.Oracle;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.StorageBackend;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * What must hold when all is quiet again: the matrix's oracle, for a log of which cleanups may have
 * left the end alone. Above the floors nothing may be missing; below them everything is refused.
 */
final class Aftermath {
  private final StorageBackend storage;
  private final MetadataStore store;
  private final Journal journal;
  private final Judge judge;
  private final Book book;
  private final Tally tally;

  /**
   * @param storage past all faults
   */
  Aftermath(StorageBackend storage, Incarnation in, Judge judge, Tally tally) {
    this.storage = storage;
    this.store = storage.metadata();
    this.journal = in.journal();
    this.judge = judge;
    this.book = in.book();
    this.tally = tally;
  }

  /** Checks a database that has been recovered, through any engine. */
  void check(Database database) {
    String id = database.info().id();
    nothingIsLeftToRecover(database);
    book.ledger().all().values().forEach(asked -> isKnown(database, asked));
    book.ledger().all().values().forEach(this::isAnsweredByTheLog);
    everyRevisionIsReadableOrExpired(database);
    noLogKeyIsFree(id);
    new Oracle(store, new Ledger())
        .checkpointsAgreeWithTheLog(id, LogReader.of(id, journal.batches()));
    aCheckFindsNothingElse(database);
  }

  /** Checks a database that was dropped: what it answered, and that its log's keys stay taken. */
  void checkDropped(String id) {
    book.ledger().all().values().forEach(this::isAnsweredByTheLog);
    LogStore log = new LogStore(store, "db/" + id);
    for (LogBatch batch : journal.batches()) {
      assertThat(log.bytes(batch.first()))
          .as("log key %d of dropped database %s", batch.first(), id)
          .isPresent();
    }
  }

  /**
   * Two cleanups that wait for nobody leave exactly what the head needs, and the head as it was.
   */
  void checkReclaimed(Database database) {
    new ReclaimOracle(storage).check(database);
    Oracle.reads(database, ReadAt.HEAD, judge.model(judge.state().revision()));
    aCheckFindsNothingElse(database);
  }

  /** No intent stays but those that nobody may complete any more. */
  private void nothingIsLeftToRecover(Database database) {
    long head = database.head();
    RecoveryReport again = database.recover(TESTER);
    assertThat(again.pending()).as("intents that stay undecided").isEmpty();
    assertThat(database.head()).as("the head after recovering once more").isEqualTo(head);
    IntentStore intents = new IntentStore(store, "db/" + database.info().id());
    assertThat(intents.ids())
        .as("intents left")
        .containsExactlyInAnyOrderElementsOf(again.quarantined().keySet());
    DatabaseState state = judge.state();
    long floor = Math.max(state.stagedFloor(), state.decisions().floor());
    for (String id : again.quarantined().keySet()) {
      Intent intent = intents.get(id).orElseThrow();
      assertThat(intent.operations().stream().mapToLong(OperationSpec::begun).min().orElse(floor))
          .as("where the oldest operation of quarantined intent %s began", id)
          .isLessThan(floor);
    }
    tally.add(Happening.INTENTS_QUARANTINED, again.quarantined().size());
  }

  /** A check of the database reports the quarantined intents, and nothing else. */
  private void aCheckFindsNothingElse(Database database) {
    Set<String> quarantined = database.condition().quarantined().keySet();
    assertThat(Oracle.problems(database))
        .as("what a check of the database finds beside %s", quarantined)
        .allMatch(
            finding ->
                finding.kind() == Finding.Kind.DANGLING_INTENT
                    && quarantined.contains(
                        finding.resource().substring(finding.resource().lastIndexOf('/') + 1)));
  }

  // ---- answers

  private void isKnown(Database database, Ledger.Asked asked) {
    assertThat(database.outcome(TESTER, asked.request(), false))
        .as("outcome of %s, which was answered %s", asked.request(), asked.answers())
        .isEqualTo(remembered(judge.decisions(asked.request())));
  }

  private void isAnsweredByTheLog(Ledger.Asked asked) {
    Set<Outcome> logged = new HashSet<>();
    for (long revision : judge.decisions(asked.request())) {
      logged.add(logged(revision));
    }
    for (Answer answer : asked.answers()) {
      if (answer instanceof Answer.Acknowledged yes) {
        assertThat(logged)
            .as("%s was acknowledged", asked.request())
            .contains(new Outcome.Committed(yes.revision()));
      }
      if (answer instanceof Answer.Refused no && no.reason() == ErrorReason.COMMIT_CONFLICT) {
        assertThat(logged)
            .as("%s was told of a conflict", asked.request())
            .hasAtLeastOneElementOfType(Outcome.Aborted.class);
      }
    }
    boolean saidNo =
        !asked.answers().isEmpty()
            && asked.answers().stream().allMatch(Answer.Refused.class::isInstance);
    if (saidNo) {
      assertThat(logged)
          .as("%s was only ever told that it failed: %s", asked.request(), asked.answers())
          .doesNotHaveAnyElementsOfTypes(Outcome.Committed.class);
    }
  }

  private Outcome remembered(List<Long> decisions) {
    long floor = judge.state().decisions().floor();
    if (decisions.isEmpty() || decisions.get(decisions.size() - 1) < floor) {
      tally.add(Happening.REQUESTS_FORGOTTEN, decisions.size());
      return new Outcome.NotFound();
    }
    return logged(decisions.get(decisions.size() - 1));
  }

  private Outcome logged(long revision) {
    return Oracle.outcome(revision, judge.entry(revision)).orElseThrow();
  }

  // ---- data

  private void everyRevisionIsReadableOrExpired(Database database) {
    DatabaseState state = judge.state();
    judge.recoveries().forEach(what -> tally.add(what));
    for (long revision = 1; revision <= state.revision(); revision++) {
      ReadAt at = ReadAt.revision(revision);
      ReadAt time = asOf(revision);
      if (revision < state.floor()) {
        isExpired(() -> database.tables(TESTER, at, "", 1), state.floor());
        isExpired(() -> database.tables(TESTER, time, "", 1), state.floor());
      } else {
        Oracle.reads(database, at, judge.model(revision));
        assertThat(database.tables(TESTER, time, "", 1).revision())
            .as("the revision as of the time of %d", revision)
            .isEqualTo(revision);
      }
    }
    Oracle.reads(database, ReadAt.HEAD, judge.model(state.revision()));
  }

  private ReadAt asOf(long revision) {
    return new ReadAt(
        ReadAt.MAIN, new ReadAt.Point.Time(Micros.instant(journal.time(revision))), 0);
  }

  private static void isExpired(ThrowingCallable read, long floor) {
    assertThat(org.assertj.core.api.Assertions.catchThrowable(read))
        .as("a read below floor %d", floor)
        .isInstanceOfSatisfying(
            SlipwayException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(ErrorReason.REVISION_EXPIRED);
              assertThat(e.metadata()).containsEntry("floor", Long.toString(floor));
            });
  }

  /** A key holds its batch, or is hollow if all that the batch says is behind the floors. */
  private void noLogKeyIsFree(String id) {
    LogStore log = new LogStore(store, "db/" + id);
    DatabaseState state = judge.state();
    long needed = Math.min(state.floor(), state.decisions().floor());
    for (LogBatch batch : journal.batches()) {
      Optional<byte[]> stored = log.bytes(batch.first());
      assertThat(stored).as("log key %d", batch.first()).isPresent();
      if (LogStore.isHollow(stored.orElseThrow())) {
        assertThat(batch.last())
            .as("the end of the batch of hollow key %d", batch.first())
            .isLessThan(needed);
      } else {
        assertThat(stored.orElseThrow())
            .as("log key %d", batch.first())
            .isEqualTo(log.encode(batch));
      }
    }
  }
}
