package dev.slipway.engine.matrix;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.cleanup.ReclaimOracle;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.Faults;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.FaultyStorage;
import dev.slipway.engine.log.Settings;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.Options;
import dev.slipway.engine.testkit.Refusals;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One cell that breaks a cleanup: of a database with much to clean up, and little to keep. */
final class CleanupRun extends MatrixRun {
  static final String ATTIC = "attic";
  private static final WriteOperation APPEND = new WriteOperation.Append(false);

  private final FaultyStorage storage;
  private final Cell cell;
  private final FaultyEngine other;
  private @Nullable FaultyEngine broken;
  private final List<Map<String, @Nullable Object>> rows = new ArrayList<>();
  private final SortedMap<Long, List<Map<String, @Nullable Object>>> history = new TreeMap<>();
  private final List<String> keys;

  CleanupRun(FaultyStorage storage, Cell cell) {
    super(cell);
    this.storage = storage;
    this.cell = cell;
    FaultyEngine setup = start("setup");
    fill(setup);
    setup.close();
    this.other = start("second");
    Database database = other.database(ATTIC);
    for (long at = database.status(TESTER).historyFloor(); at <= database.head(); at++) {
      history.put(at, EngineFixture.read(database, "person", ReadAt.revision(at)));
    }
    this.keys = logKeys(database);
  }

  /** Forgets requests after three revisions, and writes a checkpoint every other. */
  FaultyEngine start(String instance) {
    EngineOptions options = Options.of(new Settings(0, 3, 86_400), 2);
    return storage.start(instance, options, InstantSource.system());
  }

  /**
   * Leaves files that a second cleanup deletes, a home it purges, a staged write that it buries,
   * and records it hollows.
   */
  private void fill(FaultyEngine engine) {
    EngineFixture fixture = engine.fixture();
    Database database = fixture.create(ATTIC);
    createPeople(database, "person");
    createPeople(database, "customer");
    for (long id = 1; id <= 5; id++) {
      fixture.write(
          database, "person", new WriteOperation.Overwrite(), List.of(person(id, "old", id)));
      fixture.awaitIdle();
    }
    database.discard(
        TESTER, fixture.stage(database, "person", APPEND, List.of(person(9, "never", 9))).id());
    database.dropTable(TESTER, ReadAt.MAIN, "customer", Optional.empty());
    ReclaimOracle.clean(database);
    for (long id = 6; id <= 8; id++) {
      fixture.write(
          database, "person", new WriteOperation.Overwrite(), List.of(person(id, "old", id)));
      fixture.awaitIdle();
    }
    fixture.stage(database, "person", APPEND, List.of(person(9, "never", 9)));
    rows.add(person(8, "old", 8));
  }

  @Override
  boolean breaks() {
    FaultyEngine engine = start("first");
    engine.database(ATTIC);
    Faults.Armed<FailPoint> armed = arm(engine);
    clean(engine);
    armed.awaitHit();
    engine.fixture().awaitIdle();
    boolean hit = engine.allFaultsHit();
    engine.clearFaults();
    broken = engine;
    return hit;
  }

  @Override
  void resolveAndJudge() {
    judge(resolve(Optional.ofNullable(broken).orElseThrow()));
  }

  /** For a cleanup that another process breaks off. */
  void judgeAfter(Runnable cleanup) {
    cleanup.run();
    judge(start("next"));
  }

  static long clean(FaultyEngine engine) {
    try {
      return engine
          .database(ATTIC)
          .cleanup(TESTER, CleanupPolicy.EVERYTHING, false, row -> {})
          .revision();
    } catch (SlipwayException e) {
      // Typed, whatever it is; what it leaves is judged.
      return 0;
    }
  }

  private FaultyEngine resolve(FaultyEngine engine) {
    if (engine.life().isOver() || cell.resolver() == Resolver.NEXT_OPEN) {
      engine.kill();
      engine.close();
    }
    FaultyEngine asked = engine.life().isOver() ? other : engine;
    return switch (cell.resolver()) {
      case NEXT_OPEN -> start("next");
      case SECOND_PROCESS -> other;
      case RECOVER -> {
        var unused = asked.database(ATTIC).recover(TESTER);
        yield asked;
      }
      case RETRY -> {
        clean(asked);
        yield asked;
      }
    };
  }

  // ---- what others do in the window

  @Override
  public void write() {
    rows.add(person(100, "Max", 100));
    other.fixture().append(other.database(ATTIC), "person", List.of(person(100, "Max", 100)));
    other.fixture().awaitIdle();
  }

  @Override
  public void isAsked() {
    ReclaimOracle.clean(other.database(ATTIC));
    other.fixture().awaitIdle();
  }

  @Override
  public void recover() {
    var unused = other.database(ATTIC).recover(TESTER);
  }

  // ---- the oracle for cleanups

  private void judge(FaultyEngine survivor) {
    Database database = survivor.database(ATTIC);
    Oracle oracle = new Oracle(storage.metadata(), new Ledger());
    survivor.fixture().awaitIdle();
    oracle.checkAll(survivor.fixture().databases());
    holdsTheRows(survivor);
    readsTheHistory(survivor);
    new ReclaimOracle(survivor.fixture().backend()).check(database);
    holdsTheRows(survivor);
    assertThat(logKeys(database)).as("log keys, of which none is freed").containsAll(keys);
    rows.add(person(1_000, "next", 0));
    survivor.fixture().append(database, "person", List.of(person(1_000, "next", 0)));
    survivor.fixture().awaitIdle();
    oracle.checkAll(survivor.fixture().databases());
    holdsTheRows(survivor);
    holdsTheRows(other);
    holdsTheRows(start("late"));
  }

  /** What was read at a revision is read there still, unless it is below the floor. */
  private void readsTheHistory(FaultyEngine engine) {
    Database database = engine.database(ATTIC);
    long floor = database.status(TESTER).historyFloor();
    history.forEach(
        (revision, then) -> {
          if (revision >= floor) {
            assertThat(EngineFixture.read(database, "person", ReadAt.revision(revision)))
                .as("rows at revision %d", revision)
                .isEqualTo(then);
          } else {
            assertThat(
                    Refusals.reasonOf(
                        () -> EngineFixture.read(database, "person", ReadAt.revision(revision))))
                .as("reading below the floor %d", floor)
                .isEqualTo(ErrorReason.REVISION_EXPIRED);
          }
        });
  }

  private void holdsTheRows(FaultyEngine engine) {
    engine.fixture().awaitIdle();
    Database database = engine.database(ATTIC);
    List<Map<String, @Nullable Object>> found =
        new ArrayList<>(engine.fixture().rows(database, "person"));
    found.sort(Comparator.comparingLong(Model::id));
    assertThat(found).as("rows").isEqualTo(rows.stream().map(HashMap::new).toList());
  }

  private List<String> logKeys(Database database) {
    return storage.metadata().list("db/" + database.info().id() + "/log/", "", 1_000);
  }
}
