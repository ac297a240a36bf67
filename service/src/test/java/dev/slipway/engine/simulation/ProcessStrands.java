package dev.slipway.engine.simulation;

import dev.slipway.engine.commit.Committer;
import dev.slipway.engine.database.BackgroundRecovery;
import dev.slipway.engine.database.OpenDatabases;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** The threads of one process: strands, which do nothing any more once it has ended. */
final class ProcessStrands {
  private static final String TIMER = ".timer";
  private static final Duration PASSES_EVERY = Duration.ofSeconds(4);

  private final EngineProcess process;
  private final Scheduler scheduler;
  private final Tally tally;
  private final RandomGenerator pacing;
  private final Turnstile recovering;

  /**
   * @param pacing when background passes come
   */
  ProcessStrands(EngineProcess process, Scheduler scheduler, Tally tally, RandomGenerator pacing) {
    this.process = process;
    this.scheduler = scheduler;
    this.tally = tally;
    this.pacing = pacing;
    this.recovering = new Turnstile(scheduler);
  }

  Executor threads(String kind) {
    return task -> {
      process.life().check();
      if (scheduler.running().name().startsWith(process.name() + TIMER)) {
        spawn(".pass", () -> pass(task));
      } else {
        spawn("." + kind, task);
      }
    };
  }

  void later(Duration delay, Runnable task) {
    spawn(
        ".delay",
        () -> {
          scheduler.sleep(delay);
          task.run();
        });
  }

  private void spawn(String kind, Runnable task) {
    scheduler.spawn(process.name() + kind, process, () -> runToEnd(task));
  }

  /** Nobody catches what an engine's own thread throws: it must not, unless the process ended. */
  private void runToEnd(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      if (!process.life().isOver()) {
        throw e;
      }
    }
  }

  /** Recovers something, as soon as nobody else here does. */
  <T> T recovering(Supplier<T> work) {
    return recovering.alone(work);
  }

  /** Looks at all open databases in the background, so many times, whenever the seed says. */
  void backgroundPasses(OpenDatabases databases, int times) {
    int[] left = {times};
    Committer.Delayer delayer =
        (interval, next) -> {
          if (left[0]-- > 0) {
            Duration delay = interval.multipliedBy(pacing.nextInt(100)).dividedBy(100);
            spawn(TIMER, () -> passAfter(delay, next));
          }
        };
    new BackgroundRecovery(databases, delayer, PASSES_EVERY).start();
  }

  private void passAfter(Duration delay, Runnable next) {
    scheduler.sleep(delay);
    if (!process.life().isOver()) {
      next.run();
    }
  }

  /** A background pass's look at one database. */
  private void pass(Runnable look) {
    var unused =
        recovering(
            () -> {
              look.run();
              return true;
            });
    tally.add(Happening.BACKGROUND_PASSES, process.life().isOver() ? 0 : 1);
  }
}
