package dev.slipway.engine.matrix;

import dev.slipway.engine.fault.FailPoint;
import java.util.ArrayList;
import java.util.List;

/** One case of the matrix. */
record Cell(FailPoint window, MatrixKind kind, MatrixFault fault, Resolver resolver) {

  /** Every case that can be: each kind at each window that it passes. */
  static List<Cell> all() {
    List<Cell> cells = new ArrayList<>();
    for (FailPoint window : FailPoint.values()) {
      for (MatrixKind kind : MatrixKind.values()) {
        if (kind.windows().contains(window)) {
          for (MatrixFault fault : MatrixFault.values()) {
            for (Resolver resolver : Resolver.values()) {
              Cell cell = new Cell(window, kind, fault, resolver);
              if (cell.isPossible()) {
                cells.add(cell);
              }
            }
          }
        }
      }
    }
    return cells;
  }

  /**
   * Fewer cases, among which every two of window, kind, fault and resolver still meet, if they can
   * meet at all.
   */
  static List<Cell> pairs() {
    List<Cell> all = all();
    java.util.Set<List<Object>> missing = new java.util.HashSet<>();
    all.forEach(cell -> missing.addAll(cell.meetings()));
    List<Cell> chosen = new ArrayList<>();
    // Greedy in two sweeps: first whoever brings many new meetings, then whoever brings any.
    for (int least : new int[] {5, 3, 1}) {
      for (Cell cell : all) {
        long brings = cell.meetings().stream().filter(missing::contains).count();
        if (brings >= least) {
          chosen.add(cell);
          missing.removeAll(cell.meetings());
        }
      }
    }
    return chosen;
  }

  private List<List<Object>> meetings() {
    return List.of(
        List.of(window, kind),
        List.of(window, fault),
        List.of(window, resolver),
        List.of(kind, fault),
        List.of(kind, resolver),
        List.of(fault, resolver));
  }

  private boolean isPossible() {
    boolean survives = fault != MatrixFault.CRASH;
    boolean recovers = !kind.isOfDatabases();
    return switch (resolver) {
      case RECOVER -> survives && recovers;
      case NEXT_OPEN, SECOND_PROCESS, RETRY -> true;
    };
  }

  /** The window lies in recovery: something must have been left to recover. */
  boolean isInRecovery() {
    return window.windowName().startsWith("recover.");
  }

  boolean isInCheckpoint() {
    return window.windowName().startsWith("checkpoint.");
  }

  @Override
  public String toString() {
    return String.join(" x ", window.windowName(), kind.label(), fault.label(), resolver.label());
  }
}
