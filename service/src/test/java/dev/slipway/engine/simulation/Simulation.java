package dev.slipway.engine.simulation;

import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageLimits;
import dev.slipway.storage.memory.MemoryStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/** One run: everything that happens in it follows from its seed and its size. */
final class Simulation {
  private static final int MAX_SIZE = 28;

  private final int size;
  private final Trace trace = new Trace();
  private final Tally tally = new Tally();

  /**
   * How a run ended.
   *
   * @param failure what didn't hold, if something didn't
   */
  record Result(
      long seed, int size, Optional<Throwable> failure, Trace trace, Tally tally, long steps) {}

  private Simulation(int size) {
    this.size = size;
  }

  /** How many things clients do in the run of a seed, unless told. */
  static int size(long seed) {
    return 6 + new Random(seed).nextInt(MAX_SIZE - 5);
  }

  /**
   * @param size how many things clients do at most, together
   */
  static Result run(long seed, int size, Executor threads) {
    Simulation simulation = new Simulation(size);
    Random random = new Random(seed * 31 + 7);
    Scheduler scheduler = new Scheduler(new Random(random.nextLong()), threads, simulation.trace);
    Optional<Throwable> failure;
    try (BufferAllocator allocator = new RootAllocator();
        StorageBackend storage =
            MemoryStorage.create(
                allocator,
                new SimulatedHooks(scheduler),
                StorageLimits.DEFAULT,
                1L << 28,
                new Random(random.nextLong()))) {
      scheduler.run("director", () -> simulation.direct(random, scheduler, storage, allocator));
      failure = Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failure = Optional.of(e);
    } catch (AssertionError | RuntimeException e) {
      failure = Optional.of(e);
    }
    return new Result(seed, size, failure, simulation.trace, simulation.tally, scheduler.steps());
  }

  private void direct(
      Random random, Scheduler scheduler, StorageBackend storage, BufferAllocator allocator) {
    Regime regime = Regime.any(random);
    Weather weather = new Weather(new Random(random.nextLong()), regime.clocksJump());
    Incarnations incarnations =
        new Incarnations(
            storage.metadata(), nth -> new Wishes(allocator, regime, 10 + 10_000L * nth));
    Cluster cluster =
        new Cluster(
            new Random(random.nextLong()),
            scheduler,
            weather,
            storage,
            incarnations,
            regime,
            tally);
    World world = new World(scheduler, cluster, incarnations, regime, tally);
    Janitor janitor = new Janitor(scheduler, tally);
    Landlord landlord = new Landlord(world);
    ClientMaker maker =
        (name, seed) -> new SimulatedClient(name, new Random(seed), world, janitor, landlord);
    EngineProcess first = cluster.process(0);
    Incarnation in = landlord.create("founder", () -> first).orElseThrow();
    SimulatedClient founder = maker.make("founder", random.nextLong());
    in.wishes().beginning().forEach(request -> founder.demand(first, in, request));
    in.wishes().begunAt(in.journal().head());

    weather.storm();
    letClientsAct(random, scheduler, regime, maker);
    weather.calm();
    cluster.all().forEach(EngineProcess::wake);

    if (random.nextBoolean()) {
      new Healing(storage.metadata(), world).check();
    }
    new Ending(storage, world, founder, landlord).check();
  }

  private interface ClientMaker {
    SimulatedClient make(String name, long seed);
  }

  private void letClientsAct(Random random, Scheduler scheduler, Regime regime, ClientMaker maker) {
    int clients = 2 + random.nextInt(3);
    List<CompletableFuture<Void>> done = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      int actions = (size + clients - 1 - i) / clients;
      SimulatedClient client = maker.make("client" + i, random.nextLong());
      done.add(
          goOn(
              scheduler,
              "client" + i,
              () -> {
                for (int action = 0; action < actions; action++) {
                  client.act();
                }
              }));
    }
    if (regime.reclaims()) {
      SimulatedClient janitor = maker.make("janitor", random.nextLong());
      int times = 1 + random.nextInt(1 + size / 4);
      done.add(goOn(scheduler, "janitor", () -> janitor.keepClean(times)));
    }
    done.forEach(scheduler::await);
  }

  private static CompletableFuture<Void> goOn(Scheduler scheduler, String name, Runnable work) {
    CompletableFuture<Void> end = new CompletableFuture<>();
    var unused =
        scheduler.spawn(
            name,
            null,
            () -> {
              work.run();
              end.complete(null);
            });
    return end;
  }
}
