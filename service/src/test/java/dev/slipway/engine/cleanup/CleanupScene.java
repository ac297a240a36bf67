package dev.slipway.engine.cleanup;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CleanupReport;
import dev.slipway.engine.Database;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.Upload;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.WriteTarget;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.FaultyStorage;
import dev.slipway.engine.fault.Gate;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.ManualClock;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.testkit.Rows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.jspecify.annotations.Nullable;

/**
 * A stage for stories of processes and cleanups, all on one clock, over a database {@code crm} with
 * a table {@code person}.
 */
final class CleanupScene implements AutoCloseable {
  static final WriteOperation APPEND = new WriteOperation.Append(false);
  static final WriteOperation OVERWRITE = new WriteOperation.Overwrite();
  static final WriteOperation UPSERT = new WriteOperation.Upsert(false);

  /** Keeps the head alone, and leaves what is under way an hour. */
  static final CleanupPolicy HOUR = new CleanupPolicy(1, Duration.ZERO, Duration.ofHours(1));

  private static final String CRM = "crm";

  private final FaultyStorage storage;
  private final ManualClock clock = new ManualClock();

  CleanupScene(BackendKind kind, Path folder) {
    storage = FaultyStorage.open(kind, folder);
  }

  FaultyEngine start(String instance) {
    return start(instance, EngineOptions.DEFAULT);
  }

  FaultyEngine start(String instance, EngineOptions options) {
    return storage.start(instance, options, clock);
  }

  /** A process whose clock stands where the others' were at first. */
  FaultyEngine startBehind(String instance, ManualClock behind) {
    return storage.start(instance, EngineOptions.DEFAULT, behind);
  }

  MetadataStore metadata() {
    return storage.metadata();
  }

  void advance(Duration by) {
    clock.advance(by);
  }

  /** Creates the database, and its table without rows. */
  static Database people(FaultyEngine engine) {
    Database database = engine.fixture().create(CRM);
    createPeople(database, "person");
    return database;
  }

  /** Creates the database, and its table with one row. */
  static Database createCrm(FaultyEngine engine) {
    Database database = people(engine);
    append(engine, 1);
    engine.fixture().awaitIdle();
    return database;
  }

  static Database crm(FaultyEngine engine) {
    return engine.database(CRM);
  }

  static List<Map<String, @Nullable Object>> one(long id) {
    return List.of(person(id, "p" + id, id));
  }

  static List<Map<String, @Nullable Object>> rows(FaultyEngine engine) {
    return engine.fixture().rows(crm(engine), "person");
  }

  static void append(FaultyEngine engine, long id) {
    engine.fixture().append(crm(engine), "person", one(id));
  }

  /** Overwrites the table with one row, over and over. */
  static void overwrite(FaultyEngine engine, long from, long until) {
    for (long id = from; id < until; id++) {
      engine.fixture().write(crm(engine), "person", OVERWRITE, one(id));
      engine.fixture().awaitIdle();
    }
  }

  /** Where the database keeps its objects. */
  static String home(Database database) {
    return "db/" + database.info().id();
  }

  /** Appends a row after a while. */
  void later(FaultyEngine engine, Duration by, long id) {
    clock.advance(by);
    append(engine, id);
  }

  /** Stages an append of a row under an id. */
  static void stage(FaultyEngine engine, String id, long row) {
    WriteTarget target = new WriteTarget(ReadAt.MAIN, "person", APPEND);
    try (Upload upload = crm(engine).upload(TESTER, target);
        ArrowReader source = source(engine, upload, row)) {
      upload.stage(Optional.of(id), () -> "digest of " + row, Optional.of(source));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One row for an upload; the caller closes it. */
  static ArrowReader source(FaultyEngine engine, Upload upload, long row) {
    return Rows.reader(engine.fixture().allocator(), upload.schema().columns(), one(row));
  }

  /** Holds the next call that comes to a window. */
  static Gate holdsAt(FaultyEngine engine, FailPoint point) {
    Gate gate = new Gate();
    engine.windows().once(point::equals, gate);
    return gate;
  }

  /** A cleanup that must succeed for every table, and find nothing wrong. */
  static CleanupReport clean(FaultyEngine engine, CleanupPolicy policy) {
    CleanupReport report =
        crm(engine).cleanup(TESTER, policy, false, row -> assertThat(row.failure()).isEmpty());
    assertThat(report.problems()).isEmpty();
    return report;
  }

  static Set<Long> ids(FaultyEngine engine) {
    return ages(engine).keySet();
  }

  /** By id; each is there once. */
  static SortedMap<Long, Long> ages(FaultyEngine engine) {
    SortedMap<Long, Long> ages = new TreeMap<>();
    for (var row : rows(engine)) {
      assertThat(ages.put((Long) row.get("id"), (Long) row.get("age"))).as("%s", row).isNull();
    }
    return ages;
  }

  /** Somebody writes rows 100 to 102, and cleans up after each. */
  void goOn(FaultyEngine other, Duration each) {
    for (int i = 0; i < 3; i++) {
      later(other, each, 100 + i);
      clean(other, HOUR);
    }
  }

  /** The table has these rows, before and after two cleanups that keep nothing else. */
  static void assertExactly(FaultyEngine engine, Long... ids) {
    engine.fixture().awaitIdle();
    assertThat(ids(engine)).containsExactly(ids);
    new ReclaimOracle(engine.fixture().backend()).check(crm(engine));
    assertThat(ids(engine)).containsExactly(ids);
  }

  @Override
  public void close() {
    storage.close();
  }
}
