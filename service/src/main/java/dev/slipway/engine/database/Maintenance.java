package dev.slipway.engine.database;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.CommitInfo.RecoveredInfo;
import dev.slipway.engine.Condition;
import dev.slipway.engine.DatabaseStatus;
import dev.slipway.engine.RecoveryFilter;
import dev.slipway.engine.RecoveryInfo;
import dev.slipway.engine.RecoveryPage;
import dev.slipway.engine.VerifyListener;
import dev.slipway.engine.VerifySummary;
import dev.slipway.engine.commit.Replay;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.Micros;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.verify.Verifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an operator asks of a database: how it is, and what recovery did. */
final class Maintenance {
  /** A page looks at so many log entries at most, however few of them are recoveries. */
  private static final int LOOKED_AT = 10_000;

  private final DatabaseCore core;

  Maintenance(DatabaseCore core) {
    this.core = core;
  }

  Condition condition() {
    return new Condition(
        core.live()
            .poison()
            .map(why -> String.valueOf(why.getMessage()))
            .or(() -> core.backend().readOnly().map(why -> "storage takes no writes since " + why)),
        core.recovery().quarantined(),
        core.checkpointer().failure());
  }

  DatabaseStatus status() {
    DatabaseState state = core.now();
    List<Long> checkpoints = core.checkpoints().revisions();
    Set<String> own = core.committer().ownIntents();
    Condition condition = condition();
    List<String> intents = core.intents().ids();
    return new DatabaseStatus(
        core.info(),
        state.revision(),
        state.lastTime() == 0 ? Optional.empty() : Optional.of(Micros.instant(state.lastTime())),
        state.floor(),
        state.stagedFloor(),
        state.decisions().floor(),
        checkpoints.isEmpty() ? 0 : checkpoints.get(checkpoints.size() - 1),
        checkpoints.size(),
        state.branches().size(),
        (int)
            state.branches().values().stream()
                .flatMap(branch -> branch.pins().stream())
                .map(pin -> pin.table())
                .distinct()
                .count(),
        (int) intents.stream().filter(own::contains).count(),
        intents.stream()
            .filter(id -> !own.contains(id) && !condition.quarantined().containsKey(id))
            .toList(),
        condition);
  }

  /**
   * Recoveries, newest first, of revisions less than {@code before}. A page may be short, or empty,
   * with more to follow: it looks at a bounded part of the log.
   */
  RecoveryPage recoveries(RecoveryFilter filter, long before, int limit) {
    DatabaseState state = core.now();
    List<RecoveryInfo> found = new ArrayList<>();
    long oldest = Math.max(1, Math.max(state.floor(), state.timesFrom()));
    long revision = Math.min(state.revision(), before - 1);
    int left = LOOKED_AT;
    while (revision >= oldest && left > 0 && found.size() < limit) {
      List<LogEntry> batch = core.history().batchOf(revision, state);
      long first = state.batchStart(revision);
      while (revision >= Math.max(first, oldest) && found.size() < limit) {
        recovery(revision, batch.get((int) (revision - first)))
            .filter(filter::admits)
            .ifPresent(found::add);
        revision--;
        left--;
      }
    }
    return new RecoveryPage(found, revision >= oldest ? revision + 1 : 0);
  }

  VerifySummary verify(CallContext context, boolean deep, VerifyListener listener) {
    core.now();
    return new Verifier(
            core.backend(),
            core.info().id(),
            core.checkpoints(),
            core.intents(),
            core.staged(),
            core.live()::refresh,
            core.committer()::ownIntents,
            deep,
            listener,
            context.cancel())
        .verify();
  }

  private static Optional<RecoveryInfo> recovery(long revision, LogEntry entry) {
    if (entry instanceof LogEntry.Commit commit) {
      return recovered(commit.header().begun(), commit.recovered())
          .map(
              recovered ->
                  new RecoveryInfo(
                      revision,
                      recovered,
                      commit.header().op(),
                      Optional.ofNullable(commit.header().request()),
                      commit.header().actor(),
                      commit.branch(),
                      Micros.instant(commit.header().time()),
                      Optional.empty(),
                      commit.message(),
                      CommitInfos.of(revision, commit).tables()));
    }
    if (entry instanceof LogEntry.Abort abort) {
      return recovered(abort.header().begun(), abort.recovered())
          .map(
              recovered ->
                  new RecoveryInfo(
                      revision,
                      recovered,
                      abort.header().op(),
                      Optional.ofNullable(abort.header().request()),
                      abort.header().actor(),
                      abort.branch(),
                      Micros.instant(abort.header().time()),
                      Optional.of(Replay.reason(abort)),
                      Replay.message(abort),
                      List.of()));
    }
    return Optional.empty();
  }

  private static Optional<RecoveredInfo> recovered(
      long begun, LogEntry.@Nullable Recovery recovery) {
    return Optional.ofNullable(recovery)
        .map(
            it ->
                new RecoveredInfo(
                    RecoveredInfo.Outcome.valueOf(it.how()), it.by(), it.owner(), begun));
  }
}
