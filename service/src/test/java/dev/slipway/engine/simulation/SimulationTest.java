package dev.slipway.engine.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.testkit.QuietLogs;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Thousands of runs. {@code -Dslipway.sim.seeds=from-to} (or one seed) runs others, {@code
 * -Dslipway.sim.size=n} lets clients do only so much.
 */
@ExtendWith(QuietLogs.class)
class SimulationTest {
  private static final Seeds SHORT = new Seeds(1, 1_500);
  private static final Seeds LONG = new Seeds(1, 10_000);

  /** So many times at least in the short form, or it proves little. */
  private static final long OFTEN = 10;

  @Test
  void everyRun_ofTheShortForm_keepsItsPromises() {
    Tally tally = assertHolds(Seeds.wanted().orElse(SHORT));
    if (Seeds.wanted().isEmpty()) {
      assertThat(Happening.values())
          .as("what came to pass: %s", tally)
          .allMatch(what -> tally.of(what) >= OFTEN);
    }
  }

  @Tag("long")
  @Test
  void everyRun_ofTheLongForm_keepsItsPromises() {
    var unused = assertHolds(Seeds.wanted().orElse(LONG));
  }

  @Test
  void run_ofOneSeed_isTheSameEachTime() {
    for (long seed = 1; seed <= 10; seed++) {
      assertThat(trace(seed)).as("the run of seed %d, again", seed).isEqualTo(trace(seed));
    }
  }

  private static String trace(long seed) {
    try (Runs runs = new Runs()) {
      return runs.run(seed, Simulation.size(seed)).trace().toString();
    }
  }

  private static Tally assertHolds(Seeds seeds) {
    try (Runs runs = new Runs()) {
      Optional<Simulation.Result> failed = runs.firstFailure(seeds);
      failed.ifPresent(
          result -> {
            throw new AssertionError(Runs.describe(result), result.failure().orElse(null));
          });
      return runs.tally();
    }
  }
}
