package dev.slipway.engine.database;

import dev.slipway.engine.CommitInfo;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.Micros;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.log.TableDelta;
import java.util.Optional;

/** Commits of the log as the engine's callers see them. */
final class CommitInfos {
  private CommitInfos() {}

  static CommitInfo of(long revision, LogEntry.Commit commit) {
    return new CommitInfo(
        revision,
        commit.branch(),
        commit.parent(),
        Micros.instant(commit.header().time()),
        commit.message(),
        commit.properties(),
        commit.header().actor(),
        Optional.ofNullable(commit.header().request()),
        commit.tables().stream().map(CommitInfos::change).toList(),
        Optional.ofNullable(commit.recovered())
            .map(
                recovery ->
                    new CommitInfo.RecoveredInfo(
                        CommitInfo.RecoveredInfo.Outcome.valueOf(recovery.how()),
                        recovery.by(),
                        recovery.owner(),
                        commit.header().begun())));
  }

  private static CommitInfo.TableChange change(TableDelta delta) {
    Pin pin = delta.pin();
    return new CommitInfo.TableChange(
        delta.name(),
        delta.from(),
        pin == null ? 0 : pin.version(),
        delta.added(),
        delta.removed(),
        delta.rebased(),
        Optional.ofNullable(delta.previous()));
  }
}
