package dev.slipway.engine.simulation;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Lets exactly one strand go at a time, and chooses the next at every step by drawing from a seeded
 * source. Time is virtual: it moves a little with every step, and jumps when everybody sleeps.
 */
final class Scheduler {
  private static final long MAX_STEPS = 200_000;
  private static final long PATIENCE_SECONDS = 300;
  private static final int STEP_MICROS = 2_000;
  private static final long BEGIN = 1_767_225_600_000_000L;

  private final RandomGenerator random;
  private final Executor threads;
  private final Trace trace;
  private final boolean byRank;
  private final double stickiness;
  private final List<Strand> strands = new ArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private @Nullable Strand running;
  private @Nullable Throwable failure;
  private boolean stopped;
  private long micros = BEGIN;
  private long steps;
  private int spawned;

  /** Thrown at every step once the run is lost, so that its threads end. */
  static final class StoppedError extends Error {
    private static final long serialVersionUID = 1;

    StoppedError() {
      super("the run is over", null, false, false);
    }
  }

  /**
   * @param threads gives a thread to each strand
   */
  Scheduler(RandomGenerator random, Executor threads, Trace trace) {
    this.random = random;
    this.threads = threads;
    this.trace = trace;
    this.byRank = random.nextInt(3) == 0;
    this.stickiness = new double[] {0.1, 0.5, 0.8, 0.95}[random.nextInt(4)];
  }

  /**
   * Runs a strand and all that it spawns to their ends.
   *
   * @throws AssertionError what one of them failed with
   */
  void run(String name, Runnable body) throws InterruptedException {
    Strand first = add(name, null, body);
    running = first;
    first.giveBaton();
    if (!over.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError(
          "strand " + running + " is blocked or never ends, where nothing should block");
    }
    if (failure != null) {
      throw new AssertionError(failure.getMessage(), failure);
    }
  }

  /** Another strand, which begins when it is chosen. */
  Strand spawn(String name, @Nullable EngineProcess process, Runnable body) {
    return add(name, process, body);
  }

  private Strand add(String name, @Nullable EngineProcess process, Runnable body) {
    Strand strand = new Strand(name + "-" + spawned++, process, random.nextInt());
    strands.add(strand);
    threads.execute(
        () -> {
          strand.takeBaton();
          try {
            if (!stopped) {
              body.run();
            }
          } catch (Throwable e) {
            fail(e);
          } finally {
            end(strand);
          }
        });
    return strand;
  }

  private void end(Strand strand) {
    strands.remove(strand);
    if (strands.isEmpty()) {
      over.countDown();
      return;
    }
    Strand next = pick(null);
    running = next;
    next.giveBaton();
  }

  /** The run is lost: everybody ends at their next step. */
  void fail(Throwable why) {
    if (failure == null && !(why instanceof StoppedError)) {
      failure = why;
    }
    stopped = true;
  }

  /** The strand that goes. */
  Strand running() {
    Strand now = running;
    if (now == null) {
      throw new IllegalStateException("only strands may ask");
    }
    return now;
  }

  long micros() {
    return micros;
  }

  long steps() {
    return steps;
  }

  /** A place where others may go first. */
  void step(String what) {
    Strand me = running();
    check();
    trace.add(micros, me, what);
    micros += random.nextInt(STEP_MICROS);
    if (++steps > MAX_STEPS) {
      fail(new AssertionError("the run doesn't end: " + steps + " steps"));
    }
    handOver(me);
  }

  /** Lets others go until the future is done; if its process ended, it never will be. */
  void await(CompletableFuture<?> future) {
    Strand me = running();
    check();
    if (!future.isDone()) {
      me.waitFor(future);
      try {
        handOver(me);
      } finally {
        me.waitFor(null);
      }
      EngineProcess inside = me.process();
      if (inside != null && !future.isDone()) {
        inside.life().check();
      }
    }
  }

  void sleep(Duration time) {
    Strand me = running();
    check();
    me.sleepUntil(micros + time.toNanos() / 1_000);
    handOver(me);
  }

  /** Time goes by for everybody, while nobody does anything. */
  void pass(Duration time) {
    step(time + " pass");
    micros += time.toNanos() / 1_000;
  }

  /** Time goes by until then, if it isn't then yet. */
  void passUntil(long later) {
    if (later > micros) {
      pass(Duration.of(later - micros, ChronoUnit.MICROS));
    }
  }

  private void check() {
    if (stopped) {
      throw new StoppedError();
    }
  }

  private void handOver(Strand me) {
    Strand next = pick(me);
    if (next != me) {
      running = next;
      next.giveBaton();
      me.takeBaton();
    }
    check();
  }

  /** Who goes next; moves time on if everybody sleeps. */
  private Strand pick(@Nullable Strand me) {
    if (stopped) {
      return me == null ? strands.get(0) : me;
    }
    List<Strand> ready = new ArrayList<>(strands.size());
    long soonest = Long.MAX_VALUE;
    for (Strand strand : strands) {
      if (strand.hasWhatItWaitsFor()) {
        if (strand.readyAt() <= micros) {
          ready.add(strand);
        }
        soonest = Math.min(soonest, strand.readyAt());
      }
    }
    if (soonest == Long.MAX_VALUE) {
      fail(new AssertionError("nobody can go on; all wait: " + strands));
      return me == null ? strands.get(0) : me;
    }
    if (ready.isEmpty()) {
      micros = soonest;
      return pick(me);
    }
    return choose(ready, me);
  }

  private Strand choose(List<Strand> ready, @Nullable Strand me) {
    if (ready.size() == 1) {
      return ready.get(0);
    }
    if (byRank) {
      if (me != null && random.nextInt(40) == 0) {
        me.rank(Integer.MIN_VALUE + (int) steps);
      }
      Strand best = ready.get(0);
      for (Strand strand : ready) {
        if (strand.rank() > best.rank()) {
          best = strand;
        }
      }
      return best;
    }
    if (me != null && random.nextDouble() < stickiness && ready.contains(me)) {
      return me;
    }
    return ready.get(random.nextInt(ready.size()));
  }
}
