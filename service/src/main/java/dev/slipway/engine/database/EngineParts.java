package dev.slipway.engine.database;

import dev.slipway.engine.Ids;
import dev.slipway.engine.commit.Committer;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.storage.StorageBackend;
import java.time.InstantSource;
import java.util.concurrent.Executor;

/**
 * What the engine is made with.
 *
 * @param work how commits get their work done
 * @param background runs checkpoints; may drop nothing
 * @param instance this server's id, written into intents and recoveries
 */
public record EngineParts(
    StorageBackend backend,
    InstantSource clock,
    Ids ids,
    EngineOptions options,
    FailureInjector failures,
    Committer.Work work,
    Executor background,
    String instance) {}
