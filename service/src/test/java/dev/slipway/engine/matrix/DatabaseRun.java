package dev.slipway.engine.matrix;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.Database;
import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.Databases;
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
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One cell that creates or drops a database. */
final class DatabaseRun extends MatrixRun {
  static final String FRESH = "fresh";
  static final String REQUEST = "create-fresh";

  /** Of who creates databases; no checkpoint is written beside what is broken. */
  static final EngineOptions OPTIONS = Options.of(new Settings(0, 5, 86_400), 1_000);

  private final FaultyStorage storage;
  private final Cell cell;
  private final Set<String> acknowledged = new HashSet<>();
  private final FaultyEngine other;
  private @Nullable FaultyEngine broken;
  private final Database openBefore;
  private boolean dropAcknowledged;

  DatabaseRun(FaultyStorage storage, Cell cell) {
    super(cell);
    this.storage = storage;
    this.cell = cell;
    this.other = start("second");
    this.openBefore = other.database(Client.DATABASE);
  }

  /** Creates databases with settings of their own, which are a record in their logs. */
  FaultyEngine start(String instance) {
    return storage.start(instance, OPTIONS, InstantSource.system());
  }

  @Override
  boolean breaks() {
    FaultyEngine engine = start("first");
    engine.database(Client.DATABASE);
    Faults.Armed<FailPoint> armed = arm(engine);
    act(engine);
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

  /**
   * For another process that breaks off.
   *
   * @param change gives the incarnation that it acknowledged, if it came to that
   */
  void judgeAfter(Supplier<Optional<String>> change) {
    Optional<String> answer = change.get();
    if (cell.kind() == MatrixKind.CREATE_DATABASE) {
      answer.ifPresent(acknowledged::add);
    } else {
      dropAcknowledged = answer.isPresent();
    }
    judge(start("next"));
  }

  /** Makes the change; gives the incarnation that was acknowledged, if it came to that. */
  Optional<String> answer(FaultyEngine engine) {
    act(engine);
    return cell.kind() == MatrixKind.CREATE_DATABASE
        ? acknowledged.stream().findFirst()
        : Optional.of(openBefore.info().id()).filter(id -> dropAcknowledged);
  }

  private void judge(FaultyEngine survivor) {
    Oracle oracle = new Oracle(storage.metadata(), new Ledger());
    // One whose drop was broken off is dropped by who opens it.
    if (cell.kind() == MatrixKind.CREATE_DATABASE) {
      oracle.checkAll(survivor.fixture().databases());
      judgeCreation(survivor);
    } else {
      judgeDrop(survivor);
    }
    // What was answered just now may still have its intent.
    survivor.fixture().awaitIdle();
    other.fixture().awaitIdle();
    oracle.checkAll(survivor.fixture().databases());
    new ReclaimOracle(survivor.fixture().backend()).checkFolders(survivor.fixture().databases());
    survivor
        .fixture()
        .databases()
        .list(TESTER, "", 100)
        .forEach(info -> isWhole(survivor, info.name()));
  }

  private FaultyEngine resolve(FaultyEngine engine) {
    if (engine.life().isOver() || cell.resolver() == Resolver.NEXT_OPEN) {
      engine.kill();
      engine.close();
    }
    return switch (cell.resolver()) {
      case NEXT_OPEN -> start("next");
      case SECOND_PROCESS -> other;
      case RETRY, RECOVER -> {
        FaultyEngine asked = engine.life().isOver() ? other : engine;
        act(asked);
        yield asked;
      }
    };
  }

  /** The request, or the same one again. */
  private void act(FaultyEngine engine) {
    Databases databases = engine.fixture().databases();
    try {
      if (cell.kind() == MatrixKind.CREATE_DATABASE) {
        DatabaseInfo info = databases.create(TESTER, FRESH, Optional.of(Client.key(REQUEST)));
        if (!engine.life().isOver()) {
          acknowledged.add(info.id());
        }
      } else {
        databases.drop(TESTER, Client.DATABASE, true);
        dropAcknowledged |= !engine.life().isOver();
      }
    } catch (SlipwayException e) {
      boolean fits =
          engine.life().isOver()
              || e.reason().kind() == ErrorReason.Kind.UNAVAILABLE
              || e.reason() == ErrorReason.DATABASE_EXISTS
              || e.reason() == ErrorReason.DATABASE_NOT_FOUND;
      assertThat(fits).as("what a client may be told, found %s", e).isTrue();
    }
  }

  // ---- what others do in the window

  @Override
  public void write() {
    if (cell.kind() == MatrixKind.CREATE_DATABASE) {
      create(other, FRESH);
      return;
    }
    try {
      other.fixture().append(openBefore, "person", List.of(person(100, "Max", 100)));
    } catch (SlipwayException e) {
      assertThat(e.reason()).isEqualTo(ErrorReason.DATABASE_NOT_FOUND);
    }
  }

  private static @Nullable SlipwayException create(FaultyEngine engine, String name) {
    return catchThrowableOfType(
        SlipwayException.class,
        () -> engine.fixture().databases().create(TESTER, name, Optional.empty()));
  }

  @Override
  public void isAsked() {
    act(other);
  }

  @Override
  public void recover() {
    try {
      var unused = openBefore.recover(TESTER);
    } catch (SlipwayException e) {
      assertThat(e.reason()).isEqualTo(ErrorReason.DATABASE_NOT_FOUND);
    }
  }

  // ---- the oracle for databases

  private void judgeCreation(FaultyEngine survivor) {
    Optional<String> listed = listed(survivor, FRESH);
    assertThat(acknowledged).as("incarnations that were acknowledged").hasSizeLessThan(2);
    acknowledged.forEach(id -> assertThat(listed).as("acknowledged").contains(id));
    listed.ifPresent(
        id ->
            assertThat(LogReader.read(storage.metadata(), id).head().settings())
                .as("settings of what is listed")
                .isEqualTo(OPTIONS.newDatabases()));
    act(survivor);
    String id = listed(survivor, FRESH).orElseThrow();
    listed.ifPresent(before -> assertThat(id).as("the incarnation, asked again").isEqualTo(before));
    acknowledged.forEach(one -> assertThat(one).isEqualTo(id));
    SlipwayException again = create(survivor, FRESH);
    assertThat(again).isNotNull();
    assertThat(java.util.Objects.requireNonNull(again).reason())
        .isEqualTo(ErrorReason.DATABASE_EXISTS);
    isWhole(survivor, FRESH);
    isWhole(other, FRESH);
  }

  private void judgeDrop(FaultyEngine survivor) {
    String old = openBefore.info().id();
    if (dropAcknowledged) {
      assertThat(listed(survivor, Client.DATABASE)).as("dropped").isEmpty();
    } else {
      try {
        assertThat(survivor.database(Client.DATABASE).info().id()).isEqualTo(old);
        assertThat(survivor.fixture().rows(survivor.database(Client.DATABASE), "person"))
            .hasSizeGreaterThanOrEqualTo(3);
      } catch (SlipwayException e) {
        assertThat(e.reason()).isEqualTo(ErrorReason.DATABASE_NOT_FOUND);
      }
    }
    act(survivor);
    assertThat(listed(survivor, Client.DATABASE)).as("dropped by now").isEmpty();
    survivor.fixture().create(Client.DATABASE);
    assertThat(survivor.database(Client.DATABASE).info().id()).isNotEqualTo(old);
    // Whoever held the old one open writes nothing into the new one.
    SlipwayException late =
        catchThrowableOfType(
            SlipwayException.class,
            () -> other.fixture().append(openBefore, "person", List.of(person(1, "late", 1))));
    assertThat(late).as("a write to the dropped incarnation").isNotNull();
    assertThat(late.reason()).isIn(ErrorReason.DATABASE_NOT_FOUND, ErrorReason.SHUTTING_DOWN);
    assertThat(survivor.database(Client.DATABASE).tables(TESTER, ReadAt.HEAD, "", 10).value())
        .isEmpty();
    isWhole(survivor, Client.DATABASE);
    isWhole(other, Client.DATABASE);
  }

  private static Optional<String> listed(FaultyEngine engine, String name) {
    return engine.fixture().databases().list(TESTER, "", 100).stream()
        .filter(info -> info.name().equals(name))
        .map(DatabaseInfo::id)
        .findFirst();
  }

  /** Tables can be created in it and written to. */
  private static void isWhole(FaultyEngine engine, String name) {
    Database database = engine.database(name);
    String table = "t" + database.head();
    EngineFixture.createPeople(database, table);
    engine
        .fixture()
        .write(database, table, new WriteOperation.Append(false), List.of(person(1, "Ada", 36)));
    assertThat(engine.fixture().rows(database, table)).containsExactly(person(1, "Ada", 36));
  }
}
