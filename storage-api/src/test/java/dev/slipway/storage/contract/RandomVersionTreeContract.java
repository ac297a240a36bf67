package dev.slipway.storage.contract;

import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.TableId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.arrow.memory.BufferAllocator;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random trees of versions (siblings, lost races, previews) against a plain model; every version
 * ever made is read again at the end. A failing tree is made smaller by leaving steps out, and its
 * message says how to run it again.
 *
 * <p>{@code -Dslipway.tree.seeds=17} runs one seed, {@code 0-999} a range; {@code
 * -Dslipway.tree.steps} sets the length.
 */
public abstract class RandomVersionTreeContract {
  private static final String SEEDS = "slipway.tree.seeds";
  private static final int STEPS = Integer.getInteger("slipway.tree.steps", 100);
  private static final int SHRINKING_RUNS = 60;

  @TempDir Path folder;

  /** As {@link AbstractTableStorageContract#open}. */
  protected abstract StorageBackend open(
      Path folder, BufferAllocator allocator, StorageHooks hooks);

  static LongStream seeds() {
    return Seeds.of(SEEDS, 100);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void tree_randomSteps_everyVersionReadsAsModelled(long seed) {
    List<Long> steps = new ArrayList<>();
    for (long i = 0; i < STEPS; i++) {
      steps.add(seed * 1_000_003 + i);
    }
    try (BackendFixture fixture = new BackendFixture(folder, this::open, StorageHooks.NONE)) {
      int runs = 0;
      Optional<TreeFailure> failure = run(fixture, runs++, steps);
      if (failure.isPresent()) {
        // Leaves out ever smaller pieces as long as what is left still fails.
        for (int size = steps.size() / 2; size > 0 && runs < SHRINKING_RUNS; size /= 2) {
          for (int at = 0; at < steps.size() && runs < SHRINKING_RUNS; ) {
            List<Long> fewer = new ArrayList<>(steps);
            fewer.subList(at, Math.min(at + size, fewer.size())).clear();
            Optional<TreeFailure> still = run(fixture, runs++, fewer);
            if (still.isPresent()) {
              failure = still;
              steps = fewer;
            } else {
              at += size;
            }
          }
        }
        TreeFailure found = failure.orElseThrow();
        throw new AssertionError(
            Seeds.replay(SEEDS, seed, this)
                + "\nsmallest failing steps:\n  "
                + String.join("\n  ", found.log())
                + "\n"
                + found.cause(),
            found.cause());
      }
    }
  }

  /** What went wrong, and the steps up to there. */
  private record TreeFailure(List<String> log, Throwable cause) {}

  private static Optional<TreeFailure> run(BackendFixture fixture, int number, List<Long> steps) {
    VersionTree tree = new VersionTree(fixture, new TableId("trees", "run-" + number));
    try {
      steps.forEach(tree::step);
      tree.checkAll();
      return Optional.empty();
    } catch (RuntimeException | AssertionError e) {
      return Optional.of(new TreeFailure(tree.log(), e));
    }
  }
}
