package dev.slipway.engine.database;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.CommitInfo;
import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.CommitPage;
import dev.slipway.engine.CommitResult;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Expectation;
import dev.slipway.engine.Names;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.RequestKey;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.commit.Change;
import dev.slipway.engine.commit.Committer;
import dev.slipway.engine.commit.OperationSpec;
import dev.slipway.engine.commit.Replay;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.log.TableDelta;
import dev.slipway.engine.recovery.Recovery;
import dev.slipway.engine.state.Branch;
import dev.slipway.engine.state.DatabaseState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Commits: making them, and what the log says of them. */
final class Commits {
  private static final Logger LOG = LoggerFactory.getLogger(Commits.class);
  // A page of a listing looks at so many commits.
  private static final int LOOKED_AT = 10_000;

  private final DatabaseCore core;

  Commits(DatabaseCore core) {
    this.core = core;
  }

  CommitResult commit(
      CallContext context, String branchName, List<String> stagedIds, CommitOptions options) {
    DatabaseState state = core.now();
    Branch branch = core.branch(state, branchName);
    List<Change> changes = new ArrayList<>();
    for (String id : stagedIds) {
      changes.add(new Change.Staged(Names.stagedWriteId(id)));
    }
    return commit(context, branch, state.revision(), changes, options);
  }

  /**
   * Commits changes.
   *
   * @param begun the head when the operation began
   */
  CommitResult commit(
      CallContext context, Branch branch, long begun, List<Change> changes, CommitOptions options) {
    CommitLimits.check(options);
    requireReached(options.expectations());
    context.cancel().check();
    OperationSpec spec = spec(context, branch, begun, changes, options);
    if (options.validateOnly()) {
      core.committer().validate(spec);
      return new CommitResult(validated(spec, branch), false);
    }
    return result(core.committer().commit(context, spec, options.maxDelay()));
  }

  /** Nothing has changed since a revision that isn't there yet: that would protect nobody. */
  private void requireReached(List<Expectation> expectations) {
    for (Expectation expectation : expectations) {
      if (expectation instanceof Expectation.UnchangedSince since
          && since.revision() > core.live().known().revision()
          && since.revision() > core.now().revision()) {
        throw SlipwayException.of(
                ErrorReason.REVISION_NOT_REACHED,
                "table %s can't be unchanged since revision %d: the newest is %d",
                since.table(),
                since.revision(),
                core.live().known().revision())
            .with("revision", core.live().known().revision())
            .with("field", "expectations");
      }
    }
  }

  /** Answers a request that was found decided, once more. */
  CommitResult replay(CallContext context, Branch branch, long begun, CommitOptions options) {
    return result(core.committer().replay(spec(context, branch, begun, List.of(), options)));
  }

  /** What decided a request, if anything did. */
  Optional<CommitResult> replayed(RequestKey request) {
    core.now();
    return core.committer()
        .replayed(Names.requestId(request.id()), request.digest())
        .map(Commits::result);
  }

  private OperationSpec spec(
      CallContext context, Branch branch, long begun, List<Change> changes, CommitOptions options) {
    return new OperationSpec(
        core.parts().ids().ulid(),
        options.request().map(RequestKey::id).orElse(null),
        options.request().map(key -> key.digest().get()).orElse(null),
        context.actor(),
        begun,
        branch.name(),
        branch.incarnation(),
        changes,
        options.expectations(),
        options.message(),
        options.properties());
  }

  private static CommitResult result(Committer.Decided decided) {
    if (!(decided.entry() instanceof LogEntry.Commit commit)) {
      throw new IllegalStateException("a commit was decided by " + decided.entry());
    }
    return new CommitResult(CommitInfos.of(decided.revision(), commit), decided.replayed());
  }

  private CommitInfo validated(OperationSpec spec, Branch branch) {
    return new CommitInfo(
        0,
        spec.branch(),
        branch.head(),
        core.parts().clock().instant(),
        spec.message(),
        spec.properties(),
        spec.actor(),
        Optional.ofNullable(spec.request()),
        List.of(),
        Optional.empty());
  }

  Outcome outcome(CallContext context, String requestId, boolean fence) {
    Names.requestId(requestId);
    DatabaseState state = core.now();
    Optional<Outcome> decided = decided(requestId, state);
    if (decided.isPresent()) {
      return decided.get();
    }
    if (fence) {
      Committer.Decided fenced = fence(context, requestId, state);
      return outcome(fenced.revision(), fenced.entry());
    }
    if (core.committer().isInFlight(requestId) || hasIntent(requestId, state)) {
      return new Outcome.InProgress();
    }
    // Whoever decided it since the first look has answered and deleted the intent: without a second
    // look a request that was under way all the time would be said not to be there.
    return decided(requestId, core.now()).orElseGet(Outcome.NotFound::new);
  }

  private Optional<Outcome> decided(String requestId, DatabaseState state) {
    return state
        .decisions()
        .request(requestId)
        .map(decision -> outcome(decision.revision(), core.history().decided(decision, state)));
  }

  private static Outcome outcome(long revision, LogEntry entry) {
    return entry instanceof LogEntry.Abort abort
        ? new Outcome.Aborted(
            revision, Replay.reason(abort), Replay.message(abort), abort.conflicts())
        : new Outcome.Committed(revision);
  }

  private Committer.Decided fence(CallContext context, String requestId, DatabaseState state) {
    OperationSpec spec =
        OperationSpec.entry(core.parts().ids().ulid(), requestId, context.actor(), state);
    return core.committer()
        .append(
            context,
            spec,
            (now, header) ->
                new LogEntry.Abort(
                    header,
                    "",
                    ErrorReason.CANCELLED.name(),
                    "fenced off by " + context.actor() + ": the request can't land any more",
                    List.of(),
                    true,
                    null),
            false);
  }

  /** Whether an intent names it that may still be carried out. */
  private boolean hasIntent(String requestId, DatabaseState state) {
    Set<String> quarantined = core.recovery().quarantined().keySet();
    for (String id : core.intents().ids()) {
      if (quarantined.contains(id)) {
        continue;
      }
      try {
        boolean found =
            core.intents().get(id).stream()
                .flatMap(intent -> intent.operations().stream())
                .anyMatch(
                    spec -> requestId.equals(spec.request()) && !Recovery.isTooOld(spec, state));
        if (found) {
          return true;
        }
      } catch (CorruptRecordException e) {
        // Recovery quarantines and reports it; it says nothing of this request.
        LOG.debug("intent {} can't be read", id, e);
      }
    }
    return false;
  }

  CommitInfo at(long revision) {
    DatabaseState state = core.now();
    if (revision < 1 || revision > state.revision()) {
      throw SlipwayException.of(
              ErrorReason.REVISION_NOT_FOUND,
              "no revision %d; the newest is %d",
              revision,
              state.revision())
          .with("resource", revision);
    }
    LogEntry entry = core.history().entry(revision, state);
    if (entry instanceof LogEntry.Commit commit) {
      return CommitInfos.of(revision, commit);
    }
    throw SlipwayException.of(ErrorReason.REVISION_NOT_FOUND, "revision %d is no commit", revision)
        .with("resource", revision);
  }

  CommitPage list(
      CallContext context, String branchName, Optional<String> table, long before, int limit) {
    DatabaseState state = core.now();
    Branch branch = core.branch(state, branchName);
    Optional<String> tableId = table.map(name -> core.pin(branch, name).table());
    long oldest = Math.max(branch.incarnation() + 1, state.floor());
    long revision = branch.head();
    while (revision >= before && revision >= oldest) {
      revision = state.parentOf(revision);
    }
    List<CommitInfo> found = new ArrayList<>();
    List<LogEntry> batch = List.of();
    long first = Long.MAX_VALUE;
    int left = LOOKED_AT;
    while (revision >= oldest && left > 0 && found.size() < limit) {
      if (revision < first) {
        context.cancel().check();
        first = state.batchStart(revision);
        batch = core.history().batchOf(revision, state);
      }
      LogEntry.Commit commit = (LogEntry.Commit) batch.get((int) (revision - first));
      if (tableId.isEmpty() || touches(commit, tableId.get())) {
        found.add(CommitInfos.of(revision, commit));
      }
      revision = commit.parent();
      left--;
    }
    return new CommitPage(found, revision >= oldest ? revision + 1 : 0);
  }

  private static boolean touches(LogEntry.Commit commit, String tableId) {
    for (TableDelta delta : commit.tables()) {
      Pin pin = delta.pin();
      if (pin != null && pin.table().equals(tableId)) {
        return true;
      }
    }
    return false;
  }
}
