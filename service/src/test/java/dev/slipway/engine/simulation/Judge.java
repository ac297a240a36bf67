package dev.slipway.engine.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Expectation;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.matrix.Model;
import dev.slipway.engine.state.Branch;
import dev.slipway.engine.state.DatabaseState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether what clients saw could be: the log gives the order, and
 *
 * <ul>
 *   <li>a commit lies after its request was first made and before it was first acknowledged;
 *   <li>a read shows what the log adds up to at a revision between the head before it and the head
 *       after it, and never the middle of a batch;
 *   <li>what a commit was promised held right before it, and what it was refused for didn't;
 *   <li>no staged write is used twice, and what somebody was told of a request stays so.
 * </ul>
 */
final class Judge {
  private final Book book;
  private final List<LogEntry> entries = new ArrayList<>();
  private final List<DatabaseState> states = new ArrayList<>();
  private final List<Model> models = new ArrayList<>();
  private final Set<Long> wholes = new HashSet<>();
  private final Map<String, Long> committed = new HashMap<>();
  private final Map<String, Long> used = new HashMap<>();

  Judge(Book book, String incarnation, List<LogBatch> batches) {
    this.book = book;
    states.add(DatabaseState.initial(incarnation));
    models.add(Model.EMPTY);
    wholes.add(0L);
    for (LogBatch batch : batches) {
      for (int i = 0; i < batch.entries().size(); i++) {
        LogEntry entry = batch.entries().get(i);
        LogBatch one =
            new LogBatch(batch.incarnation(), batch.nonce(), batch.first() + i, List.of(entry));
        entries.add(entry);
        states.add(last(states).apply(one));
        models.add(after(last(models), entry, batch.first() + i));
      }
      wholes.add(batch.last());
    }
  }

  private static <T> T last(List<T> list) {
    return list.get(list.size() - 1);
  }

  /** What the tables hold in the end. */
  Model end() {
    return last(models);
  }

  private Model after(Model model, LogEntry entry, long revision) {
    if (!(entry instanceof LogEntry.Commit commit)) {
      return model;
    }
    Request request = request(entry, revision);
    assertThat(committed.put(request.id(), revision))
        .as("where %s was committed before", request.id())
        .isNull();
    for (LogEntry.Consumed consumed : commit.consumed()) {
      assertThat(used.put(consumed.id(), revision))
          .as("where %s was used before revision %d", consumed.id(), revision)
          .isNull();
    }
    return request.effect().apply(model);
  }

  private Request request(LogEntry entry, long revision) {
    String id = entry.header().request();
    if (id == null && entry instanceof LogEntry.Commit commit) {
      id = commit.properties().get(Wishes.NAMELESS);
    }
    Book.Asked asked = book.asked().get(String.valueOf(id));
    assertThat(asked).as("who asked for revision %d", revision).isNotNull();
    return java.util.Objects.requireNonNull(asked).request();
  }

  void judge() {
    for (int i = 0; i < entries.size(); i++) {
      long revision = i + 1L;
      if (entries.get(i) instanceof LogEntry.Commit commit) {
        isPromised(commit, revision, states.get(i));
      } else if (entries.get(i) instanceof LogEntry.Abort abort) {
        isRightlyRefused(abort, revision, states.get(i));
      }
    }
    book.asked().values().forEach(this::liesAfterItsRequest);
    book.acknowledged().forEach(this::liesBeforeItsAnswer);
    book.told().forEach(this::isTrue);
    book.missed().forEach(this::isGone);
    book.seen().forEach(this::isWhatTheLogSays);
  }

  // ---- commits

  private void isPromised(LogEntry.Commit commit, long revision, DatabaseState before) {
    Request request = request(commit, revision);
    for (Expectation expectation : request.expectations()) {
      assertThat(holds(expectation, before))
          .as("%s of %s, committed at %d, held", expectation, request.id(), revision)
          .isTrue();
    }
    request
        .onlyOn()
        .forEach(
            (table, staged) -> {
              long begun =
                  commit.consumed().stream()
                      .filter(consumed -> consumed.id().equals(staged))
                      .mapToLong(LogEntry.Consumed::begun)
                      .findFirst()
                      .orElse(commit.header().begun());
              assertThat(changed(before, table))
                  .as(
                      "%s of %s before revision %d, which replaces what was there at %d",
                      table, request.id(), revision, begun)
                  .isLessThanOrEqualTo(begun);
            });
  }

  private static boolean holds(Expectation expectation, DatabaseState state) {
    Branch main = state.branch(DatabaseState.MAIN).orElseThrow();
    if (expectation instanceof Expectation.BranchAt at) {
      return main.head() == at.revision();
    }
    if (expectation instanceof Expectation.UnchangedSince since) {
      return changed(state, since.table()) <= since.revision();
    }
    if (expectation instanceof Expectation.TableAbsent absent) {
      return main.table(absent.table()).isEmpty();
    }
    throw new AssertionError("no client expects " + expectation);
  }

  /** The revision that last changed the table. */
  private static long changed(DatabaseState state, String table) {
    Optional<Pin> pin = state.branch(DatabaseState.MAIN).flatMap(main -> main.table(table));
    return pin.map(Pin::changed).orElse(Long.MAX_VALUE);
  }

  private void isRightlyRefused(LogEntry.Abort abort, long revision, DatabaseState before) {
    if (!abort.reason().equals(ErrorReason.COMMIT_CONFLICT.name())) {
      return;
    }
    if (abort.header().request() == null) {
      return;
    }
    Request request = request(abort, revision);
    boolean excused =
        request.mayConflict()
            || !request.onlyOn().isEmpty()
            || request.expectations().stream().anyMatch(one -> !holds(one, before));
    assertThat(excused)
        .as("%s may conflict at %d; it was told: %s", request.id(), revision, abort.message())
        .isTrue();
  }

  // ---- real time

  private void liesAfterItsRequest(Book.Asked asked) {
    Long revision = committed.get(asked.request().id());
    if (revision != null) {
      assertThat(revision)
          .as("the revision of %s, first asked at head %d", asked.request().id(), asked.before())
          .isGreaterThan(asked.before());
    }
  }

  private void liesBeforeItsAnswer(Book.Acknowledged told) {
    assertThat(committed.get(told.request()))
        .as("the revision of %s", told.request())
        .isEqualTo(told.revision());
    assertThat(told.revision())
        .as("the revision of %s, acknowledged at head %d", told.request(), told.after())
        .isLessThanOrEqualTo(told.after());
  }

  private void isTrue(Book.Told told) {
    Long revision = committed.get(told.request());
    if (told.outcome() instanceof Outcome.Committed yes) {
      assertThat(revision).as("the revision of %s", told.request()).isEqualTo(yes.revision());
      assertThat(yes.revision()).isLessThanOrEqualTo(told.after());
    } else if (told.outcome() instanceof Outcome.Aborted no) {
      assertThat(revision).as("%s was said to be aborted", told.request()).isNull();
      assertThat(no.revision()).isLessThanOrEqualTo(told.after());
    } else if (revision != null) {
      assertThat(revision)
          .as("%s was said to be undecided at head %d", told.request(), told.before())
          .isGreaterThan(told.before());
    }
  }

  /** Who is told that a staged write isn't there must not find it in the log. */
  private void isGone(Book.Missed missed) {
    if (!book.discarded().contains(missed.staged())) {
      assertThat(used.getOrDefault(missed.staged(), Long.MAX_VALUE))
          .as("where %s was used, which was said not to be", missed.staged())
          .isGreaterThan(missed.after());
    }
  }

  // ---- reads

  private void isWhatTheLogSays(Book.Seen seen) {
    if (seen.wanted() >= 0) {
      assertThat(seen.revision()).as("the revision of %s", seen).isEqualTo(seen.wanted());
    } else {
      assertThat(seen.revision()).as("%s", seen).isBetween(seen.before(), seen.after());
      assertThat(wholes).as("ends of batches, for %s", seen).contains(seen.revision());
    }
    List<Map<String, @Nullable Object>> expected =
        models.get((int) seen.revision()).rows(seen.table());
    assertThat(seen.count()).as("rows of %s", seen).isEqualTo(expected.size());
    if (seen.rows() != null) {
      assertThat(sorted(seen.rows())).as("%s", seen).isEqualTo(expected);
    }
  }

  private static List<Map<String, @Nullable Object>> sorted(
      List<Map<String, @Nullable Object>> rows) {
    return rows.stream()
        .sorted(Comparator.comparing(row -> (Long) java.util.Objects.requireNonNull(row.get("id"))))
        .toList();
  }
}
