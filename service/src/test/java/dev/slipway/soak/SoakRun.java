package dev.slipway.soak;

import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.Database;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.RecoveryReport;
import dev.slipway.engine.TableInfo;
import dev.slipway.engine.cleanup.ReclaimOracle;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.FaultyStorage;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.verify.Checked;
import dev.slipway.soak.Laps.Lap;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageHooks;
import dev.slipway.v1.CommitOutcome;
import dev.slipway.v1.FindingKind;
import dev.slipway.v1.GetCommitOutcomeResponse;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * One soak: servers over one folder, clients that write and read, kills at random moments, a look
 * at the disk after each, and at the end all that must hold.
 */
final class SoakRun {
  private static final int WRITERS = 4;
  private static final long PATIENCE_SECONDS = 120;

  /**
   * The disk is checked after each kill; one start in so many of a server is followed by its own
   * check too, which takes seconds from a cold process beside four writers.
   */
  private static final int STARTS_FOR_A_CHECK = 4;

  private final SoakFolder folder;
  private final int servers;
  private final int kills;
  private final Random random;
  private final Witness witness = new Witness();
  private final AtomicBoolean writing = new AtomicBoolean(true);
  private final CompletableFuture<Void> failed = new CompletableFuture<>();
  private final Laps laps = new Laps();
  private final Map<Moment, Integer> killed = new EnumMap<>(Moment.class);
  private int serversChecked;

  /** When a server is killed. */
  private enum Moment {
    START,
    RECOVERY,
    CLEANUP,
    WORK
  }

  SoakRun(SoakFolder folder, long seed, int servers, int kills) {
    this.folder = folder;
    this.servers = servers;
    this.kills = kills;
    this.random = new Random(seed);
  }

  /** Runs it; answers what it did, in a line. */
  String run() {
    try (Servers running = new Servers(folder, servers, failed::completeExceptionally);
        Caller caller = new Caller(running, random)) {
      laps.time(Lap.SET_UP, () -> setUp(caller));
      try (Judge judge = new Judge(witness, folder.data(), incarnation())) {
        List<CompletableFuture<Void>> clients = start(running);
        killAndLook(running, caller, judge);
        laps.time(Lap.END, () -> end(running, caller, judge, clients));
      }
    }
    laps.time(Lap.END, this::storageIsSound);
    nothingPilesUp();
    return "%d kills %s, %d checks by servers; %s; %s"
        .formatted(kills, killed, serversChecked, witness, laps);
  }

  private void end(
      Servers running, Caller caller, Judge judge, List<CompletableFuture<Void>> clients) {
    serversFindNothing(running, caller);
    writing.set(false);
    clients.forEach(this::await);
    judge.look();
    outcomesAgree(caller, judge);
    running.stop();
    judge.look();
    judge.check();
  }

  private void setUp(Caller caller) {
    caller.untilAnswered(
        session -> {
          session.createDatabase();
          return true;
        });
    Writer first = new Writer(-1, caller, witness, random);
    for (List<String> tables : List.of(Writer.SHARED, Writer.PAIR)) {
      tables.forEach(table -> first.decide(new Request.CreateTable("create-" + table, table)));
    }
  }

  private List<CompletableFuture<Void>> start(Servers running) {
    List<CompletableFuture<Void>> clients = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      int number = i;
      Random own = new Random(random.nextLong());
      clients.add(
          client(
              "writer-" + i,
              () -> {
                try (Caller caller = new Caller(running, own)) {
                  new Writer(number, caller, witness, own).writeWhile(writing::get);
                }
              }));
    }
    for (int i = 0; i < servers; i++) {
      Random own = new Random(random.nextLong());
      clients.add(
          client(
              "cleaner-" + i,
              () -> {
                try (Caller caller = new Caller(running, own)) {
                  new Cleaner(caller, own, witness, this::pause).cleanWhile(writing::get);
                }
              }));
    }
    Random own = new Random(random.nextLong());
    clients.add(
        client(
            "reader",
            () -> {
              try (Caller caller = new Caller(running, own)) {
                new PairReader(caller, witness).readWhile(writing::get);
              }
            }));
    return clients;
  }

  private CompletableFuture<Void> client(String name, Runnable work) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
                done.complete(null);
              } catch (Throwable e) {
                done.completeExceptionally(e);
                failed.completeExceptionally(e);
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
    return done;
  }

  // ---- kill

  private void killAndLook(Servers running, Caller caller, Judge judge) {
    for (int i = 0; i < kills; i++) {
      int slot = random.nextInt(running.count());
      awaitMoment(running, caller, running.at(slot));
      laps.time(Lap.KILL, running.at(slot)::kill);
      if (running.count() > 1 && i + 1 < kills && random.nextInt(5) == 0) {
        // Now and then all of them at once.
        int other = (slot + 1) % running.count();
        laps.time(Lap.KILL, running.at(other)::kill);
        running.start(other);
        i++;
      }
      running.start(slot);
      laps.time(Lap.LOOK, judge::look);
      laps.time(Lap.DISK_CHECK, judge::check);
    }
  }

  /** A random moment; now and then the servers have checked the database before. */
  private void awaitMoment(Servers running, Caller caller, Server server) {
    int kind = random.nextInt(100);
    Moment moment =
        kind < 10
            ? Moment.START
            : kind < 30 ? Moment.RECOVERY : kind < 55 ? Moment.CLEANUP : Moment.WORK;
    killed.merge(moment, 1, Integer::sum);
    if (moment == Moment.START) {
      laps.time(Lap.MOMENT, () -> pause(random.nextInt(1_000)));
      return;
    }
    laps.time(Lap.START, () -> running.awaitListening(server));
    if (moment == Moment.RECOVERY) {
      laps.time(Lap.MOMENT, () -> pause(random.nextInt(500)));
      return;
    }
    if (random.nextInt(STARTS_FOR_A_CHECK) == 0) {
      serversFindNothing(running, caller);
    }
    laps.time(Lap.FIRST_COMMIT, () -> awaitThat(() -> server.committed().getCount() == 0, server));
    if (moment == Moment.CLEANUP) {
      laps.time(Lap.MOMENT, () -> awaitThat(server::isCleaning, server));
    }
    laps.time(Lap.MOMENT, () -> pause(random.nextInt(moment == Moment.CLEANUP ? 300 : 1_500)));
  }

  /** What every server says that is asked to check the database. */
  private void serversFindNothing(Servers running, Caller caller) {
    for (Server server : running.all()) {
      if (!server.isChecked()) {
        laps.time(Lap.START, () -> running.awaitListening(server));
        laps.time(Lap.SERVERS_CHECK, () -> findsNothing(server, caller));
        server.checked();
        serversChecked++;
      }
    }
  }

  /** An intent that another server left or is at may take a while to be gone; nothing else may. */
  private void findsNothing(Server server, Caller caller) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      List<dev.slipway.v1.Finding> problems = caller.untilAnswered(server, Session::problems);
      boolean waits =
          problems.stream()
              .allMatch(problem -> problem.getKind() == FindingKind.FINDING_KIND_DANGLING_INTENT);
      if (problems.isEmpty()) {
        return;
      }
      if (!waits || System.nanoTime() > deadline) {
        throw new AssertionError("a check found " + problems + "\n" + server.output());
      }
    }
  }

  /** Lets time pass; a client that fails ends it. */
  private void pause(long millis) {
    try {
      failed.get(millis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // All is well: nothing has failed.
      return;
    } catch (ExecutionException e) {
      throw new AssertionError("a client failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private void awaitThat(BooleanSupplier holds, Server server) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("a server does nothing; it printed:\n" + server.output());
      }
      pause(10);
    }
  }

  private void await(CompletableFuture<Void> client) {
    try {
      client.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("a client failed", e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("a client doesn't end", e);
    }
  }

  // ---- judge

  private String incarnation() {
    try (FaultyStorage storage = FaultyStorage.open(BackendKind.LANCE, folder.data())) {
      return storage.start("looks").database(Client.DATABASE).info().id();
    }
  }

  /** Every request's outcome is what the log says, and what its client was told. */
  private void outcomesAgree(Caller caller, Judge judge) {
    assertThat(witness.told().keySet()).as("decided requests").isEqualTo(witness.asked().keySet());
    for (String request : witness.asked().keySet()) {
      GetCommitOutcomeResponse answer =
          caller.untilAnswered(session -> session.outcome(request, false));
      if (judge.state().decisions().request(request).isEmpty()) {
        assertThat(answer.getOutcome())
            .as("outcome of %s, which is forgotten", request)
            .isEqualTo(CommitOutcome.COMMIT_OUTCOME_NOT_FOUND);
        continue;
      }
      assertThat(answer.getOutcome())
          .as("outcome of %s", request)
          .isIn(CommitOutcome.COMMIT_OUTCOME_COMMITTED, CommitOutcome.COMMIT_OUTCOME_ABORTED);
      long revision =
          answer.getOutcome() == CommitOutcome.COMMIT_OUTCOME_COMMITTED
              ? answer.getRevision()
              : Witness.REFUSED;
      assertThat(revision).as("outcome of %s", request).isEqualTo(judge.decided().get(request));
    }
  }

  /**
   * One more server opens what is left: nothing is left to recover, every table takes rows, and two
   * cleanups leave what the head refers to and nothing else.
   */
  private void storageIsSound() {
    try (FaultyStorage storage = FaultyStorage.open(BackendKind.LANCE, folder.data());
        BufferAllocator allocator = new RootAllocator();
        StorageBackend backend =
            BackendKind.LANCE.open(folder.data(), allocator, StorageHooks.NONE)) {
      FaultyEngine engine = storage.start("last", EngineOptions.DEFAULT, InstantSource.system());
      Database database = engine.database(Client.DATABASE);
      var unused = database.recover(EngineFixture.TESTER);
      long head = database.head();
      assertThat(database.recover(EngineFixture.TESTER))
          .as("recovering once more")
          .isEqualTo(new RecoveryReport(0, Map.of(), Map.of()));
      assertThat(database.head()).isEqualTo(head);
      assertThat(Checked.of(database, true).problems()).as("what a deep check finds").isEmpty();
      for (TableInfo table :
          database.tables(EngineFixture.TESTER, ReadAt.HEAD, "", 1_000).value()) {
        var written =
            engine.fixture().append(database, table.name(), List.of(person(0, "last", 0)));
        assertThat(written.commit().revision()).isPositive();
      }
      new ReclaimOracle(backend).check(database);
      assertThat(Checked.of(database, true).findings()).as("what a deep check finds").isEmpty();
    }
  }

  /** Killed servers leave no copies of native code. */
  private void nothingPilesUp() {
    assertThat(folder.temporary()).as("temporary files of servers").isEmpty();
  }
}
