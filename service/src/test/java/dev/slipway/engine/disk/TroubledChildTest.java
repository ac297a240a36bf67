package dev.slipway.engine.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Finding;
import dev.slipway.engine.fault.ChildProcess;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.engine.verify.Checked;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Disk trouble that any user can make, so it is tested wherever tests run; {@link DiskTroubleTest}
 * mounts file systems where it may.
 */
@ExtendWith(QuietLogs.class)
class TroubledChildTest {
  private static final Set<String> LATER =
      Set.of(
          ErrorReason.BACKEND_UNAVAILABLE.name(),
          ErrorReason.OUTCOME_UNKNOWN.name(),
          ErrorReason.OVERLOADED.name());

  @TempDir Path folder;

  private static boolean hasCommand(String name) {
    return Files.isExecutable(Path.of("/usr/bin", name));
  }

  /** Runs the child to its end; gives what it was told while in trouble. */
  private List<String> run(List<String> wrapper, int rows, List<String> arguments) {
    Path root = folder.resolve("root");
    List<String> all = new ArrayList<>(List.of(root.toString()));
    all.addAll(arguments);
    try (ChildProcess child =
        ChildProcess.start(wrapper, folder, TroubledChild.class, Map.of(), all)) {
      assertThat(child.awaitExit()).as("%s", child.output()).isZero();
      assertThat(child.after(TroubledChild.ROWS)).contains(String.valueOf(rows));
      String told = child.after(TroubledChild.TOLD).orElseThrow();
      try (EngineFixture engine = EngineFixture.open(BackendKind.LANCE, root)) {
        assertThat(engine.rows(engine.database("crm"), "person")).hasSize(rows);
        assertThat(Checked.of(engine.database("crm"), true).problems())
            .extracting(Finding::toString)
            .isEmpty();
      }
      return List.of(told.substring(1, told.length() - 1).split(", "));
    }
  }

  /** A file that may not grow is refused as one on a full disk is: by the write itself. */
  @Test
  void files_thatMayNotGrowAtAnyPointOfACommit_refuseTypedAndTakeTheRetryAfterwards() {
    Assumptions.assumeTrue(hasCommand("prlimit"), "there is no prlimit here");
    List<String> told =
        run(
            List.of(),
            9 * 200,
            List.of("limit", "0", "100", "400", "800", "1200", "2000", "4000", "1000000"));

    assertThat(told).hasSize(8);
    assertThat(told.get(0)).isIn(LATER);
    assertThat(told.get(7)).isEqualTo("DONE");
    assertThat(told)
        .allSatisfy(
            each -> assertThat(each).matches(it -> it.equals("DONE") || LATER.contains(it)));
  }

  /** Root may write anywhere, unless it gives that up: then its own folders bar it too. */
  @Test
  void folders_thatMayNotBeWritten_refuseTypedAndTakeTheRetryAfterwards() {
    boolean root = "root".equals(System.getProperty("user.name"));
    Assumptions.assumeTrue(!root || hasCommand("setpriv"), "root, and there is no setpriv here");
    List<String> wrapper =
        root ? List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all") : List.of();

    List<String> told =
        run(
            wrapper,
            6 * 200,
            List.of("denied", "log", "intents", "data", "_versions", "_transactions"));

    assertThat(told).hasSize(5).allSatisfy(each -> assertThat(each).isIn(LATER));
  }
}
