package dev.slipway.engine.simulation;

import java.util.EnumMap;
import java.util.Map;

/** How often things happened. Safe for use by many threads. */
final class Tally {
  private final Map<Happening, Long> counts = new EnumMap<>(Happening.class);

  synchronized void add(Happening what, long times) {
    if (times > 0) {
      counts.merge(what, times, Long::sum);
    }
  }

  void add(Happening what) {
    add(what, 1);
  }

  void addAll(Tally other) {
    for (Happening what : Happening.values()) {
      add(what, other.of(what));
    }
  }

  synchronized long of(Happening what) {
    return counts.getOrDefault(what, 0L);
  }

  @Override
  public synchronized String toString() {
    return counts.toString();
  }
}
