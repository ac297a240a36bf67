package dev.slipway.engine.commit;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.StorageErrors;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.staging.StagedRefusals;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.state.Decision;
import dev.slipway.storage.StorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One batch on its way into the log: the numbered steps of the commit protocol, top to bottom. Used
 * by one thread, once.
 *
 * <pre>
 * 1 validate   each operation against the state as the earlier ones leave it
 * 2 intent     what is under way, durably
 * 3 versions   new table versions, forced to disk; at the same time as step 2
 * 4 publish    put-if-absent of the next log key: the commit point
 * 5 finish     answer; drop staged records, then the intent
 * </pre>
 *
 * <p>Once the intent may be durable, an operation is answered "failed" only after an abort for it
 * is in the log; if that can't be had, the answer is OUTCOME_UNKNOWN and recovery decides.
 */
final class CommitRound {
  private static final Logger LOG = LoggerFactory.getLogger(CommitRound.class);

  private final CommitParts parts;
  private final List<Operation> todo;

  /** Operations that can't be done, whatever the next attempt finds. */
  private final Map<Operation, SlipwayException> failed = new ConcurrentHashMap<>();

  /** Operations that don't fit the state this attempt goes by; the next may find that they do. */
  private final Map<Operation, SlipwayException> refused = new HashMap<>();

  private final RoundIntents intents;
  private boolean publishing;

  /** Whether a batch was put under a log key: it may be in the log, and forgotten since. */
  private boolean attempted;

  CommitRound(CommitParts parts, List<Operation> batch, @Nullable Intent intent) {
    this.parts = parts;
    this.todo = new ArrayList<>(batch);
    this.intents = new RoundIntents(parts, batch, intent);
  }

  /** What one attempt came to. */
  private enum Attempt {
    DONE,
    AGAIN
  }

  /** Runs the batch to its end; every operation is answered when it returns. */
  void run() {
    try {
      int attempts = parts.options().publishAttempts();
      for (int i = 0; i < 2 * attempts; i++) {
        if (i == attempts) {
          giveUp();
        }
        if (attempt() == Attempt.DONE) {
          return;
        }
      }
      answerUnknown(null);
    } catch (RuntimeException e) {
      fail(e);
    } catch (Error e) {
      // Callers must not wait for ever, nor later batches, because a library can't be loaded.
      fail(new IllegalStateException("a commit broke off", e));
    } finally {
      intents.release();
    }
  }

  private Attempt attempt() {
    // ---- 1 validate
    DatabaseState state = parts.live().refresh();
    parts.live().requireFollowed(() -> "the database is read-only at revision " + state.revision());
    if (state.deleted()) {
      answerDropped(state);
      return Attempt.DONE;
    }
    List<BatchRecord.Slot> slots = new ArrayList<>();
    try {
      validate(state, slots);
    } catch (Validator.MissingRecordException e) {
      return Attempt.AGAIN;
    } catch (CorruptRecordException e) {
      if (parts.live().refresh().decisions().floor() > state.decisions().floor()) {
        // It slept while what it looked at was forgotten, and freed.
        return Attempt.AGAIN;
      }
      throw e;
    }
    if (slots.isEmpty()) {
      refused.forEach(Operation::fail);
      todo.clear();
      intents.drop();
      return Attempt.DONE;
    }
    List<VersionBuilder.Work> works = new ArrayList<>();
    for (BatchRecord.Slot slot : slots) {
      Plan plan = slot.plan();
      if (plan != null) {
        works.add(new VersionBuilder.Work(slot.operation(), plan));
      }
    }

    // ---- 2 intent, 3 versions: never for a batch that has nothing to make
    if (works.stream().anyMatch(work -> !work.plan().touches().isEmpty())) {
      if (!prepare(state, works)) {
        return Attempt.AGAIN;
      }
      parts.failures().at(FailPoint.COMMIT_AFTER_TABLES);
    }

    // ---- 4 publish
    LogBatch batch = BatchRecord.of(state, slots, parts);
    // Nobody publishes what its own fold refuses.
    state.apply(batch);
    parts.failures().at(publishWindow());
    publishing = true;
    attempted = true;
    if (!parts.publisher().publish(batch)) {
      publishing = false;
      return Attempt.AGAIN;
    }

    // ---- 5 finish: nothing from here on can make a commit look failed
    finish(state, batch, slots);
    return Attempt.DONE;
  }

  private FailPoint publishWindow() {
    return todo.stream().anyMatch(Operation::isRecovery)
        ? FailPoint.RECOVER_BEFORE_PUBLISH
        : FailPoint.COMMIT_BEFORE_PUBLISH;
  }

  private void validate(DatabaseState state, List<BatchRecord.Slot> slots) {
    refused.clear();
    BatchView view = new BatchView(state);
    for (Operation operation : List.copyOf(todo)) {
      if (intents.isEmpty() && operation.isAbandoned()) {
        drop(operation);
        operation.fail(
            SlipwayException.of(ErrorReason.CANCELLED, "the caller left before the commit began"));
        continue;
      }
      Optional<Decision> decision =
          state.decisions().of(operation.spec().op(), operation.spec().request());
      if (decision.isPresent()) {
        answerFromLog(operation, decision.get(), state);
        continue;
      }
      if (isForgotten(operation, state)) {
        if (attempted || intents.isNamed(operation)) {
          intents.keep();
        }
        drop(operation);
        operation.fail(unknown(operation.spec().request(), null));
        continue;
      }
      SlipwayException failure = failed.get(operation);
      boolean missing = failure != null && failure.reason() == ErrorReason.MISSING_FILE;
      if (failure == null || missing) {
        try {
          // What is missing may rightly be reclaimed by now: then its age is what is wrong.
          BatchRecord.Slot slot = plan(operation, missing ? new BatchView(state) : view);
          if (!missing) {
            slots.add(slot);
            continue;
          }
        } catch (SlipwayException e) {
          failure = e;
        } catch (StorageException e) {
          failure = StorageErrors.translate(e);
        } catch (Validator.MissingRecordException e) {
          DatabaseState folded = parts.live().refresh();
          if (folded.revision() != state.revision()) {
            throw e;
          }
          failure = StagedRefusals.notFound(e.id());
        }
      }
      refuse(operation, Objects.requireNonNull(failure), view, slots);
    }
  }

  private BatchRecord.Slot plan(Operation operation, BatchView view) {
    Optional<Committer.EntryMaker> maker = operation.maker();
    if (maker.isEmpty()) {
      return new BatchRecord.Slot(
          operation,
          parts
              .validator()
              .validate(operation.spec(), view, operation.isRecovery() ? 0 : parts.nowMicros()),
          null);
    }
    LogEntry entry = maker.get().make(view.state(), operation.spec().header());
    view.entered();
    return new BatchRecord.Slot(operation, null, entry);
  }

  private void refuse(
      Operation operation, SlipwayException failure, BatchView view, List<BatchRecord.Slot> slots) {
    boolean decidesRequest = operation.spec().request() != null && isFinal(failure.reason());
    if (operation.isRecovery() && !isFinal(failure.reason())) {
      // It may well be possible later: the intent stays.
      throw failure;
    }
    // Answered when the batch is through: it was judged by what the earlier ones would leave.
    refused.put(operation, failure);
    if (intents.isEmpty() && !decidesRequest) {
      return;
    }
    LogEntry.Abort abort =
        new LogEntry.Abort(
            operation.spec().header(),
            operation.spec().branch(),
            failure.reason().name(),
            Abbreviation.of(String.valueOf(failure.getMessage())),
            Abbreviation.of(failure.conflicts()),
            decidesRequest,
            operation.recovery("ROLLED_BACK"));
    view.entered();
    slots.add(new BatchRecord.Slot(operation, null, abort));
  }

  /** Whether the same request can never succeed, so that its id is decided too. */
  private static boolean isFinal(ErrorReason reason) {
    return switch (reason.kind()) {
      case CONFLICT, PRECONDITION, EXISTS, NOT_FOUND, ARGUMENT, RANGE, UNSUPPORTED, DATA_LOSS ->
          true;
      case EXHAUSTED, DEADLINE, CANCELLED, UNAVAILABLE, INTERNAL -> false;
    };
  }

  /**
   * Steps 2 and 3, side by side. Nothing names the versions before step 4, which has to wait for
   * both; until then they are files that nobody refers to, as those of staging are. So the order of
   * the two says nothing, and neither waits for the other's disk.
   *
   * @return whether the batch can be published as it is
   */
  private boolean prepare(DatabaseState state, List<VersionBuilder.Work> works) {
    // One that was refused at first, and fits by now, isn't named yet, nor is its data forced.
    List<Operation> fresh =
        works.stream()
            .map(VersionBuilder.Work::operation)
            .filter(operation -> !intents.isNamed(operation))
            .toList();
    if (fresh.isEmpty()) {
      return makeVersions(state, works);
    }
    parts.failures().at(FailPoint.COMMIT_BEFORE_INTENT);
    fresh.forEach(Operation::start);
    AtomicBoolean written = new AtomicBoolean();
    AtomicBoolean made = new AtomicBoolean();
    parts
        .steps()
        .run(
            List.of(
                () -> written.set(intents.write(state, fresh, failed::put)),
                () -> made.set(makeVersions(state, works))));
    return written.get() && made.get();
  }

  private boolean makeVersions(DatabaseState state, List<VersionBuilder.Work> works) {
    try {
      parts.versions().build(works, state);
      return true;
    } catch (VersionBuilder.FailedOperationException e) {
      e.operations().forEach(operation -> failed.put(operation, e.failure()));
      return false;
    }
  }

  private void finish(DatabaseState before, LogBatch batch, List<BatchRecord.Slot> slots) {
    DatabaseState state = parts.live().published(before, batch);
    try {
      parts
          .failures()
          .at(
              todo.stream().anyMatch(Operation::isRecovery)
                  ? FailPoint.RECOVER_AFTER_PUBLISH
                  : FailPoint.COMMIT_AFTER_PUBLISH);
    } catch (RuntimeException e) {
      LOG.warn("after the commit point: {}", e.toString());
    }
    for (int i = 0; i < slots.size(); i++) {
      Operation operation = slots.get(i).operation();
      if (!refused.containsKey(operation)) {
        operation
            .answer()
            .complete(new Committer.Decided(batch.first() + i, batch.entries().get(i), false));
      }
    }
    refused.forEach(Operation::fail);
    todo.clear();
    try {
      for (LogEntry entry : batch.entries()) {
        if (entry instanceof LogEntry.Commit commit) {
          commit.consumed().forEach(consumed -> parts.staged().delete(consumed.id()));
        }
      }
      intents.drop();
    } catch (RuntimeException e) {
      // The next recovery finds everything decided and deletes what is left.
      LOG.warn("cleaning up after revision {}: {}", batch.last(), e.toString());
    }
    parts.afterPublish().accept(state);
  }

  private void answerFromLog(Operation operation, Decision decision, DatabaseState state) {
    drop(operation);
    String digest = operation.spec().digest();
    if (digest != null && decision.digest() != null && !digest.equals(decision.digest())) {
      operation.fail(Replay.reused(operation.spec().request()));
      return;
    }
    try {
      LogEntry entry = parts.history().decided(decision, state);
      operation.answer().complete(new Committer.Decided(decision.revision(), entry, true));
    } catch (SlipwayException e) {
      operation.fail(e);
    } catch (RuntimeException e) {
      // It is decided, and can't be read right now how.
      operation.fail(unknown(operation.spec().request(), e));
    }
  }

  /** Nothing can follow a database's end: what isn't decided by now never will be. */
  private void answerDropped(DatabaseState state) {
    for (Operation operation : List.copyOf(todo)) {
      Optional<Decision> decision =
          state.decisions().of(operation.spec().op(), operation.spec().request());
      if (decision.isPresent()) {
        answerFromLog(operation, decision.get(), state);
      } else if (isForgotten(operation, state)) {
        operation.fail(unknown(operation.spec().request(), null));
      } else {
        operation.fail(
            SlipwayException.of(ErrorReason.DATABASE_NOT_FOUND, "the database was dropped"));
      }
    }
    todo.clear();
    intents.drop();
  }

  /**
   * Whether it may have been committed, by this process or another (its request by an operation of
   * its own), and the decision forgotten.
   */
  private boolean isForgotten(Operation operation, DatabaseState state) {
    return (attempted || recorded(operation))
        && operation.spec().begun() < state.decisions().floor();
  }

  private void drop(Operation operation) {
    todo.remove(operation);
  }

  /** The race was lost too often: what is left is aborted, for the client to try again. */
  private void giveUp() {
    for (Operation operation : todo) {
      failed.putIfAbsent(
          operation,
          SlipwayException.of(
                  ErrorReason.OVERLOADED,
                  "the commit lost its race %d times; try again",
                  parts.options().publishAttempts())
              .retryAfter(Duration.ofMillis(100)));
    }
  }

  private void fail(RuntimeException e) {
    intents.release();
    boolean unknown =
        !intents.isEmpty()
            || publishing
            || (e instanceof SlipwayException slipway
                && slipway.reason() == ErrorReason.OUTCOME_UNKNOWN);
    if (unknown) {
      answerUnknown(e);
      return;
    }
    RuntimeException translated = StorageErrors.translateAny(e);
    if (!(translated instanceof SlipwayException)) {
      LOG.error("a commit failed before its intent was written", e);
      translated =
          SlipwayException.of(ErrorReason.INTERNAL, "the commit failed before it began: %s", e)
              .causedBy(e);
    }
    for (Operation operation : todo) {
      operation.fail(translated);
    }
  }

  private void answerUnknown(@Nullable RuntimeException cause) {
    if (cause != null) {
      LOG.warn("the outcome of {} commits is unknown for now", todo.size(), cause);
    }
    for (Operation operation : todo) {
      SlipwayException refusal = recorded(operation) ? null : refused.get(operation);
      operation.fail(refusal == null ? unknown(operation.spec().request(), cause) : refusal);
    }
  }

  /** Whether an entry of it may be in the log, or its intent in storage. */
  private boolean recorded(Operation operation) {
    return !intents.isEmpty() || operation.spec().request() != null;
  }

  static SlipwayException unknown(@Nullable String request, @Nullable Throwable cause) {
    SlipwayException unknown =
        SlipwayException.of(
                ErrorReason.OUTCOME_UNKNOWN,
                "the commit may have happened and may not; send the same request again, or ask"
                    + " for its outcome")
            .retryAfter(Duration.ofSeconds(1));
    if (request != null) {
      unknown = unknown.with("request_id", request);
    }
    return cause == null ? unknown : unknown.causedBy(cause);
  }
}
