package dev.slipway.engine.simulation;

import java.util.List;

/**
 * A bug to plant: in the sources of a class or two, pieces of text are others.
 *
 * @param caughtBy what the check that finds it says, among other things
 */
record Mutation(String name, List<Edit> edits, String caughtBy) {

  /**
   * One piece of text that is another.
   *
   * @param file below {@code dev/slipway/engine/}
   * @param right stands there exactly once
   */
  record Edit(String file, String right, String wrong) {
    String in(String source) {
      int first = source.indexOf(right);
      if (first < 0 || source.indexOf(right, first + 1) >= 0) {
        throw new AssertionError(file + " must have this in it exactly once: " + right);
      }
      return source.replace(right, wrong);
    }
  }

  Mutation(String name, String file, String right, String wrong, String caughtBy) {
    this(name, List.of(new Edit(file, right, wrong)), caughtBy);
  }

  @Override
  public String toString() {
    return name;
  }
}
