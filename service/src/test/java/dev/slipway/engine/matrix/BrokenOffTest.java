package dev.slipway.engine.matrix;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.StagedWriteInfo;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.cleanup.ReclaimOracle;
import dev.slipway.engine.database.LogRepair;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.FaultyStorage;
import dev.slipway.engine.fault.ResidualOperation;
import dev.slipway.engine.fault.TableCall;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.matrix.Client.Staging;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.QuietLogs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What changes something in many small steps, broken off before each of its calls of storage, one
 * run after another, until one comes to its end. In memory before every call; on Lance, where runs
 * cost more, before some.
 */
@ExtendWith(QuietLogs.class)
class BrokenOffTest {
  private static final String STAGED = "staged";
  private static final List<Map<String, @Nullable Object>> ROWS = List.of(person(10, "Joe", 1));
  private static final UnaryOperator<Model> EFFECT = Model.put("person", ROWS);

  @TempDir Path folder;

  /** One run, over storage of its own. */
  private interface Run {
    /**
     * @param ledger knows what is in the storage
     * @param steps end the process that makes the change
     */
    void run(FaultyStorage storage, Ledger ledger, Steps steps);
  }

  /** Runs it again and again, each time with an end one step later. */
  private void everyStep(BackendKind kind, int stride, Run run) {
    Template template = new Template(kind, folder);
    int runs = 0;
    Steps steps;
    do {
      steps = new Steps(1 + stride * runs++);
      Ledger ledger = new Ledger();
      try (FaultyStorage storage = template.storage(ledger)) {
        run.run(storage, ledger, steps);
      } catch (AssertionError | SlipwayException e) {
        throw new AssertionError("broken off before " + steps, e);
      }
    } while (steps.cameToPass());
    assertThat(runs).as("runs").isGreaterThan(2);
  }

  private static int stride(BackendKind kind, int onLance) {
    return kind == BackendKind.MEMORY ? 1 : onLance;
  }

  // ---- cleanup

  @ParameterizedTest
  @EnumSource
  void cleanup_brokenOffAnywhere_losesNothingAndIsFinishedByTheNext(BackendKind kind) {
    everyStep(kind, stride(kind, 29), (storage, ledger, steps) -> cleanup(storage, steps::end));
  }

  /** Among other things between any two files, of a table and of a dropped table's home. */
  @Test
  void cleanup_brokenOffBetweenTwoFilesOnLance_losesNothingAndIsFinishedByTheNext() {
    everyStep(
        BackendKind.LANCE,
        4,
        (storage, ledger, steps) ->
            cleanup(
                storage,
                engine -> steps.endTables(engine, TableCall.of(ResidualOperation.DELETE_FILE))));
  }

  private interface Arming {
    void arm(FaultyEngine engine);
  }

  private static void cleanup(FaultyStorage storage, Arming arming) {
    Cell cell =
        new Cell(
            FailPoint.CLEANUP_TABLE, MatrixKind.CLEANUP, MatrixFault.CRASH, Resolver.NEXT_OPEN);
    CleanupRun run = new CleanupRun(storage, cell);
    run.judgeAfter(
        () -> {
          FaultyEngine engine = run.start("broken");
          engine.database(CleanupRun.ATTIC);
          arming.arm(engine);
          CleanupRun.clean(engine);
          engine.fixture().awaitIdle();
          engine.close();
        });
  }

  @ParameterizedTest
  @EnumSource
  void reclaim_brokenOffAnywhere_isFinishedByTheNext(BackendKind kind) {
    everyStep(
        kind,
        stride(kind, 11),
        (storage, ledger, steps) -> {
          FaultyEngine setup = storage.start("setup");
          Database dropped = setup.fixture().create("dropped");
          createPeople(dropped, "person");
          setup.fixture().append(dropped, "person", ROWS);
          setup.fixture().awaitIdle();
          setup.fixture().databases().drop(TESTER, "dropped", true);
          reclaim(setup);
          setup.close();

          broken(storage, steps, BrokenOffTest::reclaim);

          FaultyEngine next = storage.start("next");
          new ReclaimOracle(next.fixture().backend()).checkFolders(next.fixture().databases());
          new Oracle(storage.metadata(), ledger).checkAll(next.fixture().databases());
          new Oracle(storage.metadata(), ledger).check(new Client(next));
        });
  }

  private static void reclaim(FaultyEngine engine) {
    var unused = engine.fixture().databases().reclaim(TESTER, Duration.ZERO, false);
  }

  // ---- staged writes

  @ParameterizedTest
  @EnumSource
  void renew_brokenOffAnywhere_leavesOneStagedWriteThatCommitsOnce(BackendKind kind) {
    everyStep(
        kind,
        stride(kind, 3),
        (storage, ledger, steps) -> {
          stage(storage);

          broken(storage, steps, engine -> database(engine).renew(TESTER, STAGED));

          Client next = new Client(storage.start("next"));
          assertThat(next.database().stagedWrites(TESTER, Optional.empty(), "", 10))
              .extracting(StagedWriteInfo::id)
              .containsExactly(STAGED);
          var unused = next.database().renew(TESTER, STAGED);
          assertThat(commit(next, ledger, "commit")).isInstanceOf(Ledger.Answer.Acknowledged.class);
          assertThat(commit(next, ledger, "again")).isInstanceOf(Ledger.Answer.Refused.class);
          judge(storage, ledger, next);
        });
  }

  @ParameterizedTest
  @EnumSource
  void discard_brokenOffAnywhere_leavesItWholeOrGone(BackendKind kind) {
    everyStep(
        kind,
        stride(kind, 2),
        (storage, ledger, steps) -> {
          stage(storage);

          boolean done = broken(storage, steps, engine -> database(engine).discard(TESTER, STAGED));

          Client next = new Client(storage.start("next"));
          List<StagedWriteInfo> left =
              next.database().stagedWrites(TESTER, Optional.empty(), "", 10);
          assertThat(left).as("staged writes, discarded: %s", done).hasSizeLessThan(done ? 1 : 2);
          Ledger.Answer answer = commit(next, ledger, "commit");
          if (left.isEmpty()) {
            assertThat(answer)
                .isInstanceOfSatisfying(
                    Ledger.Answer.Refused.class,
                    refused ->
                        assertThat(refused.reason()).isEqualTo(ErrorReason.STAGED_WRITE_NOT_FOUND));
          } else {
            assertThat(answer).isInstanceOf(Ledger.Answer.Acknowledged.class);
          }
          judge(storage, ledger, next);
        });
  }

  @ParameterizedTest
  @EnumSource
  void fence_brokenOffAnywhere_holdsOnceItIsThere(BackendKind kind) {
    everyStep(
        kind,
        stride(kind, 2),
        (storage, ledger, steps) -> {
          stage(storage);

          boolean done =
              broken(
                  storage,
                  steps,
                  engine -> {
                    var unused = database(engine).outcome(TESTER, "fenced", true);
                  });

          Client next = new Client(storage.start("next"));
          Outcome before = next.database().outcome(TESTER, "fenced", false);
          if (done) {
            assertThat(before).isInstanceOf(Outcome.Aborted.class);
          } else {
            assertThat(before).isNotInstanceOf(Outcome.InProgress.class);
          }
          Ledger.Answer answer = commit(next, ledger, "fenced");
          assertThat(answer instanceof Ledger.Answer.Acknowledged)
              .as("%s, and the request then is answered %s", before, answer)
              .isEqualTo(!(before instanceof Outcome.Aborted));
          // Renewed as it is, it outlives cleanups.
          next.database().discard(TESTER, STAGED);
          judge(storage, ledger, next);
        });
  }

  /** Renewed once already, so that there is a record to take the place of. */
  private static void stage(FaultyStorage storage) {
    Client client = new Client(storage.start("setup"));
    client.stage(STAGED, new Staging("person", new WriteOperation.Append(false), ROWS));
    var unused = client.database().renew(TESTER, STAGED);
    client.engine().close();
  }

  private static Database database(FaultyEngine engine) {
    return engine.database(Client.DATABASE);
  }

  private static Ledger.Answer commit(Client client, Ledger ledger, String request) {
    return ledger.ask(
        request,
        EFFECT,
        client.engine().life(),
        () -> client.commitStaged(request, List.of(STAGED)));
  }

  private static void judge(FaultyStorage storage, Ledger ledger, Client client) {
    client.engine().fixture().awaitIdle();
    new Oracle(storage.metadata(), ledger).check(client);
    new ReclaimOracle(client.engine().fixture().backend()).check(client.database());
  }

  // ---- databases

  /** With settings of its own, so that its log has a record before its name means anything. */
  @ParameterizedTest
  @EnumSource
  void create_brokenOffAnywhere_isThereWithItsSettingsOrNot(BackendKind kind) {
    everyStep(
        kind,
        stride(kind, 3),
        (storage, ledger, steps) ->
            databases(MatrixKind.CREATE_DATABASE, FailPoint.DATABASE_AFTER_CLAIM, storage, steps));
  }

  @ParameterizedTest
  @EnumSource
  void drop_brokenOffAnywhere_isFinishedByWhoComesNext(BackendKind kind) {
    everyStep(
        kind,
        stride(kind, 3),
        (storage, ledger, steps) ->
            databases(
                MatrixKind.DROP_DATABASE, FailPoint.DATABASE_DELETE_AFTER_MARK, storage, steps));
  }

  private static void databases(
      MatrixKind kind, FailPoint window, FaultyStorage storage, Steps steps) {
    Cell cell = new Cell(window, kind, MatrixFault.CRASH, Resolver.NEXT_OPEN);
    DatabaseRun run = new DatabaseRun(storage, cell);
    run.judgeAfter(
        () -> {
          FaultyEngine engine = run.start("broken");
          steps.end(engine);
          Optional<String> answer = run.answer(engine);
          engine.fixture().awaitIdle();
          engine.close();
          return answer;
        });
  }

  // ---- repair

  @Test
  void repair_brokenOffAnywhere_leavesTheRecordVoidedOrAsItWas() {
    everyStep(
        BackendKind.MEMORY,
        1,
        (storage, ledger, steps) -> {
          Client setup = new Client(storage.start("setup"));
          long head = setup.database().head();
          LogStore log = new LogStore(storage.metadata(), "db/" + setup.database().info().id());
          setup.engine().close();
          byte[] poison = "{}".getBytes(StandardCharsets.UTF_8);
          assertThat(storage.metadata().putIfAbsent(log.key(head + 1), poison)).isTrue();

          boolean done =
              broken(storage, steps, engine -> repair(engine.fixture().backend().metadata()));

          LogRepair repair = new LogRepair(storage.metadata());
          assertThat(repair.find(Client.DATABASE).isEmpty())
              .as("voided, %s", done ? "as was said" : "or not")
              .isIn(true, done);
          repair(storage.metadata());
          assertThat(repair.find(Client.DATABASE)).isEmpty();
          Client next = new Client(storage.start("next"));
          assertThat(next.database().condition().readOnly()).isEmpty();
          assertThat(next.database().head()).isEqualTo(head + 1);
          Ledger.Answer answer =
              ledger.ask(
                  "after",
                  EFFECT,
                  next.engine().life(),
                  () ->
                      next.write(
                          "after", new Staging("person", new WriteOperation.Append(false), ROWS)));
          assertThat(answer).isEqualTo(new Ledger.Answer.Acknowledged(head + 2));
          judge(storage, ledger, next);
        });
  }

  private static void repair(dev.slipway.storage.MetadataStore store) {
    LogRepair repair = new LogRepair(store);
    repair
        .find(Client.DATABASE)
        .ifPresent(poison -> repair.declareVoid(poison, "operator", "planted by hand", 1));
  }

  // ----

  private interface Change {
    void make(FaultyEngine engine);
  }

  /** Makes a change that is broken off; gives whether it came to its end. */
  private static boolean broken(FaultyStorage storage, Steps steps, Change change) {
    FaultyEngine engine = storage.start("broken");
    steps.end(engine);
    try {
      change.make(engine);
      engine.fixture().awaitIdle();
    } catch (SlipwayException e) {
      assertThat(engine.life().isOver()).as("died, and only then failed: %s", e).isTrue();
    }
    boolean done = !engine.life().isOver();
    engine.close();
    return done;
  }
}
