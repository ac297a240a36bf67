package dev.slipway.engine;

import com.github.f4b6a3.ulid.UlidFactory;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** Makes ids. Injected, so that a seed replays them. Safe for use by many threads. */
public final class Ids {
  private final RandomGenerator random;
  private final UlidFactory ulids;

  public Ids(RandomGenerator random, InstantSource clock) {
    this.random = random;
    this.ulids = UlidFactory.newMonotonicInstance((LongSupplier) random::nextLong, clock::millis);
  }

  /** A sortable id in lower case: its order is that of time, within one process strictly. */
  public synchronized String ulid() {
    return ulids.create().toLowerCase();
  }

  /** A random id in lower case hex and dashes. */
  public synchronized String uuid() {
    return new UUID(
            (random.nextLong() & ~0xF000L) | 0x4000L,
            (random.nextLong() & 0x3FFFFFFFFFFFFFFFL) | 0x8000000000000000L)
        .toString();
  }
}
