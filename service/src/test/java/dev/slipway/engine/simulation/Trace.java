package dev.slipway.engine.simulation;

import java.util.ArrayList;
import java.util.List;

/** What a run did, step by step. */
final class Trace {
  private final List<String> lines = new ArrayList<>();

  void add(long micros, Strand strand, String what) {
    lines.add(micros % 100_000_000_000L + " " + strand + ": " + what);
  }

  int size() {
    return lines.size();
  }

  @Override
  public String toString() {
    return String.join("\n", lines);
  }
}
