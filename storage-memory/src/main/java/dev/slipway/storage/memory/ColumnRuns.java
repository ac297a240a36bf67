package dev.slipway.storage.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Runs collected column by column until there are enough of them to write at once. */
final class ColumnRuns {
  private static final int ENOUGH_ROWS = 8_192;

  private final ChunkWriter writer;
  private final List<List<Segment>> columns = new ArrayList<>();
  private int rows;

  ColumnRuns(ChunkWriter writer, int columnCount) {
    this.writer = writer;
    for (int i = 0; i < columnCount; i++) {
      columns.add(new ArrayList<>());
    }
  }

  /** Adds rows; each column gives its own values, as many as there are rows. */
  void add(int count, IntFunction<Segment> column) {
    for (int i = 0; i < columns.size(); i++) {
      columns.get(i).add(column.apply(i));
    }
    rows += count;
    if (rows >= ENOUGH_ROWS) {
      flush();
    }
  }

  void flush() {
    if (rows > 0) {
      writer.append(columns);
      columns.forEach(List::clear);
      rows = 0;
    }
  }
}
