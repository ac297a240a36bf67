package dev.slipway.grpc;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.Databases;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server: endpoints, health, reflection. Starts once and stops once. Databases, allocator and
 * threads belong to the caller, who closes them after this has stopped.
 */
public final class GrpcServer {
  private static final Logger LOG = LoggerFactory.getLogger(GrpcServer.class);

  /** How long connections may take to close once their calls are cancelled. */
  private static final long CLOSE_SECONDS = 5;

  private final Server server;
  private final HealthStatusManager health = new HealthStatusManager();
  private final HealthWatch databases;

  /**
   * @param allocator the parent of what uploads take
   * @param ids makes ids for calls that bring none
   */
  public GrpcServer(
      GrpcOptions options,
      Databases databases,
      BufferAllocator allocator,
      GrpcThreads threads,
      Supplier<String> ids) {
    this.databases = new HealthWatch(databases, health);
    ErrorMapper errors = new ErrorMapper();
    Calls calls = new Calls(options, threads, errors);
    RequestGuard guard = new RequestGuard(errors);
    Correlation correlation = new Correlation(ids);
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(options.host(), options.port()))
            .executor(threads.callbacks())
            .maxInboundMessageSize(options.bounds().maxMessageBytes())
            .permitKeepAliveTime(10, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .keepAliveTime(1, TimeUnit.MINUTES)
            .keepAliveTimeout(20, TimeUnit.SECONDS);
    List<BindableService> endpoints =
        List.of(
            new DatabaseEndpoint(this.databases, calls),
            new TableEndpoint(this.databases, calls),
            new StagingEndpoint(this.databases, calls, allocator),
            new CommitEndpoint(this.databases, calls, allocator),
            new ReadEndpoint(this.databases, calls),
            new MaintenanceEndpoint(this.databases, calls));
    for (BindableService endpoint : endpoints) {
      builder.addService(
          ErrorTypes.reflected(
              ServerInterceptors.intercept(guard.guard(endpoint.bindService()), correlation)));
    }
    builder.addService(health.getHealthService());
    builder.addService(ProtoReflectionServiceV1.newInstance());
    builder.addService(olderReflection());
    this.server = builder.build();
  }

  /** Older tools know no other. */
  @SuppressWarnings("deprecation")
  private static BindableService olderReflection() {
    return ProtoReflectionService.newInstance();
  }

  /**
   * Listens, then reports healthy.
   *
   * @throws IOException if the address is taken
   */
  public void start() throws IOException {
    server.start();
    databases.begin(CallContext.of(CallContext.ANONYMOUS));
  }

  /** The port it listens on. */
  public int port() {
    return server.getPort();
  }

  /**
   * Reports unhealthy, takes no new calls, lets those in flight end, then cancels what is left.
   *
   * @param grace how long calls in flight may take
   */
  public void stop(Duration grace) throws InterruptedException {
    health.enterTerminalState();
    server.shutdown();
    if (!server.awaitTermination(grace.toNanos(), TimeUnit.NANOSECONDS)) {
      server.shutdownNow();
      // A client that takes nothing may keep its connection open; it mustn't keep the server.
      if (!server.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("connections stay open {} s after their calls were cancelled", CLOSE_SECONDS);
      }
    }
  }
}
