package dev.slipway.engine.matrix;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.Database;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.cleanup.ReclaimOracle;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.Faults;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.FaultyStorage;
import dev.slipway.engine.matrix.Client.Staging;
import dev.slipway.engine.matrix.Ledger.Answer.Acknowledged;
import dev.slipway.engine.matrix.Ledger.Answer.Unknown;
import dev.slipway.engine.testkit.Options;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One cell that changes tables: set up, break, recover, judge. */
final class CellRun extends MatrixRun {
  private static final String REQUEST = HaltedChild.REQUEST;
  private static final String OTHER = "the-other-request";

  private final FaultyStorage storage;
  private final Cell cell;
  private final Ledger ledger;
  private @Nullable Client other;
  private @Nullable Client broken;

  /**
   * @param storage holds what {@link Setting} commits
   * @param ledger knows it
   */
  CellRun(FaultyStorage storage, Cell cell, Ledger ledger) {
    super(cell);
    this.storage = storage;
    this.cell = cell;
    this.ledger = ledger;
  }

  @Override
  boolean breaks() {
    boolean needsOther =
        cell.fault().needsOther()
            || cell.resolver() == Resolver.SECOND_PROCESS
            || (cell.resolver() == Resolver.RETRY && cell.fault() == MatrixFault.CRASH);
    if (needsOther) {
      other = open("second");
    }
    Client client = cell.isInRecovery() ? breakRecovery() : breakWrite();
    broken = client;
    boolean hit = client.engine().allFaultsHit();
    client.engine().clearFaults();
    return hit;
  }

  @Override
  void resolveAndJudge() {
    judge(resolve(Optional.ofNullable(broken).orElseThrow()));
  }

  /** Whoever lives on has recovered, and now everything must hold. */
  void judge(Client survivor) {
    keepsItsPromise(survivor);
    Oracle oracle = new Oracle(storage.metadata(), ledger);
    oracle.check(survivor);
    // The same request once more, then other ones: everything must go on as if nothing had been.
    ask(survivor);
    writeOn(survivor);
    oracle.check(survivor);
    if (cell.checkpointEvery() <= 2) {
      assertThat(storage.metadata().list(home(survivor) + "/checkpoints/", "", 1))
          .as("checkpoints that agree with the log")
          .isNotEmpty();
    }
    reclaim(survivor);
  }

  /** What who resolved it is there for, before anybody else has a hand in it. */
  private void keepsItsPromise(Client survivor) {
    Outcome outcome = survivor.database().outcome(TESTER, REQUEST, false);
    if (cell.resolver() == Resolver.RETRY) {
      List<Ledger.Answer> answers = Objects.requireNonNull(ledger.all().get(REQUEST)).answers();
      Ledger.Answer last = answers.get(answers.size() - 1);
      assertThat(last).as("the answer to who asked again").isNotInstanceOf(Unknown.class);
      if (cell.fault() != MatrixFault.OTHER_WRITES) {
        assertThat(last).as("the answer, with nobody in the way").isInstanceOf(Acknowledged.class);
      }
      // What a dead process left is for others to clear away.
      recover(survivor);
    } else {
      assertThat(storage.metadata().list(home(survivor) + "/intents/", "", 100))
          .as("intents after %s", cell.resolver())
          .isEmpty();
      if (cell.leavesAnIntent()) {
        assertThat(outcome).as("of an intent").isInstanceOf(Outcome.Committed.class);
      }
    }
    assertThat(outcome).as("outcome").isNotInstanceOf(Outcome.InProgress.class);
  }

  private static String home(Client client) {
    return "db/" + client.database().info().id();
  }

  /** Nothing was left that can't be cleaned up, and nothing is cleaned up that is needed. */
  private static void reclaim(Client survivor) {
    Database database = survivor.database();
    List<Object> before = everyRow(survivor);
    new ReclaimOracle(survivor.engine().fixture().backend()).check(database);
    assertThat(everyRow(survivor)).as("rows after two cleanups").isEqualTo(before);
  }

  private static List<Object> everyRow(Client client) {
    Database database = client.database();
    List<Object> rows = new ArrayList<>();
    for (var table : database.tables(TESTER, ReadAt.HEAD, "", 100).value()) {
      rows.add(table.name());
      rows.addAll(client.engine().fixture().rows(database, table.name()));
    }
    return rows;
  }

  Client open(String instance) {
    Client client = start(instance);
    client.database();
    return client;
  }

  private Client start(String instance) {
    EngineOptions options = Options.checkpointEvery(cell.checkpointEvery());
    return new Client(storage.start(instance, options, InstantSource.system()));
  }

  // ---- break

  private Client breakWrite() {
    Client client = open("first");
    FaultyEngine engine = client.engine();
    Faults.Armed<FailPoint> armed = arm(engine);
    ask(client);
    armed.awaitHit();
    return client;
  }

  /** Leaves an undecided intent behind, then breaks whoever recovers it. */
  private Client breakRecovery() {
    Client crashing = open("first");
    crashing
        .engine()
        .windows()
        .once(FailPoint.COMMIT_AFTER_TABLES::equals, crashing.engine().dies());
    ask(crashing);
    crashing.engine().close();
    Client client = start("third");
    Faults.Armed<FailPoint> armed = arm(client.engine());
    try {
      client.database();
    } catch (SlipwayException e) {
      assertThat(armed.wasHit()).as("opening failed by the fault, found %s", e).isTrue();
    }
    armed.awaitHit();
    client.engine().fixture().awaitIdle();
    return client;
  }

  private void ask(Client client) {
    ledger.ask(
        REQUEST,
        cell.kind().effect(),
        client.engine().life(),
        () -> cell.kind().act(client, REQUEST));
    client.engine().fixture().awaitIdle();
  }

  // ---- what others do in the window

  @Override
  public void write() {
    Client client = second();
    ledger.ask(
        OTHER,
        cell.kind().interference(),
        client.engine().life(),
        () -> cell.kind().interfere(client, OTHER));
    client.engine().fixture().awaitIdle();
  }

  @Override
  public void isAsked() {
    ask(second());
  }

  @Override
  public void recover() {
    recover(second());
  }

  private Client second() {
    return Optional.ofNullable(other).orElseThrow();
  }

  private static void recover(Client client) {
    var unused = client.database().recover(TESTER);
    client.engine().fixture().awaitIdle();
  }

  // ---- recover

  private Client resolve(Client broken) {
    return switch (cell.resolver()) {
      case NEXT_OPEN -> {
        broken.engine().kill();
        broken.engine().close();
        yield open("next");
      }
      case RECOVER -> {
        recover(broken);
        yield broken;
      }
      case SECOND_PROCESS -> {
        if (broken.engine().life().isOver()) {
          broken.engine().close();
        }
        recover(second());
        yield second();
      }
      case RETRY -> {
        Client asked = broken;
        if (broken.engine().life().isOver()) {
          broken.engine().close();
          asked = second();
        }
        ask(asked);
        yield asked;
      }
    };
  }

  /** A write to every table there is. */
  private void writeOn(Client client) {
    writeOn(client, "next-", 1_000);
    // A dropped table leaves one: a checkpoint is due after two revisions.
    writeOn(client, "then-", 2_000);
  }

  private void writeOn(Client client, String prefix, long from) {
    long id = from;
    for (var table : client.database().tables(TESTER, ReadAt.HEAD, "", 100).value()) {
      String name = table.name();
      var rows = List.of(person(id++, "next", 0));
      Ledger.Answer answer =
          ledger.ask(
              prefix + name,
              Model.put(name, rows),
              client.engine().life(),
              () ->
                  client.write(
                      prefix + name, new Staging(name, new WriteOperation.Append(false), rows)));
      assertThat(answer).as("the next write to %s", name).isInstanceOf(Acknowledged.class);
      client.engine().fixture().awaitIdle();
    }
  }
}
