package dev.slipway.engine.database;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Names;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.commit.Committer;
import dev.slipway.engine.log.Micros;
import dev.slipway.engine.state.Branch;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.state.History;
import dev.slipway.engine.state.LiveState;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/** Resolves what a read asks for to one revision and the tables of that moment. */
final class Revisions {
  private final LiveState<DatabaseState> live;
  private final History history;
  private final Committer.Work work;
  private final Duration interval;

  Revisions(
      LiveState<DatabaseState> live, History history, Committer.Work work, Duration interval) {
    this.live = live;
    this.history = history;
    this.work = work;
    this.interval = interval;
  }

  /** One moment of one branch. */
  record Moment(long revision, Branch branch, DatabaseState now) {}

  Moment resolve(CallContext context, ReadAt at) {
    if (at.minRevision() < 0) {
      throw SlipwayException.of(
              ErrorReason.ARGUMENT_INVALID,
              "min_revision must be 0 or more, found %d",
              at.minRevision())
          .with("field", "at.min_revision");
    }
    DatabaseState now = reach(context, at.minRevision());
    if (now.deleted()) {
      throw SlipwayException.of(ErrorReason.DATABASE_NOT_FOUND, "the database was dropped");
    }
    Branch head =
        now.branch(Names.branch(at.branch()))
            .orElseThrow(
                () ->
                    SlipwayException.of(ErrorReason.BRANCH_NOT_FOUND, "no branch %s", at.branch())
                        .with("resource", at.branch()));
    if (at.point() instanceof ReadAt.Point.Revision revision) {
      return moment(context, at.branch(), revision.revision());
    }
    if (at.point() instanceof ReadAt.Point.Time time) {
      return moment(context, at.branch(), revisionAt(time.time(), now));
    }
    return new Moment(now.revision(), head, now);
  }

  private static long revisionAt(Instant time, DatabaseState now) {
    long revision = now.revisionAt(Micros.of(time));
    if (revision < now.timesFrom()) {
      throw now.timesFrom() > 1
          ? SlipwayException.of(
                  ErrorReason.REVISION_EXPIRED,
                  "%s is below the history floor, revision %d",
                  time,
                  now.floor())
              .with("floor", now.floor())
          : SlipwayException.of(
              ErrorReason.REVISION_NOT_FOUND, "nothing was committed by %s", time);
    }
    return revision;
  }

  private Moment moment(CallContext context, String branch, long revision) {
    if (revision < 0) {
      throw SlipwayException.of(
              ErrorReason.ARGUMENT_INVALID, "a revision is 0 or more, found %d", revision)
          .with("field", "at.revision");
    }
    DatabaseState now = reach(context, revision);
    DatabaseState then = history.at(revision, now);
    return new Moment(
        revision,
        then.branch(branch)
            .orElseThrow(
                () ->
                    SlipwayException.of(
                            ErrorReason.REVISION_NOT_FOUND,
                            "branch %s didn't exist at revision %d",
                            branch,
                            revision)
                        .with("resource", revision)),
        now);
  }

  /** Reads on until the revision is there, or the caller's time is up. */
  private DatabaseState reach(CallContext context, long revision) {
    DatabaseState state = live.refresh();
    while (state.revision() < revision) {
      if (context.cancel().isCancelled()) {
        throw SlipwayException.of(
                ErrorReason.REVISION_NOT_REACHED,
                "revision %d isn't reached yet, the newest is %d",
                revision,
                state.revision())
            .with("revision", state.revision());
      }
      CompletableFuture<Void> pause = new CompletableFuture<>();
      work.delayer().after(interval, () -> pause.complete(null));
      work.waiter().await(pause);
      state = live.refresh();
    }
    return state;
  }
}
