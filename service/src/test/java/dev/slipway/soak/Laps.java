package dev.slipway.soak;

import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Where a soak's time goes. One thread's. */
final class Laps {
  /** What takes time around a kill. */
  enum Lap {
    SET_UP,
    START,
    FIRST_COMMIT,
    SERVERS_CHECK,
    MOMENT,
    KILL,
    LOOK,
    DISK_CHECK,
    END
  }

  private final Map<Lap, Long> nanos = new EnumMap<>(Lap.class);

  /** Does it, and counts the time it takes. */
  void time(Lap lap, Runnable work) {
    long begun = System.nanoTime();
    try {
      work.run();
    } finally {
      nanos.merge(lap, System.nanoTime() - begun, Long::sum);
    }
  }

  /** In seconds. */
  @Override
  public String toString() {
    return nanos.entrySet().stream()
        .map(lap -> "%s %.1f s".formatted(name(lap.getKey()), lap.getValue() / 1e9))
        .collect(Collectors.joining(", "));
  }

  private static String name(Lap lap) {
    return lap.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
  }
}
