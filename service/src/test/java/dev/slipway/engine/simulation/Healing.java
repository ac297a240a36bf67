package dev.slipway.engine.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.Database;
import dev.slipway.engine.commit.IntentStore;
import dev.slipway.storage.MetadataStore;
import java.time.Duration;
import java.util.List;

/**
 * A process that lives on heals the database with nobody asking: its second sweep from now at the
 * latest resolves whatever others left.
 */
final class Healing {
  /** Longer than anybody sleeps. */
  private static final Duration QUIET = Duration.ofHours(4);

  private final MetadataStore store;
  private final Scheduler scheduler;
  private final Cluster cluster;
  private final Tally tally;

  /**
   * @param store past all faults
   */
  Healing(MetadataStore store, Scheduler scheduler, Cluster cluster, Tally tally) {
    this.store = store;
    this.scheduler = scheduler;
    this.cluster = cluster;
    this.tally = tally;
  }

  /** Nothing may fail any more. */
  void check() {
    scheduler.sleep(QUIET);
    cluster.all().stream()
        .filter(process -> !process.life().isOver() && process.opened().isPresent())
        .findFirst()
        .ifPresent(process -> check(process, process.opened().orElseThrow()));
  }

  private void check(EngineProcess process, Database database) {
    IntentStore intents = new IntentStore(store, "db/" + database.info().id());
    List<String> before = intents.ids();
    process.sweep(2);
    scheduler.sleep(QUIET);
    assertThat(intents.ids())
        .as("intents that two sweeps left of %s", before)
        .containsExactlyInAnyOrderElementsOf(database.condition().quarantined().keySet());
    tally.add(Happening.INTENTS_LEFT_TO_SWEEPS, before.size());
  }
}
