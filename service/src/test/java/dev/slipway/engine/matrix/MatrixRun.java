package dev.slipway.engine.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.Faults;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.FaultyStorage;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A cell on its way: something is broken, somebody resolves it, and then everything must hold. */
abstract class MatrixRun implements MatrixFault.Others {
  private final Cell cell;
  private @Nullable Set<FailPoint> passed;

  MatrixRun(Cell cell) {
    this.cell = cell;
  }

  /**
   * @param storage holds what {@link Setting} commits
   * @param ledger knows it
   */
  static MatrixRun of(Cell cell, FaultyStorage storage, Ledger ledger) {
    if (cell.kind() == MatrixKind.CLEANUP) {
      return new CleanupRun(storage, cell);
    }
    return cell.kind().isOfDatabases()
        ? new DatabaseRun(storage, cell)
        : new CellRun(storage, cell, ledger);
  }

  final void run() {
    assertThat(breaks()).as("the window was hit, and then the fault: %s", cell.fault()).isTrue();
    resolveAndJudge();
  }

  /** Makes the change, breaks nothing, and notes the windows that it passes. */
  final void walk(Set<FailPoint> windows) {
    passed = windows;
    var unused = breaks();
  }

  /** Makes the change and breaks it in the window; gives whether the fault then came to be. */
  abstract boolean breaks();

  abstract void resolveAndJudge();

  /** Arms the cell's fault, for what the engine does from here on. */
  final Faults.Armed<FailPoint> arm(FaultyEngine engine) {
    Set<FailPoint> windows = passed;
    if (windows == null) {
      return engine.windows().once(cell.window()::equals, cell.fault().at(engine, this));
    }
    for (FailPoint point : FailPoint.values()) {
      if (point != cell.window()) {
        engine.windows().always(point::equals, Effect.run(() -> windows.add(point)));
      }
    }
    Effect notes = Effect.run(() -> windows.add(cell.window()));
    return engine.windows().always(cell.window()::equals, notes);
  }
}
