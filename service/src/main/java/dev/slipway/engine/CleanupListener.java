package dev.slipway.engine;

/**
 * Told what a cleanup does, as it does it, on the thread that called it. What it throws ends the
 * cleanup, which is safe at any point.
 */
@FunctionalInterface
public interface CleanupListener {
  /** Listens to nothing. */
  CleanupListener NONE = row -> {};

  /**
   * Once, before any row: what can be read and committed from here on.
   *
   * @param floor reads below this revision are refused
   * @param stagedFloor staged writes begun below this revision are dead, unless renewed
   */
  default void floors(long floor, long stagedFloor) {}

  /** Once for each table, done or failed. */
  void row(CleanupRow row);
}
