package dev.slipway.storage.memory;

import dev.slipway.storage.Cancellation;
import dev.slipway.storage.memory.OpenVersion.Piece;
import dev.slipway.storage.predicate.Predicate;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Walks the live rows of a version for which a predicate is true, in order, as runs of neighbours.
 * One thread.
 */
final class MatchingRuns {
  private final List<Piece> pieces;
  private final Optional<Predicate> filter;
  private final Cancellation cancellation;
  private int piece = -1;
  private int row;
  private Condition condition = Condition.ALWAYS;
  private int start;
  private int count;

  MatchingRuns(OpenVersion version, Optional<Predicate> filter, Cancellation cancellation) {
    this.pieces = version.pieces();
    this.filter = filter;
    this.cancellation = cancellation;
  }

  /** Moves to the next run, of at most so many rows; false at the end. */
  boolean next(int max) {
    while (true) {
      if (piece >= 0 && run(max)) {
        return true;
      }
      piece++;
      row = 0;
      if (piece == pieces.size()) {
        piece--;
        row = Integer.MAX_VALUE;
        return false;
      }
      cancellation.check();
      condition =
          filter
              .map(predicate -> Conditions.on(piece().chunk().root(), predicate))
              .orElse(Condition.ALWAYS);
    }
  }

  /** The run's chunk. */
  Piece piece() {
    return pieces.get(piece);
  }

  /** Its place among the version's chunks. */
  int pieceIndex() {
    return piece;
  }

  int start() {
    return start;
  }

  int count() {
    return count;
  }

  private boolean run(int max) {
    int rows = piece().chunk().rows();
    BitSet deleted = piece().deletions().rows();
    while (row < rows) {
      int live = deleted.nextClearBit(row);
      int end = deleted.nextSetBit(live);
      int stop = end < 0 ? rows : Math.min(end, rows);
      row = live;
      while (row < stop && condition.at(row) != Truth.TRUE) {
        row++;
      }
      start = row;
      while (row < stop && row - start < max && (row == start || condition.at(row) == Truth.TRUE)) {
        row++;
      }
      count = row - start;
      if (count > 0) {
        return true;
      }
    }
    return false;
  }
}
