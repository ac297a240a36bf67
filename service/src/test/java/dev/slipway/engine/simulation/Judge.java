package dev.slipway.engine.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Expectation;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.log.Settings;
import dev.slipway.engine.log.TableDelta;
import dev.slipway.engine.matrix.Model;
import dev.slipway.engine.state.Branch;
import dev.slipway.engine.state.DatabaseState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Whether what clients saw could be: the log gives the order, and
 *
 * <ul>
 *   <li>a commit lies after its request was first made and before it was first acknowledged;
 *   <li>a request is carried out once, or again after the log was allowed to forget it;
 *   <li>reads are as {@link ReadJudge} says;
 *   <li>what a commit was promised held right before it, and what it was refused for didn't;
 *   <li>no staged write is used twice, and what somebody was told of a request stays so.
 * </ul>
 */
final class Judge {
  private final Book book;
  private final Journal journal;
  private final Regime regime;
  private final List<LogEntry> entries = new ArrayList<>();
  private final List<DatabaseState> states = new ArrayList<>();
  private final List<Contents> contents = new ArrayList<>();
  private final Set<Long> wholes = new HashSet<>();
  private final Map<String, List<Long>> committed = new HashMap<>();
  private final Map<String, List<Long>> decided = new HashMap<>();
  private final Map<String, List<DatabaseState.Use>> used = new HashMap<>();

  Judge(Incarnation in, Regime regime) {
    this.book = in.book();
    this.journal = in.journal();
    this.regime = regime;
    states.add(DatabaseState.initial(in.id()));
    contents.add(Contents.EMPTY);
    wholes.add(0L);
    for (LogBatch batch : journal.batches()) {
      DatabaseState before = state();
      for (int i = 0; i < batch.entries().size(); i++) {
        LogEntry entry = batch.entries().get(i);
        long revision = batch.first() + i;
        isDecidedOnce(entry, revision);
        contents.add(after(last(contents), entry, revision));
        // All of the batch so far: the idempotency floor moves only at its end.
        List<LogEntry> far = batch.entries().subList(0, i + 1);
        states.add(
            before.apply(new LogBatch(batch.incarnation(), batch.nonce(), batch.first(), far)));
        entries.add(entry);
      }
      wholes.add(batch.last());
    }
  }

  private static <T> T last(List<T> list) {
    return list.get(list.size() - 1);
  }

  /** What the log adds up to. */
  DatabaseState state() {
    return last(states);
  }

  /** What the tables held after a revision. */
  Model model(long revision) {
    return contents.get((int) revision).model();
  }

  LogEntry entry(long revision) {
    return entries.get((int) revision - 1);
  }

  /** What recovery did, entry by entry. */
  List<Happening> recoveries() {
    List<Happening> found = new ArrayList<>();
    for (LogEntry entry : entries) {
      if (entry instanceof LogEntry.Commit commit && commit.recovered() != null) {
        found.add(Happening.RECOVERIES_ROLLED_FORWARD);
      } else if (entry instanceof LogEntry.Abort abort && abort.recovered() != null) {
        found.add(Happening.RECOVERIES_ROLLED_BACK);
      }
    }
    return found;
  }

  /** Revisions that decided a request, in order. */
  List<Long> decisions(String request) {
    return decided.getOrDefault(request, List.of());
  }

  private Contents after(Contents before, LogEntry entry, long revision) {
    if (!(entry instanceof LogEntry.Commit commit)) {
      return before;
    }
    Request request = request(entry, revision);
    committed.computeIfAbsent(request.id(), id -> new ArrayList<>()).add(revision);
    commit.consumed().forEach(consumed -> use(consumed, revision));
    Contents after = before;
    for (Step step : request.steps()) {
      after = after(after, step, commit);
    }
    return after;
  }

  private Contents after(Contents before, Step step, LogEntry.Commit commit) {
    if (step instanceof Step.Create create) {
      return before.created(create.table(), created(commit, create.table()));
    }
    if (step instanceof Step.Drop drop) {
      return before.dropped(drop.table());
    }
    if (step instanceof Step.Rename rename) {
      return before.renamed(rename.from(), rename.to());
    }
    Step.Write write = (Step.Write) step;
    return before.written(write.writing(), journal.table(commit, write));
  }

  private static String created(LogEntry.Commit commit, String name) {
    return commit.tables().stream()
        .map(TableDelta::pin)
        .filter(pin -> pin != null && pin.name().equals(name))
        .map(pin -> Objects.requireNonNull(pin).table())
        .findFirst()
        .orElseThrow(() -> new AssertionError("the commit doesn't create " + name));
  }

  private Request request(LogEntry entry, long revision) {
    String id = entry.header().request();
    if (id == null && entry instanceof LogEntry.Commit commit) {
      id = commit.properties().get(Wishes.NAMELESS);
    }
    Book.Asked asked = book.asked().get(String.valueOf(id));
    assertThat(asked).as("who asked for revision %d", revision).isNotNull();
    return Objects.requireNonNull(asked).request();
  }

  // ---- once

  /** A request is decided once, unless the window of the settings is over and the log forgot it. */
  private void isDecidedOnce(LogEntry entry, long revision) {
    String request =
        entry instanceof LogEntry.Commit ? request(entry, revision).id() : entry.header().request();
    boolean decides =
        entry instanceof LogEntry.Commit
            || (entry instanceof LogEntry.Abort abort && abort.decidesRequest());
    if (request == null || !decides) {
      return;
    }
    List<Long> all = decided.computeIfAbsent(request, id -> new ArrayList<>());
    if (!all.isEmpty()) {
      long before = last(all);
      Settings settings = state().settings();
      long age = state().lastTime() - entry(before).header().time();
      boolean forgotten =
          entry.header().request() != null
              && age > settings.idempotencySeconds() * 1_000_000
              && revision - 1 - before > settings.idempotencyCommits();
      assertThat(forgotten)
          .as("whether %s, decided at %d, is forgotten at %d", request, before, revision)
          .isTrue();
      assertThat(entry.header().begun())
          .as("where %s began again, decided at %d", request, before)
          .isGreaterThan(before);
    }
    all.add(revision);
  }

  /** A staged write is used once; another may have its id once the log was allowed to forget it. */
  private void use(LogEntry.Consumed consumed, long revision) {
    List<DatabaseState.Use> all = used.computeIfAbsent(consumed.id(), id -> new ArrayList<>());
    if (!all.isEmpty()) {
      DatabaseState.Use before = last(all);
      assertThat(before.begun())
          .as("where %s was begun, used at %d and %d", consumed, before.revision(), revision)
          .isLessThan(state().stagedFloor());
      assertThat(consumed.begun())
          .as("where %s was begun, used at %d before %d", consumed, before.revision(), revision)
          .isGreaterThanOrEqualTo(before.revision());
    }
    all.add(new DatabaseState.Use(consumed.begun(), revision));
  }

  void judge() {
    for (int i = 0; i < entries.size(); i++) {
      long revision = i + 1L;
      if (entries.get(i) instanceof LogEntry.Commit commit) {
        isPromised(commit, revision, states.get(i));
      } else if (entries.get(i) instanceof LogEntry.Abort abort) {
        isRightlyRefused(abort, revision, states.get(i), contents.get(i).model());
      }
    }
    book.asked().values().forEach(this::liesAfterItsRequest);
    book.acknowledged().forEach(this::liesBeforeItsAnswer);
    book.told().forEach(this::isTrue);
    book.missed().forEach(this::isGone);
    new ReadJudge(journal, wholes, this::model, head -> states.get((int) head).floor()).judge(book);
  }

  // ---- commits

  private void isPromised(LogEntry.Commit commit, long revision, DatabaseState before) {
    Request request = request(commit, revision);
    for (Expectation expectation : request.expectations()) {
      assertThat(holds(expectation, before))
          .as("%s of %s, committed at %d, held", expectation, request.id(), revision)
          .isTrue();
    }
    for (Step.Write write : request.writes()) {
      if (write.writing().exclusive()) {
        String table = journal.table(commit, write);
        long begun = Journal.begun(commit, write);
        assertThat(main(before).tableById(table).map(Pin::ref))
            .as(
                "%s of %s before revision %d, which replaces what was there at %d",
                table, request.id(), revision, begun)
            .isEqualTo(main(states.get((int) begun)).tableById(table).map(Pin::ref));
      }
    }
  }

  private static boolean holds(Expectation expectation, DatabaseState state) {
    if (expectation instanceof Expectation.BranchAt at) {
      return main(state).head() == at.revision();
    }
    if (expectation instanceof Expectation.UnchangedSince since) {
      Optional<Pin> pin = main(state).table(since.table());
      return pin.isPresent() && pin.get().changed() <= since.revision();
    }
    if (expectation instanceof Expectation.TableAbsent absent) {
      return main(state).table(absent.table()).isEmpty();
    }
    throw new AssertionError("no client expects " + expectation);
  }

  private static Branch main(DatabaseState state) {
    return state.branch(DatabaseState.MAIN).orElseThrow();
  }

  private void isRightlyRefused(
      LogEntry.Abort abort, long revision, DatabaseState before, Model model) {
    if (abort.header().request() == null) {
      return;
    }
    Request request = request(abort, revision);
    boolean excused =
        switch (ErrorReason.valueOf(abort.reason())) {
          case COMMIT_CONFLICT ->
              request.expectations().stream().anyMatch(one -> !holds(one, before))
                  || request.writes().stream()
                      .anyMatch(write -> isMoved(write, abort, revision, before));
          case STAGED_WRITE_EXPIRED -> regime.expires();
          case STAGED_WRITE_COMMITTED ->
              request.writes().stream().anyMatch(write -> used.containsKey(write.staged()));
          case TABLE_EXISTS ->
              request.steps().stream()
                  .anyMatch(
                      step ->
                          (step instanceof Step.Create create
                                  && model.tables().containsKey(create.table()))
                              || (step instanceof Step.Rename rename
                                  && model.tables().containsKey(rename.to())));
          case TABLE_NOT_FOUND ->
              request.steps().stream()
                  .anyMatch(
                      step ->
                          (step instanceof Step.Drop drop
                                  && !model.tables().containsKey(drop.table()))
                              || (step instanceof Step.Rename rename
                                  && !model.tables().containsKey(rename.from())));
          case STAGED_WRITE_NOT_FOUND ->
              regime.expires()
                  || request.writes().stream()
                      .anyMatch(
                          write ->
                              book.discarded().contains(write.staged())
                                  || !journal.wasStagedBefore(
                                      write.staged(), abort.header().begun()));
          case CANCELLED -> book.fenced().contains(request.id());
          // Storage that fails, which the weather sees to; or too many races lost.
          case BACKEND_UNAVAILABLE, OVERLOADED -> true;
          default -> false;
        };
    assertThat(excused)
        .as(
            "%s may be refused at %d; it was told: %s: %s",
            request.id(), revision, abort.reason(), abort.message())
        .isTrue();
  }

  /**
   * Whether a write's table went away since it was staged, or changed under one that forbids it. An
   * earlier commit of the same batch counts as a change even if it turns out to have changed
   * nothing.
   */
  private boolean isMoved(
      Step.Write write, LogEntry.Abort abort, long revision, DatabaseState before) {
    return targets(write, abort).stream()
        .anyMatch(
            target -> {
              Optional<Pin> now = main(before).tableById(target.table());
              Optional<Pin> then = main(states.get((int) target.begun())).tableById(target.table());
              return now.isEmpty()
                  || (write.writing().exclusive()
                      && (!now.map(Pin::ref).equals(then.map(Pin::ref))
                          || isTouchedInBatch(target.table(), revision)));
            });
  }

  private List<Journal.Target> targets(Step.Write write, LogEntry.Abort abort) {
    if (!write.staged().isEmpty()) {
      return journal.targets(write.staged());
    }
    // One call: no intent names what was refused before there was one.
    long begun = abort.header().begun();
    return main(states.get((int) begun)).table(write.writing().table()).stream()
        .map(pin -> new Journal.Target(pin.table(), begun))
        .toList();
  }

  private boolean isTouchedInBatch(String table, long revision) {
    for (long earlier = revision - 1; !wholes.contains(earlier); earlier--) {
      if (entry(earlier) instanceof LogEntry.Commit commit
          && commit.tables().stream()
              .map(TableDelta::pin)
              .anyMatch(pin -> pin != null && pin.table().equals(table))) {
        return true;
      }
    }
    return false;
  }

  // ---- real time

  private List<Long> committed(String request) {
    return committed.getOrDefault(request, List.of());
  }

  private void liesAfterItsRequest(Book.Asked asked) {
    for (long revision : committed(asked.request().id())) {
      assertThat(revision)
          .as("the revision of %s, first asked at head %d", asked.request().id(), asked.before())
          .isGreaterThan(asked.before());
    }
  }

  private void liesBeforeItsAnswer(Book.Acknowledged told) {
    assertThat(committed(told.request()))
        .as("the revisions of %s", told.request())
        .contains(told.revision());
    assertThat(told.revision())
        .as("the revision of %s, acknowledged at head %d", told.request(), told.after())
        .isLessThanOrEqualTo(told.after());
  }

  private void isTrue(Book.Told told) {
    if (told.outcome() instanceof Outcome.Committed yes) {
      assertThat(committed(told.request()))
          .as("the revisions of %s", told.request())
          .contains(yes.revision());
      assertThat(yes.revision()).isLessThanOrEqualTo(told.after());
    } else if (told.outcome() instanceof Outcome.Aborted no) {
      assertThat(decisions(told.request()))
          .as("where %s was said to be aborted", told.request())
          .contains(no.revision());
      assertThat(entry(no.revision())).isInstanceOf(LogEntry.Abort.class);
      assertThat(no.revision()).isLessThanOrEqualTo(told.after());
    } else {
      for (long revision : committed(told.request())) {
        boolean forgotten = revision < states.get((int) told.after()).decisions().floor();
        boolean meanwhile =
            revision > told.before()
                && (told.outcome() instanceof Outcome.InProgress
                    || !told.underWay()
                    || revision > told.after());
        assertThat(meanwhile || forgotten)
            .as(
                "%s, committed at %d, was rightly said to be %s between heads %d and %d",
                told.request(), revision, told.outcome(), told.before(), told.after())
            .isTrue();
      }
    }
  }

  /** Who is told that a staged write isn't there must not find it in the log. */
  private void isGone(Book.Missed missed) {
    if (book.discarded().contains(missed.staged())) {
      return;
    }
    for (DatabaseState.Use use : used.getOrDefault(missed.staged(), List.of())) {
      boolean forgotten = use.begun() < states.get((int) missed.after()).stagedFloor();
      assertThat(use.revision() > missed.after() || forgotten)
          .as(
              "%s, used at %d, was rightly said not to be there at head %d",
              missed.staged(), use.revision(), missed.after())
          .isTrue();
    }
  }
}
