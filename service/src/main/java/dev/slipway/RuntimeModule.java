package dev.slipway;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import dev.slipway.config.ServerConfig;
import dev.slipway.engine.Ids;
import java.security.SecureRandom;
import java.time.InstantSource;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/** What a server takes from the machine: time, randomness, memory. */
final class RuntimeModule extends AbstractModule {
  private final ServerConfig config;
  private final Lifecycle lifecycle;

  RuntimeModule(ServerConfig config, Lifecycle lifecycle) {
    this.config = config;
    this.lifecycle = lifecycle;
  }

  @Override
  protected void configure() {
    bind(Lifecycle.class).toInstance(lifecycle);
    bind(InstantSource.class).toInstance(InstantSource.system());
  }

  @Provides
  @Singleton
  Ids ids(InstantSource clock) {
    return new Ids(new SecureRandom(), clock);
  }

  /** All Arrow memory. Closing it fails if a buffer was leaked. */
  @Provides
  @Singleton
  BufferAllocator allocator() {
    return lifecycle.add(new RootAllocator(config.arrowBytes()));
  }
}
