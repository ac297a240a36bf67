package dev.slipway.engine.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.slipway.engine.fault.ArmedFailures;
import dev.slipway.engine.fault.ChildProcess;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FaultyStorage;
import dev.slipway.engine.fault.Life;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.QuietLogs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes on Lance, halted by {@code Runtime.halt} in a window while they change something;
 * this process then opens what they left, and judges it.
 */
@ExtendWith(QuietLogs.class)
class HaltedProcessTest {
  @TempDir Path folder;

  /** Each window once, with kinds that take turns. */
  @TestFactory
  Stream<DynamicTest> everyWindow_haltedOnce_losesNothing() {
    List<Cell> cells = new ArrayList<>();
    for (FailPoint window : FailPoint.values()) {
      List<MatrixKind> kinds = kinds(window);
      cells.add(cell(window, kinds.get(cells.size() % kinds.size())));
    }
    return tests(cells);
  }

  @Tag("long")
  @TestFactory
  Stream<DynamicTest> everyWindow_haltedInEveryKind_losesNothing() {
    List<Cell> cells = new ArrayList<>();
    for (FailPoint window : FailPoint.values()) {
      kinds(window).forEach(kind -> cells.add(cell(window, kind)));
    }
    return tests(cells);
  }

  private static List<MatrixKind> kinds(FailPoint window) {
    Predicate<MatrixKind> passes = kind -> kind.windows().contains(window);
    return Stream.of(MatrixKind.values()).filter(passes).toList();
  }

  private static Cell cell(FailPoint window, MatrixKind kind) {
    return new Cell(window, kind, MatrixFault.CRASH, Resolver.NEXT_OPEN);
  }

  private Stream<DynamicTest> tests(List<Cell> cells) {
    String part = System.getProperty("slipway.matrix.cell", "");
    Template template = new Template(BackendKind.LANCE, folder);
    return cells.stream()
        .filter(cell -> cell.toString().contains(part))
        .map(
            cell ->
                dynamicTest(
                    cell.window().windowName() + " x " + cell.kind().label(),
                    () -> run(cell, template)));
  }

  private static void run(Cell cell, Template template) {
    Ledger ledger = new Ledger();
    Path root = template.folder(ledger);
    try (FaultyStorage storage = FaultyStorage.open(BackendKind.LANCE, root)) {
      if (cell.kind() == MatrixKind.CLEANUP) {
        new CleanupRun(storage, cell).judgeAfter(() -> halt(cell, cell.window(), root));
        return;
      }
      if (cell.kind().isOfDatabases()) {
        new DatabaseRun(storage, cell).judgeAfter(() -> halt(cell, cell.window(), root));
        return;
      }
      if (cell.isInRecovery()) {
        ask(cell, FailPoint.COMMIT_AFTER_TABLES, root, ledger);
      }
      ask(cell, cell.window(), root, ledger);
      CellRun run = new CellRun(storage, cell, ledger);
      run.judge(run.open("next"));
    }
  }

  private static void ask(Cell cell, FailPoint window, Path root, Ledger ledger) {
    Life child = new Life();
    var unused =
        ledger.ask(
            HaltedChild.REQUEST,
            cell.kind().effect(),
            child,
            () -> {
              Optional<String> acknowledged = halt(cell, window, root);
              if (acknowledged.isEmpty()) {
                child.end();
              }
              return Long.parseLong(acknowledged.orElse("0"));
            });
  }

  /** Runs a child to its end in a window, and gives what it acknowledged before. */
  private static Optional<String> halt(Cell cell, FailPoint window, Path root) {
    Map<String, String> properties = Map.of(ArmedFailures.PROPERTY, window.windowName() + ":halt");
    List<String> arguments =
        List.of(root.toString(), cell.kind().name(), String.valueOf(cell.checkpointEvery()));
    Path parent = Optional.ofNullable(root.getParent()).orElseThrow();
    try (ChildProcess child =
        ChildProcess.start(parent, HaltedChild.class, properties, arguments)) {
      assertThat(child.awaitExit())
          .as("the exit code of a child that printed: %s", child.output())
          .isEqualTo(ArmedFailures.HALTED);
      return child.after(HaltedChild.ACKNOWLEDGED);
    }
  }
}
