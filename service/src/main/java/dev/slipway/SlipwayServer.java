package dev.slipway;

import com.google.inject.CreationException;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Module;
import com.google.inject.ProvisionException;
import com.google.inject.Stage;
import com.google.inject.spi.Message;
import com.google.inject.util.Modules;
import dev.slipway.config.SlipwayConfig;
import dev.slipway.engine.Databases;
import dev.slipway.engine.SlipwayException;
import dev.slipway.grpc.GrpcServer;
import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server. Servers share nothing: any number of them live in one JVM. Safe for use by many
 * threads.
 *
 * <pre>{@code
 * try (SlipwayServer server =
 *     SlipwayServer.start(
 *         SlipwayConfig.of(Map.of("storage.kind", "memory", "server.port", "0")))) {
 *   connectTo("127.0.0.1", server.port());
 * }
 * }</pre>
 */
public final class SlipwayServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SlipwayServer.class);

  private final Lifecycle lifecycle;
  private final GrpcServer grpc;
  private final Databases databases;
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);

  private SlipwayServer(Lifecycle lifecycle, Injector injector) {
    this.lifecycle = lifecycle;
    this.grpc = injector.getInstance(GrpcServer.class);
    this.databases = injector.getInstance(Databases.class);
  }

  /**
   * Opens the storage, then listens. What was opened is closed again if something fails.
   *
   * @throws ServerStartException if the storage can't be opened or the address can't be had; its
   *     message says which and why
   */
  public static SlipwayServer start(SlipwayConfig config) {
    return start(config, Modules.EMPTY_MODULE);
  }

  /**
   * @param more what modules leave open to be bound: a {@code FailureInjector}
   */
  static SlipwayServer start(SlipwayConfig config, Module more) {
    Lifecycle lifecycle = new Lifecycle();
    try {
      Injector injector =
          Guice.createInjector(
              Stage.PRODUCTION,
              new RuntimeModule(config.server(), lifecycle),
              new StorageModule(config.storage()),
              new EngineModule(config.engine()),
              new GrpcModule(config.server()),
              more);
      SlipwayServer server = new SlipwayServer(lifecycle, injector);
      server.grpc.start();
      LOG.info(
          "started on {}:{}, storage {}{}",
          config.server().host(),
          server.port(),
          config.storage().kind(),
          switch (config.storage().kind()) {
            case LANCE -> " in " + config.storage().path().toAbsolutePath().normalize();
            case MEMORY -> "";
          });
      return server;
    } catch (CreationException e) {
      throw failed(lifecycle, cause(e, e.getErrorMessages()));
    } catch (ProvisionException e) {
      throw failed(lifecycle, cause(e, e.getErrorMessages()));
    } catch (IOException e) {
      throw failed(
          lifecycle,
          new IOException(
              "can't listen on %s:%d: %s"
                  .formatted(config.server().host(), config.server().port(), rootMessage(e)),
              e));
    } catch (SlipwayException e) {
      throw failed(lifecycle, e);
    }
  }

  private static Throwable cause(Throwable failure, Collection<Message> messages) {
    return messages.stream()
        .map(Message::getCause)
        .filter(each -> each != null)
        .findFirst()
        .orElse(failure);
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    for (Throwable next = root.getCause(); next != null; next = root.getCause()) {
      root = next;
    }
    return String.valueOf(root.getMessage());
  }

  private static ServerStartException failed(Lifecycle lifecycle, Throwable cause) {
    ServerStartException failure = new ServerStartException(cause);
    try {
      lifecycle.close();
    } catch (IllegalStateException e) {
      failure.addSuppressed(e);
    }
    return failure;
  }

  /** The port it listens on. */
  public int port() {
    return grpc.port();
  }

  /** The engine, for those who embed it. Closed with the server. */
  public Databases databases() {
    return databases;
  }

  /** Waits until the server is closed. */
  public void awaitClose() throws InterruptedException {
    closed.await();
  }

  /**
   * Reports unhealthy, lets calls in flight end, finishes commits, and releases everything. The
   * first call does it, others wait for it.
   *
   * @throws IllegalStateException if something didn't stop cleanly; a leaked buffer is among that
   */
  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      awaitOther();
      return;
    }
    try {
      lifecycle.close();
      LOG.info("stopped");
    } finally {
      closed.countDown();
    }
  }

  private void awaitOther() {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
