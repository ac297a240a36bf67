package dev.slipway.engine.simulation;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Runs many seeds, several at once, and makes a failure small. */
final class Runs implements AutoCloseable {
  private final Tally tally = new Tally();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "simulation");
            thread.setDaemon(true);
            return thread;
          });

  Simulation.Result run(long seed, int size) {
    return Simulation.run(seed, size, threads);
  }

  /** The first failure there is, made as small as it goes. */
  Optional<Simulation.Result> firstFailure(Seeds seeds) {
    return lowestFailure(seeds).map(this::smallest);
  }

  /** That of the lowest seed. */
  private Optional<Simulation.Result> lowestFailure(Seeds seeds) {
    AtomicLong next = new AtomicLong(seeds.from() + 1);
    AtomicReference<Simulation.@Nullable Result> failed = new AtomicReference<>();
    // The first alone: classes are loaded without a race.
    note(run(seeds.from(), Seeds.size(seeds.from())), failed);
    int lanes = Runtime.getRuntime().availableProcessors();
    CountDownLatch done = new CountDownLatch(lanes);
    for (int lane = 0; lane < lanes; lane++) {
      threads.execute(
          () -> {
            try {
              for (long seed = next.getAndIncrement();
                  seed <= seeds.to() && failed.get() == null;
                  seed = next.getAndIncrement()) {
                note(run(seed, Seeds.size(seed)), failed);
              }
            } finally {
              done.countDown();
            }
          });
    }
    try {
      done.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while seeds ran", e);
    }
    return Optional.ofNullable(failed.get());
  }

  /** What came to pass in all of them. */
  Tally tally() {
    return tally;
  }

  private void note(Simulation.Result result, AtomicReference<Simulation.@Nullable Result> failed) {
    tally.addAll(result.tally());
    if (result.failure().isPresent()) {
      // Seeds are taken in order, and what is taken is run: so the lowest is known in the end.
      failed.accumulateAndGet(
          result,
          (known, found) ->
              known != null && (found == null || known.seed() < found.seed()) ? known : found);
    }
  }

  /** The run of the same seed with the fewest actions that still fails. */
  private Simulation.Result smallest(Simulation.Result failed) {
    for (int size = 1; size < failed.size(); size++) {
      Simulation.Result smaller = run(failed.seed(), size);
      if (smaller.failure().isPresent()) {
        return smaller;
      }
    }
    return failed;
  }

  /** What the first failing run says; null if none fails. Called from another class loader. */
  static @Nullable String failureOf(long from, long to) {
    try (Runs runs = new Runs()) {
      return runs.lowestFailure(new Seeds(from, to)).map(Runs::brief).orElse(null);
    }
  }

  private static String brief(Simulation.Result failed) {
    return "seed " + failed.seed() + ": " + failed.failure().map(Throwable::toString).orElse("");
  }

  /** What failed, how to run it again, and all that happened. */
  static String describe(Simulation.Result result) {
    return String.format(
        "seed %d fails: %s%nrun it again with -Dslipway.sim.seeds=%d -Dslipway.sim.size=%d%n%s",
        result.seed(),
        result.failure().map(Throwable::getMessage).orElse("no"),
        result.seed(),
        result.size(),
        result.trace());
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
