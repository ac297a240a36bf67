package dev.slipway.engine.commit;

import dev.slipway.engine.Ids;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.Micros;
import dev.slipway.engine.log.Publisher;
import dev.slipway.engine.staging.StagedStore;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.state.History;
import dev.slipway.engine.state.LiveState;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a commit works with.
 *
 * @param steps runs steps of one batch at the same time
 * @param instance this server's id, written into intents
 * @param ownIntents ids of the intents this process is carrying out: recovery leaves them alone
 * @param afterPublish told of each state published: writes checkpoints
 */
record CommitParts(
    Publisher publisher,
    LiveState<DatabaseState> live,
    History history,
    IntentStore intents,
    StagedStore staged,
    Validator validator,
    VersionBuilder versions,
    SideBySide steps,
    FailureInjector failures,
    InstantSource clock,
    Ids ids,
    CommitterOptions options,
    String instance,
    Set<String> ownIntents,
    Consumer<DatabaseState> afterPublish) {

  long nowMicros() {
    return Micros.now(clock);
  }
}
