package dev.slipway;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.OptionalBinder;
import dev.slipway.config.EngineConfig;
import dev.slipway.engine.Databases;
import dev.slipway.engine.Ids;
import dev.slipway.engine.database.BackgroundRecovery;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.database.EngineParts;
import dev.slipway.engine.database.EngineThreads;
import dev.slipway.engine.database.OpenDatabases;
import dev.slipway.engine.fault.ArmedFailures;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.Settings;
import dev.slipway.storage.StorageBackend;
import java.time.InstantSource;

/** The engine over a backend. */
final class EngineModule extends AbstractModule {
  private final EngineConfig config;

  EngineModule(EngineConfig config) {
    this.config = config;
  }

  @Override
  protected void configure() {
    OptionalBinder.newOptionalBinder(binder(), FailureInjector.class)
        .setDefault()
        .toInstance(ArmedFailures.parse(System.getProperty(ArmedFailures.PROPERTY)));
    bind(EngineOptions.class).toInstance(options());
  }

  private EngineOptions options() {
    EngineOptions defaults = EngineOptions.DEFAULT;
    return new EngineOptions(
        new Settings(
            config.idempotencyWindow().toSeconds(),
            config.idempotencyCommits(),
            config.stagedLifetime().toSeconds()),
        config.checkpointEvery(),
        config.maxBatchCommits(),
        defaults.maxBatchBytes(),
        config.maxStagedWritesPerCommit(),
        config.maxTablesPerCommit(),
        defaults.publishAttempts(),
        defaults.answerAttempts(),
        defaults.refreshInterval(),
        defaults.pages());
  }

  @Provides
  @Singleton
  Databases databases(
      Lifecycle lifecycle,
      StorageBackend backend,
      InstantSource clock,
      Ids ids,
      EngineOptions options,
      FailureInjector failures) {
    lifecycle.add(backend);
    EngineThreads threads = lifecycle.add(new EngineThreads(config.tableThreads()));
    EngineParts parts =
        new EngineParts(
            backend,
            clock,
            ids,
            options,
            failures,
            threads.work(),
            threads.background(),
            ids.uuid());
    OpenDatabases databases = lifecycle.add(new OpenDatabases(parts));
    lifecycle
        .add(new BackgroundRecovery(databases, parts.work().delayer(), config.recoveryInterval()))
        .start();
    return databases;
  }
}
