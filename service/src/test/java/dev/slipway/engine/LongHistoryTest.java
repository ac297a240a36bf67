package dev.slipway.engine;

import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.Options;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageLimits;
import dev.slipway.storage.lance.LanceOptions;
import dev.slipway.storage.lance.LanceStorage;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a long history may cost: opening and committing depend on it little or not at all. Thousands
 * of its revisions are versions of the table that the measured commits write.
 */
class LongHistoryTest {
  private static final int SHORT = 200;
  private static final int LONG = 20_000;
  private static final int TAIL = 50;
  private static final int ROUNDS = 5;
  private static final int CLIENTS = 32;
  private static final int VERSION_EVERY = 5;
  private static final int EMPTY_EVERY = 4 * VERSION_EVERY;
  private static final WriteOperation EMPTY = new WriteOperation.Delete(Optional.empty());

  @TempDir Path folder;

  @Test
  void open_andCommit_costAboutTheSameAfterTwentyThousandRevisionsAsAfterTwoHundred()
      throws Exception {
    try (BufferAllocator allocator = new RootAllocator()) {
      fill(allocator);
      double open = Double.MAX_VALUE;
      double commit = Double.MAX_VALUE;
      // A busy machine spoils single figures: the best of several paired rounds counts.
      for (int round = 0; round < ROUNDS && (open > 2 || commit > 1.2); round++) {
        try (StorageBackend backend =
            BackendKind.LANCE.open(folder, allocator, StorageHooks.NONE)) {
          try (EngineFixture warm = engine(allocator, backend)) {
            warm.database("warm").head();
          }
          long shortOpen = medianOpen(allocator, backend, "short");
          long longOpen = medianOpen(allocator, backend, "long");
          open = Math.min(open, (double) longOpen / shortOpen);

          try (EngineFixture engine = engine(allocator, backend)) {
            Database shorter = engine.database("short");
            Database longer = engine.database("long");
            assertThat(longer.head()).isGreaterThanOrEqualTo(LONG);
            assertThat(longer.table(EngineFixture.TESTER, "person", ReadAt.HEAD).value().version())
                .isGreaterThan(LONG / VERSION_EVERY - CLIENTS);
            commit = Math.min(commit, commitRatio(engine, shorter, longer));
          }
        }
      }
      System.Logger log = System.getLogger(LongHistoryTest.class.getName());
      log.log(
          System.Logger.Level.INFO,
          "20,000 revisions against 200: opening {0}x, commit p50 {1}x",
          open,
          commit);
      assertThat(open).as("opening, long against short").isLessThanOrEqualTo(2);
      assertThat(commit).as("commit p50, long against short").isLessThanOrEqualTo(1.2);
    }
  }

  private static EngineFixture engine(BufferAllocator allocator, StorageBackend backend) {
    return engine(allocator, backend, EngineOptions.DEFAULT);
  }

  private static EngineFixture engine(
      BufferAllocator allocator, StorageBackend backend, EngineOptions options) {
    return EngineFixture.over(
        allocator, backend, FailureInjector.NONE, InstantSource.system(), options, "engine");
  }

  /**
   * Without forcing files: only the measured commits need to be durable. All of them end with a
   * checkpoint and the same tail after it: how long a tail is hangs on when the last checkpoint
   * was, not on the length of history.
   */
  private void fill(BufferAllocator allocator) throws Exception {
    Map<String, Integer> lengths = Map.of("warm", SHORT, "short", SHORT, "long", LONG);
    try (StorageBackend backend =
        LanceStorage.open(
            LanceOptions.at(folder).withFsync(false),
            allocator,
            StorageHooks.NONE,
            StorageLimits.DEFAULT)) {
      try (EngineFixture engine = engine(allocator, backend)) {
        for (Map.Entry<String, Integer> length : lengths.entrySet()) {
          fill(engine, length.getKey(), length.getValue() - TAIL);
        }
      }
      EngineOptions defaults = EngineOptions.DEFAULT;
      try (EngineFixture engine =
          engine(allocator, backend, Options.of(defaults.newDatabases(), 1, defaults.pages()))) {
        lengths.keySet().forEach(name -> commit(engine, engine.database(name), 0));
      }
      try (EngineFixture engine = engine(allocator, backend)) {
        for (int i = 1; i < TAIL; i++) {
          for (String name : lengths.keySet()) {
            commit(engine, engine.database(name), i);
          }
        }
      }
    }
  }

  private static void fill(EngineFixture engine, String name, int revisions) throws Exception {
    Database database = engine.create(name);
    createPeople(database, "person");
    createPeople(database, "other");
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    List<Future<?>> done = new ArrayList<>();
    for (int client = 0; client < CLIENTS; client++) {
      String id = "r-" + client + "-";
      done.add(
          clients.submit(
              () -> {
                for (int i = 1; database.head() < revisions; i++) {
                  advance(engine, database, i, EngineFixture.request(id + i));
                }
                return Optional.empty();
              }));
    }
    for (Future<?> client : done) {
      client.get();
    }
    clients.shutdown();
    engine.write(database, "person", EMPTY, List.of());
    assertThat(engine.rows(database, "person")).isEmpty();
  }

  /** One in a few makes a version of the table; the others are what is cheap to make many of. */
  private static void advance(
      EngineFixture engine, Database database, int i, CommitOptions options) {
    if (i % VERSION_EVERY != 0) {
      database.commit(EngineFixture.TESTER, ReadAt.MAIN, List.of(), options);
    } else if (i % EMPTY_EVERY == 0) {
      // Emptied now and then, so that long and short differ in history alone.
      engine.write(database, "person", EMPTY, List.of(), options);
    } else {
      engine.write(
          database,
          "person",
          new WriteOperation.Append(false),
          List.of(person(i, "x", i)),
          options);
    }
  }

  private static long medianOpen(BufferAllocator allocator, StorageBackend backend, String name) {
    List<Long> times = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      try (EngineFixture engine = engine(allocator, backend)) {
        long start = System.nanoTime();
        engine.database(name).head();
        times.add(System.nanoTime() - start);
      }
    }
    return median(times);
  }

  private static double commitRatio(EngineFixture engine, Database shorter, Database longer) {
    List<Long> shortTimes = new ArrayList<>();
    List<Long> longTimes = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      shortTimes.add(commit(engine, shorter, i));
      longTimes.add(commit(engine, longer, i));
    }
    return (double) median(longTimes) / median(shortTimes);
  }

  private static long commit(EngineFixture engine, Database database, int i) {
    long start = System.nanoTime();
    engine.append(database, "person", List.of(person(i, "x", i)));
    return System.nanoTime() - start;
  }

  private static long median(List<Long> times) {
    return times.stream().sorted().toList().get(times.size() / 2);
  }
}
