package dev.slipway.soak;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.slipway.engine.testkit.QuietLogs;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Servers under {@code kill -9} at random moments. The seed in a test's name gives the same
 * requests and the same pauses again, by {@code -Dslipway.soak.seed}; what falls together in time
 * is up to the machine. {@code -Dslipway.soak.kills} says how many kills the long forms have.
 */
@ExtendWith(QuietLogs.class)
class SoakTest {
  private static final int SHORT = 8;
  private static final int LONG = 50;

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> oneServer_killedAFewTimes_losesNothing(TestReporter reporter) {
    return runs(1, SHORT, reporter);
  }

  @TestFactory
  Stream<DynamicTest> twoServersOnOneFolder_killedAFewTimes_loseNothing(TestReporter reporter) {
    return runs(2, SHORT, reporter);
  }

  @Tag("long")
  @TestFactory
  Stream<DynamicTest> oneServer_killedWithoutEnd_losesNothing(TestReporter reporter) {
    return runs(1, Integer.getInteger("slipway.soak.kills", LONG), reporter);
  }

  @Tag("long")
  @TestFactory
  Stream<DynamicTest> twoServersOnOneFolder_killedWithoutEnd_loseNothing(TestReporter reporter) {
    return runs(2, Integer.getInteger("slipway.soak.kills", LONG), reporter);
  }

  private Stream<DynamicTest> runs(int servers, int kills, TestReporter reporter) {
    long seed = Long.getLong("slipway.soak.seed", new Random().nextInt(Integer.MAX_VALUE));
    SoakFolder own = new SoakFolder(folder);
    return Stream.of(
        dynamicTest(
            "seed %d, %d kills".formatted(seed, kills),
            () ->
                reporter.publishEntry(
                    "soak, seed " + seed, new SoakRun(own, seed, servers, kills).run())));
  }
}
