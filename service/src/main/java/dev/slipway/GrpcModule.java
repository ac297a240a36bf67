package dev.slipway;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import dev.slipway.config.ServerConfig;
import dev.slipway.engine.Databases;
import dev.slipway.engine.Ids;
import dev.slipway.grpc.GrpcOptions;
import dev.slipway.grpc.GrpcServer;
import dev.slipway.grpc.GrpcThreads;
import dev.slipway.grpc.payload.PayloadLimits;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;

/** The gRPC face of the engine. */
final class GrpcModule extends AbstractModule {
  private static final long STOP_SECONDS = 10;

  private final ServerConfig config;

  GrpcModule(ServerConfig config) {
    this.config = config;
  }

  @Override
  protected void configure() {
    bind(GrpcOptions.class).toInstance(options());
  }

  private GrpcOptions options() {
    PayloadLimits limits = PayloadLimits.DEFAULT;
    return new GrpcOptions(
        config.host(),
        config.port(),
        new GrpcOptions.Bounds(
            config.workers(),
            config.maxCalls(),
            config.maxUploads(),
            config.maxOpenUploads(),
            config.maxWaitingBytes(),
            config.maxScans(),
            config.maxWaiting(),
            config.maxMessageBytes()),
        new GrpcOptions.Patience(
            config.uploadIdle(), config.scanIdle(), config.callDeadline(), config.streamDeadline()),
        new PayloadLimits(config.maxBatchBytes(), limits.maxMetadataBytes(), limits.maxFields()));
  }

  @Provides
  @Singleton
  GrpcServer server(
      Lifecycle lifecycle,
      GrpcOptions options,
      Databases databases,
      BufferAllocator allocator,
      Ids ids) {
    GrpcThreads threads = GrpcThreads.create(options);
    lifecycle.add(() -> end(threads));
    GrpcServer server = new GrpcServer(options, databases, allocator, threads, ids::ulid);
    lifecycle.add(() -> server.stop(config.shutdownGrace()));
    return server;
  }

  /** Work that outlives its call still holds buffers: storage closes after it has ended. */
  private static void end(GrpcThreads threads) throws InterruptedException {
    threads.close();
    for (ExecutorService executor :
        List.of(threads.uploads(), threads.work(), threads.callbacks(), threads.timer())) {
      if (!executor.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        executor.shutdownNow();
        if (!executor.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
          throw new IllegalStateException("a call's work didn't end");
        }
      }
    }
  }
}
