package dev.slipway.engine.simulation;

import java.util.Optional;

/** Seeds to run, both ends included. */
record Seeds(long from, long to) {
  /** The system property that names other seeds: {@code 17} or {@code 1-10000}. */
  private static final String PROPERTY = "slipway.sim.seeds";

  static Optional<Seeds> wanted() {
    String text = System.getProperty(PROPERTY, "");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    String[] ends = text.split("-", 2);
    long from = Long.parseLong(ends[0]);
    return Optional.of(new Seeds(from, ends.length == 1 ? from : Long.parseLong(ends[1])));
  }

  /** The size that {@code -Dslipway.sim.size} asks for, or the seed's own. */
  static int size(long seed) {
    return Integer.getInteger("slipway.sim.size", Simulation.size(seed));
  }
}
