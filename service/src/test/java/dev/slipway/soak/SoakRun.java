package dev.slipway.soak;

import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.EngineOptions;
import dev.slipway.engine.Finding;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.TableInfo;
import dev.slipway.engine.VerifyListener;
import dev.slipway.engine.VerifySummary;
import dev.slipway.engine.fault.FaultyStorage;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.matrix.Ledger;
import dev.slipway.engine.matrix.Oracle;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.v1.CommitOutcome;
import dev.slipway.v1.GetCommitOutcomeResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One soak: servers over one folder, clients that write and read, kills at random moments, a look
 * at the disk after each, and at the end all that must hold.
 */
final class SoakRun {
  private static final int WRITERS = 4;
  private static final long PATIENCE_SECONDS = 120;

  private final SoakFolder folder;
  private final int servers;
  private final int kills;
  private final Random random;
  private final Witness witness = new Witness();
  private final AtomicBoolean writing = new AtomicBoolean(true);
  private final CompletableFuture<Void> failed = new CompletableFuture<>();
  private int duringStart;
  private int duringRecovery;
  private int duringWork;

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
      setUp(caller);
      try (Judge judge = new Judge(witness, folder.data(), incarnation())) {
        List<CompletableFuture<Void>> clients = start(running);
        killAndLook(running, caller, judge);
        writing.set(false);
        clients.forEach(this::await);
        judge.look();
        outcomesAgree(caller, judge);
        running.stop();
        judge.look();
      }
    }
    storageIsSound();
    nothingPilesUp();
    return "%d kills (%d in start, %d in recovery, %d in work): %s"
        .formatted(kills, duringStart, duringRecovery, duringWork, witness);
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
      running.at(slot).kill();
      if (running.count() > 1 && i + 1 < kills && random.nextInt(5) == 0) {
        // Now and then all of them at once.
        int other = (slot + 1) % running.count();
        running.at(other).kill();
        running.start(other);
        i++;
      }
      running.start(slot);
      judge.look();
    }
  }

  /** A random moment: while it starts, while it opens and recovers, or while it works. */
  private void awaitMoment(Servers running, Caller caller, Server server) {
    int kind = random.nextInt(100);
    if (kind < 10) {
      duringStart++;
      pause(random.nextInt(1_200));
    } else if (kind < 40) {
      duringRecovery++;
      running.awaitListening(server);
      pause(random.nextInt(500));
    } else {
      duringWork++;
      awaitCommit(server);
      assertThat(caller.untilAnswered(Session::problems)).as("what a check finds").isEmpty();
      pause(random.nextInt(1_000));
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

  private void awaitCommit(Server server) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (server.committed().getCount() > 0) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("a server commits nothing; it printed:\n" + server.output());
      }
      pause(20);
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
      long revision =
          answer.getOutcome() == CommitOutcome.COMMIT_OUTCOME_COMMITTED
              ? answer.getRevision()
              : Witness.REFUSED;
      assertThat(answer.getOutcome())
          .as("outcome of %s", request)
          .isIn(CommitOutcome.COMMIT_OUTCOME_COMMITTED, CommitOutcome.COMMIT_OUTCOME_ABORTED);
      assertThat(revision).as("outcome of %s", request).isEqualTo(judge.decided().get(request));
    }
  }

  /** One more server opens what is left: nothing is left to recover, and every table takes rows. */
  private void storageIsSound() {
    try (FaultyStorage storage = FaultyStorage.open(BackendKind.LANCE, folder.data())) {
      Client client =
          new Client(
              storage.start("last", EngineOptions.DEFAULT, java.time.InstantSource.system()));
      var unused = client.database().recover(EngineFixture.TESTER);
      client.engine().fixture().awaitIdle();
      Oracle oracle = new Oracle(storage.metadata(), new Ledger());
      oracle.nothingIsLeft(client);
      assertThat(problems(client)).as("what a deep check finds").isEmpty();
      for (TableInfo table :
          client.database().tables(EngineFixture.TESTER, ReadAt.HEAD, "", 1_000).value()) {
        var written =
            client
                .engine()
                .fixture()
                .append(client.database(), table.name(), List.of(person(0, "last", 0)));
        assertThat(written.commit().revision()).isPositive();
      }
    }
  }

  private static List<Finding> problems(Client client) {
    List<Finding> problems = new ArrayList<>();
    VerifySummary summary =
        client
            .database()
            .verify(
                EngineFixture.TESTER,
                true,
                new VerifyListener() {
                  @Override
                  public void found(Finding finding) {
                    if (finding.kind().severity() == Finding.Severity.PROBLEM) {
                      problems.add(finding);
                    }
                  }

                  @Override
                  public void progress(String phase, long done, long total) {
                    // Nobody looks on.
                  }
                });
    assertThat(summary.problems()).as("problems counted").isEqualTo(problems.size());
    return problems;
  }

  /** Killed servers leave no copies of native code. */
  private void nothingPilesUp() {
    assertThat(folder.temporary()).as("temporary files of servers").isEmpty();
  }
}
