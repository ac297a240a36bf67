package dev.slipway.soak;

import dev.slipway.v1.CleanupTable;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/** A client that has history expired and files deleted all the time. */
final class Cleaner {
  /** What is younger than this is left alone; nobody may be refused for being slow before. */
  static final Duration GRACE = Duration.ofSeconds(10);

  static final int KEEP_REVISIONS = 10;

  private static final int MAX_PAUSE_MILLIS = 1_000;

  private final Caller caller;
  private final Random random;
  private final Witness witness;
  private final LongConsumer pause;

  /**
   * @param pause lets milliseconds pass
   */
  Cleaner(Caller caller, Random random, Witness witness, LongConsumer pause) {
    this.caller = caller;
    this.random = random;
    this.witness = witness;
    this.pause = pause;
  }

  void cleanWhile(BooleanSupplier goesOn) {
    while (goesOn.getAsBoolean()) {
      caller.once(Session::cleanup).ifPresent(this::judge);
      pause.accept(random.nextInt(MAX_PAUSE_MILLIS));
    }
  }

  private void judge(Session.Cleaned cleaned) {
    List<CleanupTable> failed =
        cleaned.tables().stream()
            .filter(table -> !table.getFailureReason().isEmpty())
            // Another cleanup, on another server, was faster.
            .filter(table -> !Caller.isPassing(table.getFailureReason()))
            .toList();
    if (!failed.isEmpty() || cleaned.summary().getProblemsCount() > 0) {
      throw new AssertionError(
          "a cleanup found %s, and left %s".formatted(cleaned.summary().getProblemsList(), failed));
    }
    witness.isCleaned(cleaned.summary());
  }
}
