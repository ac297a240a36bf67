package dev.slipway.engine.simulation;

import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.storage.StorageBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** The processes over one storage. One that died is started again when it is next called. */
final class Cluster {
  private final RandomGenerator random;
  private final Scheduler scheduler;
  private final Weather weather;
  private final StorageBackend storage;
  private final Incarnations incarnations;
  private final Regime regime;
  private final Tally tally;
  private final EngineProcess[] slots;
  private final List<EngineProcess> all = new ArrayList<>();

  Cluster(
      RandomGenerator random,
      Scheduler scheduler,
      Weather weather,
      StorageBackend storage,
      Incarnations incarnations,
      Regime regime,
      Tally tally) {
    this.random = random;
    this.scheduler = scheduler;
    this.weather = weather;
    this.storage = storage;
    this.incarnations = incarnations;
    this.regime = regime;
    this.tally = tally;
    this.slots = new EngineProcess[2 + random.nextInt(2)];
    for (int slot = 0; slot < slots.length; slot++) {
      start(slot);
    }
  }

  int size() {
    return slots.length;
  }

  EngineProcess process(int slot) {
    return slots[slot].life().isOver() ? start(slot) : slots[slot];
  }

  /** Every process there ever was. */
  List<EngineProcess> all() {
    return all;
  }

  /** The latest time that any clock ever gave, in microseconds since 1970. */
  long latestClock() {
    return all.stream().mapToLong(process -> process.clock().latest()).max().orElse(0);
  }

  /** Processes differ in how they work, never in what the log adds up to. */
  private EngineProcess start(int slot) {
    EngineOptions defaults = EngineOptions.DEFAULT;
    EngineOptions options =
        new EngineOptions(
            regime.settings(),
            1 + random.nextInt(8),
            1 + random.nextInt(8),
            defaults.maxBatchBytes(),
            defaults.maxStagedWritesPerCommit(),
            defaults.maxTablesPerCommit(),
            2 + random.nextInt(12),
            1 + random.nextInt(4),
            defaults.refreshInterval(),
            EngineFixture.SMALL_PAGES);
    EngineProcess process =
        new EngineProcess(
            (char) ('A' + slot) + "" + all.size(),
            scheduler,
            weather,
            storage,
            incarnations,
            tally,
            options,
            regime.skew(random),
            random.nextLong());
    slots[slot] = process;
    all.add(process);
    process.backgroundPasses(random.nextBoolean() ? 0 : 1 + random.nextInt(6));
    return process;
  }

  /** Another one beside them. */
  EngineProcess another() {
    EngineProcess before = slots[0];
    EngineProcess fresh = start(0);
    slots[0] = before;
    return fresh;
  }
}
