package dev.slipway.engine.cleanup;

import dev.slipway.engine.Ids;
import dev.slipway.engine.commit.Committer;
import dev.slipway.engine.commit.IntentStore;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.Micros;
import dev.slipway.engine.staging.StagedStore;
import dev.slipway.engine.state.CheckpointStore;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.state.History;
import dev.slipway.engine.state.LiveState;
import dev.slipway.storage.InlineResidual;
import dev.slipway.storage.StorageBackend;
import java.time.InstantSource;

/**
 * What a cleanup works with.
 *
 * @param database the incarnation's id
 * @param home where its objects lie
 */
public record CleanupParts(
    StorageBackend backend,
    String database,
    String home,
    LogStore log,
    LiveState<DatabaseState> live,
    History history,
    CheckpointStore checkpoints,
    StagedStore staged,
    IntentStore intents,
    Committer committer,
    FailureInjector failures,
    InstantSource clock,
    Ids ids) {

  /** What frees files; reached from here alone. */
  InlineResidual residual() {
    return backend.inlineResidual();
  }

  long nowMicros() {
    return Micros.now(clock);
  }
}
