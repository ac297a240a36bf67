package dev.slipway.engine.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FaultyStorage;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.QuietLogs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Breaks every kind of change at every window in every way, and lets everyone recover it. A cell's
 * name says how to break it again; {@code -Dslipway.matrix.cell=<part of the name>} runs the cells
 * whose names have that in them.
 */
@ExtendWith(QuietLogs.class)
class CrashMatrixTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicNode> everyPair_inMemory_losesNothing() {
    return nodes(BackendKind.MEMORY, Cell.pairs());
  }

  @Tag("long")
  @TestFactory
  Stream<DynamicNode> everyCell_inMemory_losesNothing() {
    return nodes(BackendKind.MEMORY, Cell.all());
  }

  @TestFactory
  Stream<DynamicNode> everyPair_onLance_losesNothing() {
    return nodes(BackendKind.LANCE, Cell.pairs());
  }

  @Tag("long")
  @TestFactory
  Stream<DynamicNode> everyCell_onLance_losesNothing() {
    return nodes(BackendKind.LANCE, Cell.all());
  }

  @Test
  void everyWindow_hasCells_inBothForms() {
    for (List<Cell> cells : List.of(Cell.all(), Cell.pairs())) {
      Set<FailPoint> missing = EnumSet.allOf(FailPoint.class);
      cells.forEach(cell -> missing.remove(cell.window()));
      assertThat(missing).as("windows that no cell breaks").isEmpty();
    }
  }

  /** So the matrix leaves out no more than it must. */
  @TestFactory
  Stream<DynamicTest> everyCellLeftOut_breaksNothing() {
    Template template = new Template(BackendKind.MEMORY, folder);
    Set<MatrixFault> widest = EnumSet.of(MatrixFault.STORE_IS_AWAY, MatrixFault.TABLE_FAILS);
    return Cell.leftOut().stream()
        .filter(cell -> widest.contains(cell.fault()) && cell.resolver() == Resolver.NEXT_OPEN)
        .map(cell -> dynamicTest(cell.toString(), () -> breaksNothing(cell, template)));
  }

  private static void breaksNothing(Cell cell, Template template) {
    Ledger ledger = new Ledger();
    try (FaultyStorage storage = template.storage(ledger)) {
      assertThat(MatrixRun.of(cell, storage, ledger).breaks()).as("the fault came to be").isFalse();
    }
  }

  private Stream<DynamicNode> nodes(BackendKind kind, List<Cell> cells) {
    String part = System.getProperty("slipway.matrix.cell", "");
    Template template = new Template(kind, folder);
    Map<FailPoint, List<DynamicNode>> byWindow = new LinkedHashMap<>();
    for (Cell cell : cells) {
      if (cell.toString().contains(part)) {
        byWindow
            .computeIfAbsent(cell.window(), window -> new ArrayList<>())
            .add(
                dynamicTest(
                    cell.toString(),
                    () ->
                        Assertions.assertTimeoutPreemptively(PATIENCE, () -> run(cell, template))));
      }
    }
    return byWindow.entrySet().stream()
        .map(entry -> dynamicContainer(entry.getKey().windowName(), entry.getValue()));
  }

  private static void run(Cell cell, Template template) {
    Ledger ledger = new Ledger();
    try (FaultyStorage storage = template.storage(ledger)) {
      MatrixRun.of(cell, storage, ledger).run();
    }
  }
}
