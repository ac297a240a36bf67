package dev.slipway.soak;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The servers over one folder, one in each slot. Safe for use by many threads. */
final class Servers implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 120;

  private final SoakFolder folder;
  private final Consumer<Throwable> onFailure;
  private final List<@Nullable Server> slots = new ArrayList<>();
  private final Map<Server, Integer> listening = new HashMap<>();
  private final ExecutorService starts = Executors.newCachedThreadPool();
  private boolean closed;

  Servers(SoakFolder folder, int count, Consumer<Throwable> onFailure) {
    this.folder = folder;
    this.onFailure = onFailure;
    for (int slot = 0; slot < count; slot++) {
      slots.add(null);
      start(slot);
    }
  }

  /** A server and where it listens. */
  record Address(Server server, int port) {}

  /** Starts a new server in a slot; it listens a while later. */
  synchronized Server start(int slot) {
    Server server = Server.start(folder);
    slots.set(slot, server);
    starts.execute(() -> listen(server));
    return server;
  }

  private void listen(Server server) {
    try {
      int port = server.port();
      synchronized (this) {
        listening.put(server, port);
        notifyAll();
      }
    } catch (Throwable e) {
      if (!server.isDoomed()) {
        onFailure.accept(e);
      }
    }
  }

  synchronized Server at(int slot) {
    return java.util.Objects.requireNonNull(slots.get(slot));
  }

  int count() {
    return slots.size();
  }

  synchronized List<Server> all() {
    return slots.stream().map(java.util.Objects::requireNonNull).toList();
  }

  /** Any server that listens; waits until one does. */
  synchronized Address any(Random random) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    try {
      while (!closed && System.nanoTime() < deadline) {
        List<Address> live = live();
        if (!live.isEmpty()) {
          return live.get(random.nextInt(live.size()));
        }
        wait(TimeUnit.SECONDS.toMillis(1));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new AssertionError("no server listens");
  }

  /** Waits until a server listens. */
  synchronized Address awaitListening(Server server) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    try {
      while (System.nanoTime() < deadline) {
        Integer port = listening.get(server);
        if (port != null) {
          return new Address(server, port);
        }
        wait(TimeUnit.SECONDS.toMillis(1));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new AssertionError("a server doesn't listen; it printed:\n" + server.output());
  }

  private List<Address> live() {
    List<Address> live = new ArrayList<>();
    for (Server server : slots) {
      Integer port = listening.get(server);
      if (server != null && port != null && !server.isDoomed()) {
        live.add(new Address(server, port));
      }
    }
    return live;
  }

  /** Kills them all. */
  void stop() {
    synchronized (this) {
      closed = true;
      notifyAll();
      for (Server server : slots) {
        if (server != null) {
          server.close();
        }
      }
    }
    starts.shutdownNow();
  }

  @Override
  public void close() {
    stop();
  }
}
