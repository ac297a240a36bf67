package dev.slipway.engine.simulation;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CleanupReport;
import dev.slipway.engine.CleanupRow;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import java.util.random.RandomGenerator;

/** Cleans up through one process or another; another cleanup may be under way. */
final class Janitor {
  private static final long TEN_MINUTES_MICROS = 600_000_000;

  private final Scheduler scheduler;
  private final Tally tally;
  private int underWay;

  Janitor(Scheduler scheduler, Tally tally) {
    this.scheduler = scheduler;
    this.tally = tally;
  }

  /**
   * Cleans up, or fails with what a cleanup may fail with while things go wrong.
   *
   * @throws AssertionError if it fails with anything else
   */
  void clean(String name, RandomGenerator random, EngineProcess process, Incarnation in) {
    CleanupPolicy policy = Regime.policy(random);
    boolean dryRun = random.nextInt(10) == 0;
    scheduler.step(name + " cleans up through " + process.name() + ": " + policy);
    Strand me = scheduler.running();
    long begun = scheduler.micros();
    tally.add(Happening.CLEANUPS_AT_ONCE, underWay);
    underWay++;
    me.cleaning(true);
    try {
      CleanupReport report =
          process.call(
              () ->
                  process
                      .database(in)
                      .cleanup(
                          CallContext.of(name), policy, dryRun, row -> check(process, in, row)));
      if (!dryRun && !process.life().isOver()) {
        count(report);
      }
    } catch (SlipwayException e) {
      tally.add(Happening.CLEANUPS_BROKEN_OFF);
      if (!process.life().isOver()
          && !mayFailWith(e.reason(), in)
          && !isRefusedForItsClock(e, process, in, begun)) {
        throw new AssertionError(name + "'s cleanup failed with " + e.reason() + ": " + e, e);
      }
    } catch (RuntimeException e) {
      tally.add(Happening.CLEANUPS_BROKEN_OFF);
      if (!process.life().isOver()) {
        throw new AssertionError("a cleanup fails with SlipwayException and nothing else", e);
      }
    } finally {
      me.cleaning(false);
      underWay--;
    }
    scheduler.step(name + " has cleaned up");
  }

  private void count(CleanupReport report) {
    if (!report.problems().isEmpty()) {
      throw new AssertionError("a cleanup found problems: " + report.problems());
    }
    tally.add(Happening.CLEANUPS_DONE);
    tally.add(Happening.FILES_DELETED, report.deletedFiles());
    tally.add(Happening.HOMES_PURGED, report.purgedHomes());
    tally.add(Happening.STAGED_RECORDS_BURIED, report.stagedWrites());
    tally.add(Happening.LOG_RECORDS_HOLLOWED, report.logRecords());
    tally.add(Happening.CHECKPOINTS_DELETED, report.checkpoints());
  }

  /** Rightly: its clock may have been more than ten minutes behind the newest record. */
  private boolean isRefusedForItsClock(
      SlipwayException e, EngineProcess process, Incarnation in, long begun) {
    boolean rightly =
        e.reason() == ErrorReason.CLOCK_SKEW
            && in.journal().lastTime() - process.clock().earliestSince(begun) > TEN_MINUTES_MICROS;
    tally.add(Happening.CLEANUPS_REFUSED_FOR_A_CLOCK, rightly ? 1 : 0);
    return rightly;
  }

  private static void check(EngineProcess process, Incarnation in, CleanupRow row) {
    row.failure()
        .filter(failure -> !process.life().isOver() && !mayFailWith(failure.reason(), in))
        .ifPresent(
            failure -> {
              throw new AssertionError("table " + row.table() + " can't be cleaned up", failure);
            });
  }

  private static boolean mayFailWith(ErrorReason reason, Incarnation in) {
    return Attempt.EXCUSES.contains(reason) || Attempt.isGone(in, reason);
  }
}
