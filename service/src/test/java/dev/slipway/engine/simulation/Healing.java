package dev.slipway.engine.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.Database;
import dev.slipway.engine.commit.IntentStore;
import dev.slipway.storage.MetadataStore;
import java.time.Duration;
import java.util.List;

/**
 * A process that lives on heals the database with nobody asking: its second background pass from
 * now at the latest resolves whatever others left.
 */
final class Healing {
  /** Longer than anybody sleeps. */
  private static final Duration QUIET = Duration.ofHours(4);

  private final MetadataStore store;
  private final World world;

  /**
   * @param store past all faults
   */
  Healing(MetadataStore store, World world) {
    this.store = store;
    this.world = world;
  }

  /** Nothing may fail any more. */
  void check() {
    world.scheduler().sleep(QUIET);
    world.incarnations().named().ifPresent(this::check);
  }

  private void check(Incarnation in) {
    world.cluster().all().stream()
        .filter(process -> !process.life().isOver() && process.held(in).isPresent())
        .findFirst()
        .ifPresent(process -> check(process, process.held(in).orElseThrow()));
  }

  private void check(EngineProcess process, Database database) {
    IntentStore intents = new IntentStore(store, "db/" + database.info().id());
    List<String> before = intents.ids();
    process.backgroundPasses(2);
    world.scheduler().sleep(QUIET);
    assertThat(intents.ids())
        .as("intents that two passes left of %s", before)
        .containsExactlyInAnyOrderElementsOf(database.condition().quarantined().keySet());
    world.tally().add(Happening.INTENTS_LEFT_TO_PASSES, before.size() - intents.ids().size());
  }
}
