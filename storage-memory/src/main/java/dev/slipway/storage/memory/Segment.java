package dev.slipway.storage.memory;

import java.util.List;
import org.apache.arrow.vector.FieldVector;

/** A run of values of one vector. */
record Segment(FieldVector vector, int start, int count) {
  static int rows(List<Segment> segments) {
    int rows = 0;
    for (Segment segment : segments) {
      rows = Math.addExact(rows, segment.count);
    }
    return rows;
  }
}
