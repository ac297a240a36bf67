package dev.slipway.engine.simulation;

/**
 * A bug to plant: in the source of one class, one piece of text is another.
 *
 * @param file below {@code dev/slipway/engine/}
 * @param right stands there exactly once
 */
record Mutation(String name, String file, String right, String wrong) {
  @Override
  public String toString() {
    return name;
  }
}
