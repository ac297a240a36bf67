package dev.slipway.engine.matrix;

import dev.slipway.engine.fault.FailPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** One case of the matrix. */
record Cell(FailPoint window, MatrixKind kind, MatrixFault fault, Resolver resolver) {

  /**
   * Every case that can be: each kind at each window that it passes, with each fault that comes to
   * be there.
   */
  static List<Cell> all() {
    return every().filter(cell -> cell.reach() == Reach.ALWAYS).toList();
  }

  /** The cases that there are not, since nothing would go wrong in them. */
  static List<Cell> leftOut() {
    return every().filter(cell -> cell.reach() == Reach.NEVER).toList();
  }

  private static Stream<Cell> every() {
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
    return cells.stream();
  }

  private Reach reach() {
    return fault.reach(window, kind);
  }

  /**
   * Fewer cases, among which every two of window, kind, fault and resolver still meet, if they can
   * meet at all.
   */
  static List<Cell> pairs() {
    List<Cell> all = all().stream().filter(cell -> !cell.kind().isOnlyInTheLongForm()).toList();
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

  /** A process that ends there has surely written its intent, and nobody is in its way. */
  boolean leavesAnIntent() {
    boolean written =
        switch (window) {
          case COMMIT_AFTER_INTENT,
              COMMIT_AFTER_TABLES,
              COMMIT_BEFORE_PUBLISH,
              COMMIT_PUBLISH_ANSWER_LOST,
              COMMIT_AFTER_PUBLISH,
              COMMIT_BEFORE_INTENT_DELETE ->
              true;
          default -> isInRecovery();
        };
    return written && fault == MatrixFault.CRASH;
  }

  /** The window lies in recovery: something must have been left to recover. */
  boolean isInRecovery() {
    return window.windowName().startsWith("recover.");
  }

  /**
   * Revisions between checkpoints. In a third of the cells, by the length of their names, they are
   * written beside all that is broken, in the others only where that is what is broken.
   */
  int checkpointEvery() {
    if (window.windowName().startsWith("checkpoint.")) {
      return 1;
    }
    return toString().length() % 3 == 0 ? 2 : 1_000;
  }

  @Override
  public String toString() {
    return String.join(" x ", window.windowName(), kind.label(), fault.label(), resolver.label());
  }
}
