package dev.slipway.engine.commit;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Ids;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.EntryHeader;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.Publisher;
import dev.slipway.engine.staging.StagedRefusals;
import dev.slipway.engine.staging.StagedStore;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.state.Decision;
import dev.slipway.engine.state.History;
import dev.slipway.engine.state.LiveState;
import dev.slipway.storage.StorageBackend;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one way into a database's log, for this process: admits operations, has them decided in turn,
 * and answers what the log says of them. Safe for use by many threads.
 */
public final class Committer {
  private final CommitParts parts;
  private final Work work;
  private final CommitQueue queue;

  /**
   * How the committer gets its work done.
   *
   * @param runner runs batches, one of each database at a time, writes their intents, and runs
   *     background passes
   * @param tables makes versions of several tables in parallel
   * @param delayer runs a task later, for commits that allow a delay
   * @param waiter waits for an answer; a simulation replaces it
   */
  public record Work(Executor runner, Executor tables, Delayer delayer, Waiter waiter) {}

  /** Runs a task after a while. */
  public interface Delayer {
    void after(Duration delay, Runnable task);
  }

  /** Blocks until a future is done. */
  public interface Waiter {
    void await(CompletableFuture<?> future);
  }

  /** What the log decided on an operation: an entry in it. */
  public record Decided(long revision, LogEntry entry, boolean replayed) {}

  public Committer(
      StorageBackend backend,
      String database,
      LogStore log,
      LiveState<DatabaseState> live,
      History history,
      IntentStore intents,
      StagedStore staged,
      FailureInjector failures,
      InstantSource clock,
      Ids ids,
      CommitterOptions options,
      String instance,
      Work work,
      Consumer<DatabaseState> afterPublish) {
    this.work = work;
    this.parts =
        new CommitParts(
            new Publisher(log, failures, options.answerAttempts()),
            live,
            history,
            intents,
            staged,
            new Validator(staged, options.maxTables()),
            new VersionBuilder(
                backend, database, new SideBySide(work.tables(), work.waiter()), failures),
            new SideBySide(work.runner(), work.waiter()),
            failures,
            clock,
            ids,
            options,
            instance,
            ConcurrentHashMap.newKeySet(),
            afterPublish);
    this.queue = new CommitQueue(parts, work);
  }

  /** Whether a request is under way in this process. */
  public boolean isInFlight(String request) {
    return queue.isInFlight(request);
  }

  /** Ids of the intents that this process is carrying out. */
  public Set<String> ownIntents() {
    return Set.copyOf(parts.ownIntents());
  }

  /**
   * Step 0 and the wait: admits a commit and answers what the log decides on it.
   *
   * @throws SlipwayException why it failed; {@code CANCELLED} or {@code DEADLINE} if the caller
   *     left while it was under way, which leaves a definite outcome to ask for
   */
  public Decided commit(CallContext context, OperationSpec spec, Duration maxDelay) {
    admit(spec);
    Optional<Decided> decided = decided(spec.request(), spec.digest(), parts.live().refresh());
    if (decided.isPresent()) {
      return decided.get();
    }
    return committed(await(context, queue.join(spec, maxDelay)));
  }

  /** Whether the log has decided a request, so that its data needn't be staged again. */
  public boolean isDecided(String request) {
    return parts.live().refresh().decisions().request(request).isPresent();
  }

  /**
   * What the log decided on a request that was found decided.
   *
   * @throws SlipwayException as {@link #commit}; {@code OUTCOME_UNKNOWN} if it was forgotten since
   */
  public Decided replay(OperationSpec spec) {
    return decided(spec.request(), spec.digest(), parts.live().refresh())
        .orElseThrow(() -> CommitRound.unknown(spec.request(), null));
  }

  /**
   * What the log decided on a request, if it did.
   *
   * @param digest is asked for only then
   * @throws SlipwayException as {@link #commit}
   */
  public Optional<Decided> replayed(String request, Supplier<String> digest) {
    DatabaseState state = parts.live().refresh();
    return state.decisions().request(request).isEmpty()
        ? Optional.empty()
        : decided(request, digest.get(), state);
  }

  /** What the log already says of a request id. */
  private Optional<Decided> decided(
      @Nullable String request, @Nullable String digest, DatabaseState state) {
    if (request == null) {
      return Optional.empty();
    }
    Optional<Decision> decision = state.decisions().request(request);
    if (decision.isEmpty()) {
      return Optional.empty();
    }
    String first = decision.get().digest();
    if (first != null && digest != null && !first.equals(digest)) {
      throw Replay.reused(request);
    }
    LogEntry entry = parts.history().decided(decision.get(), state);
    return Optional.of(committed(new Decided(decision.get().revision(), entry, true)));
  }

  /** Whether the commit would be accepted now; records nothing. */
  public void validate(OperationSpec spec) {
    admit(spec);
    try {
      parts.validator().validate(spec, new BatchView(parts.live().refresh()), parts.nowMicros());
    } catch (Validator.MissingRecordException e) {
      throw StagedRefusals.notFound(e.id());
    }
  }

  /** Works out an entry that changes no table, from the state it would follow. */
  public interface EntryMaker {
    /**
     * @throws SlipwayException if the entry must not be
     */
    LogEntry make(DatabaseState state, EntryHeader header);
  }

  /**
   * Appends an entry that changes no table; if its request id is decided, answers what decided it.
   *
   * @param alone whether it must be the only one of its batch
   */
  public Decided append(CallContext context, OperationSpec spec, EntryMaker maker, boolean alone) {
    Operation operation = Operation.entry(spec, maker, alone);
    queue.add(operation);
    return await(context, operation);
  }

  /** Carries out an intent that another left, in turn with commits. Returns when it is resolved. */
  public void resolve(Intent intent, FailureNotice notice) {
    CompletableFuture<Void> done = queue.inTurn(() -> resolveNow(intent, notice));
    work.waiter().await(done);
    done.join();
  }

  /** Told of an operation that recovery couldn't decide for now. */
  public interface FailureNotice {
    void undecided(OperationSpec operation, RuntimeException why);
  }

  private void resolveNow(Intent intent, FailureNotice notice) {
    List<Operation> operations =
        intent.operations().stream()
            .map(spec -> Operation.recovered(spec, parts.instance(), intent.owner()))
            .toList();
    parts.ownIntents().add(intent.id());
    new CommitRound(parts, operations, intent).run();
    for (Operation operation : operations) {
      try {
        operation.answer().join();
      } catch (CompletionException e) {
        if (e.getCause() instanceof SlipwayException slipway
            && slipway.reason() == ErrorReason.OUTCOME_UNKNOWN) {
          notice.undecided(operation.spec(), slipway);
        }
      }
    }
  }

  /** Refuses new commits and waits for those under way. */
  public void close() {
    work.waiter().await(queue.close());
  }

  private void admit(OperationSpec spec) {
    int writes = 0;
    Set<String> ids = new HashSet<>();
    for (Change change : spec.changes()) {
      if (change instanceof Change.Staged staged) {
        writes++;
        if (!ids.add(staged.id())) {
          throw SlipwayException.of(
                  ErrorReason.ARGUMENT_INVALID, "staged write %s is named twice", staged.id())
              .with("field", "staged_write_ids");
        }
      }
    }
    if (writes > parts.options().maxStagedWrites()) {
      throw SlipwayException.of(
              ErrorReason.TOO_LARGE,
              "a commit has at most %d staged writes, found %d",
              parts.options().maxStagedWrites(),
              writes)
          .with("limit", parts.options().maxStagedWrites());
    }
    long bytes = Operation.commit(spec).estimatedBytes();
    if (bytes > parts.options().maxBatchBytes()) {
      throw SlipwayException.of(
              ErrorReason.TOO_LARGE,
              "a commit's record has at most %d bytes, found about %d",
              parts.options().maxBatchBytes(),
              bytes)
          .with("limit", parts.options().maxBatchBytes());
    }
    long intentBytes = Operation.commit(spec).intentBytes();
    if (intentBytes > CommitQueue.MAX_INTENT_BYTES) {
      throw SlipwayException.of(
              ErrorReason.TOO_LARGE,
              "a commit's intent has at most %d bytes, found about %d: the write touches too much"
                  + " at once, stage it or make it in parts",
              CommitQueue.MAX_INTENT_BYTES,
              intentBytes)
          .with("limit", CommitQueue.MAX_INTENT_BYTES);
    }
  }

  private Decided await(CallContext context, Operation operation) {
    CompletableFuture<Decided> mine = operation.answer().copy();
    context
        .cancel()
        .onCancel(
            () -> {
              operation.detach();
              mine.completeExceptionally(left(context, operation.spec()));
            });
    work.waiter().await(mine);
    try {
      return mine.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private static RuntimeException left(CallContext context, OperationSpec spec) {
    try {
      context.cancel().check();
    } catch (SlipwayException e) {
      String request = spec.request();
      return request == null ? e : e.with("request_id", request);
    }
    return SlipwayException.of(ErrorReason.CANCELLED, "the call was cancelled");
  }

  private static Decided committed(Decided decided) {
    if (decided.entry() instanceof LogEntry.Abort abort) {
      throw Replay.failure(abort);
    }
    return decided;
  }
}
