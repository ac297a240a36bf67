package dev.slipway.engine.disk;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.CommitResult;
import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Finding;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.VerifyListener;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.Options;
import dev.slipway.engine.testkit.QuietLogs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Typed errors while the disk is in trouble, no corrupt state, and all well again when the cause is
 * gone.
 */
@ExtendWith(QuietLogs.class)
class DiskTroubleTest {
  /** What a client may be told: come back later, in one form or another. */
  private static final Set<ErrorReason> LATER =
      EnumSet.of(
          ErrorReason.BACKEND_UNAVAILABLE, ErrorReason.OUTCOME_UNKNOWN, ErrorReason.OVERLOADED);

  private static final WriteOperation APPEND = new WriteOperation.Append(false);
  private static final WriteOperation UPSERT = new WriteOperation.Upsert(false);
  private static final WriteOperation DELETE = new WriteOperation.Delete(Optional.of("id = 1"));
  private static final WriteOperation UPDATE =
      new WriteOperation.Update(Map.of("age", "37"), Optional.of("id = 1"));

  @TempDir Path folder;

  private static EngineFixture open(Path root) {
    return open(root, EngineOptions.DEFAULT);
  }

  private static EngineFixture open(Path root, EngineOptions options) {
    EngineFixture engine =
        EngineFixture.open(BackendKind.LANCE, root, FailureInjector.NONE, options);
    Database database = engine.create("crm");
    EngineFixture.createPeople(database, "person");
    EngineFixture.createPeople(database, "other");
    engine.append(database, "person", List.of(person(1, "Ada", 36)));
    engine.append(database, "other", List.of(person(1, "Ada", 36)));
    engine.awaitIdle();
    return engine;
  }

  private static CommitResult append(EngineFixture engine, String request, int rows, long from) {
    List<Map<String, @Nullable Object>> people = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      people.add(person(from + i, "name of person " + (from + i) * 7919, i));
    }
    return engine.write(
        engine.database("crm"), "person", APPEND, people, EngineFixture.request(request));
  }

  private static Set<Long> ids(EngineFixture engine, String table) {
    Set<Long> ids = new TreeSet<>();
    for (Map<String, @Nullable Object> row : engine.rows(engine.database("crm"), table)) {
      assertThat(ids.add((Long) row.get("id"))).as("row %s is there once", row).isTrue();
    }
    return ids;
  }

  /** The database takes writes, has exactly these ids, nothing to recover and no damage. */
  private static void assertWell(EngineFixture engine, Set<Long> expected) {
    engine.awaitIdle();
    Database database = engine.database("crm");
    var unused = database.recover(TESTER);
    assertThat(database.recover(TESTER).pending()).isEmpty();
    assertThat(database.status(TESTER).condition().readOnly()).isEmpty();
    assertThat(ids(engine, "person")).isEqualTo(expected);
    assertThat(ids(engine, "other")).containsExactly(1L);
    List<Finding> problems = new ArrayList<>();
    database.verify(
        TESTER,
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
            assertThat(done).isNotNegative();
          }
        });
    assertThat(problems).isEmpty();
  }

  private static void assertReopensWell(Path root, Set<Long> expected) {
    try (EngineFixture engine = EngineFixture.open(BackendKind.LANCE, root)) {
      assertWell(engine, expected);
    }
  }

  @Test
  void disk_thatIsFullAtAnyPointOfACommit_refusesTypedAndTakesTheRetryOnceFreed()
      throws IOException {
    var mounted = SmallDisk.mount(folder.resolve("disk"), 24);
    Assumptions.assumeTrue(mounted.isPresent(), "this user may not mount a file system");
    try (SmallDisk disk = mounted.get()) {
      Path root = disk.folder().resolve("root");
      Set<Long> expected = new TreeSet<>(Set.of(1L));
      Set<ErrorReason> told = EnumSet.noneOf(ErrorReason.class);
      try (EngineFixture engine = open(root)) {
        int refused = 0;
        for (int i = 0; i < 24; i++) {
          // From no room at all to room for all but the last steps, and then for everything.
          disk.fillBut(i * 4096L);
          long from = 1_000L * (i + 1);
          String request = "request-" + i;
          SlipwayException failure =
              catchThrowableOfType(
                  SlipwayException.class, () -> append(engine, request, 200, from));
          if (failure != null) {
            refused++;
            told.add(failure.reason());
            assertThat(failure.reason()).as("%s", failure).isIn(LATER);
          }
          assertThat(ids(engine, "other")).containsExactly(1L);
          disk.free();
          append(engine, request, 200, from);
          for (long id = from; id < from + 200; id++) {
            expected.add(id);
          }
          engine.awaitIdle();
          assertThat(ids(engine, "person")).as("after %s", request).isEqualTo(expected);
        }
        assertThat(refused).isBetween(2, 23);
        assertThat(told).isNotEmpty();
        assertWell(engine, expected);
      }
      assertReopensWell(root, expected);
    }
  }

  @Test
  void disk_thatIsReadOnlyForAWhile_canBeReadAndTakesWritesAgain() throws IOException {
    var mounted = SmallDisk.mount(folder.resolve("disk"), 24);
    Assumptions.assumeTrue(mounted.isPresent(), "this user may not mount a file system");
    try (SmallDisk disk = mounted.get()) {
      Path root = disk.folder().resolve("root");
      try (EngineFixture engine = open(root)) {
        disk.remount(true);
        SlipwayException failure =
            catchThrowableOfType(SlipwayException.class, () -> append(engine, "request", 1, 10));
        assertThat(failure.reason()).as("%s", failure).isIn(LATER);
        SlipwayException dropped =
            catchThrowableOfType(
                SlipwayException.class,
                () -> engine.database("crm").dropTable(TESTER, "main", "other", Optional.empty()));
        assertThat(dropped.reason()).as("%s", dropped).isIn(LATER);
        assertThat(ids(engine, "person")).containsExactly(1L);
        disk.remount(false);

        append(engine, "request", 1, 10);
        assertWell(engine, new TreeSet<>(Set.of(1L, 10L)));
      }
      assertReopensWell(root, new TreeSet<>(Set.of(1L, 10L)));
    }
  }

  /** Root may do anything, so a file stands where the folder should be. */
  @ParameterizedTest
  @ValueSource(strings = {"log", "intents", "data", "_versions", "_transactions"})
  void folder_thatRefusesAccess_failsTypedAndIsWellOnceItIsBack(String name) throws IOException {
    try (EngineFixture engine = open(folder)) {
      append(engine, "before", 1, 5);
      engine.awaitIdle();
      List<Path> barred = folders(name);
      assertThat(barred).isNotEmpty();
      for (Path each : barred) {
        Files.move(each, aside(each));
        Files.writeString(each, "in the way");
      }

      SlipwayException failure =
          catchThrowableOfType(SlipwayException.class, () -> append(engine, "request", 1, 10));
      assertThat(failure).as("a commit without %s", name).isNotNull();
      assertThat(failure.reason())
          .as("%s", failure)
          .isIn(
              ErrorReason.BACKEND_UNAVAILABLE,
              ErrorReason.OUTCOME_UNKNOWN,
              ErrorReason.MISSING_FILE);

      for (Path each : barred) {
        Files.delete(each);
        Files.move(aside(each), each);
      }
      engine.awaitIdle();
      var unused = engine.database("crm").recover(TESTER);
      append(engine, "request", 1, 10);
      assertWell(engine, new TreeSet<>(Set.of(1L, 5L, 10L)));
    }
    assertReopensWell(folder, new TreeSet<>(Set.of(1L, 5L, 10L)));
  }

  private static Path aside(Path path) {
    return path.resolveSibling(path.getFileName() + "~aside");
  }

  private List<Path> folders(String name) throws IOException {
    try (Stream<Path> all = Files.walk(folder.resolve("db"))) {
      return all.filter(path -> path.endsWith(name)).filter(Files::isDirectory).toList();
    }
  }

  @Test
  void root_thatVanishes_failsTypedMakesNothingNewAndIsWellOnceItIsBack() throws IOException {
    Path root = folder.resolve("root");
    try (EngineFixture engine = open(root)) {
      Files.move(root, folder.resolve("gone"));

      for (int i = 0; i < 3; i++) {
        SlipwayException failure =
            catchThrowableOfType(SlipwayException.class, () -> append(engine, "request", 1, 10));
        assertThat(failure).isNotNull();
        assertThat(failure.reason()).as("%s", failure).isIn(LATER);
      }
      SlipwayException created =
          catchThrowableOfType(SlipwayException.class, () -> engine.create("fresh"));
      assertThat(created).isNotNull();
      assertThat(created.reason()).as("%s", created).isIn(LATER);
      assertThat(root).doesNotExist();

      Files.move(folder.resolve("gone"), root);
      engine.awaitIdle();
      append(engine, "request", 1, 10);
      assertWell(engine, new TreeSet<>(Set.of(1L, 10L)));
      engine.create("fresh");
    }
    assertReopensWell(root, new TreeSet<>(Set.of(1L, 10L)));
  }

  @Test
  void log_thatIsMovedAway_failsTypedIsNotMadeAnewAndIsWellOnceItIsBack() throws IOException {
    Path log;
    try (EngineFixture engine = open(folder)) {
      log = folder.resolve("db").resolve(engine.database("crm").info().id()).resolve("log");
      engine.create("beside");
      Files.move(log, aside(log));

      List<SlipwayException> failures = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        failures.add(
            catchThrowableOfType(SlipwayException.class, () -> append(engine, "request", 1, 10)));
        failures.add(catchThrowableOfType(SlipwayException.class, () -> ids(engine, "person")));
        failures.add(
            catchThrowableOfType(SlipwayException.class, () -> engine.database("crm").head()));
      }
      assertThat(failures)
          .allSatisfy(
              failure -> {
                assertThat(failure).isNotNull().hasMessageContaining(log.toString());
                assertThat(failure.reason()).isEqualTo(ErrorReason.BACKEND_UNAVAILABLE);
              });
      assertThat(log).doesNotExist();
      EngineFixture.createPeople(engine.database("beside"), "person");

      Files.move(aside(log), log);
      engine.awaitIdle();
      append(engine, "request", 1, 10);
      assertWell(engine, new TreeSet<>(Set.of(1L, 10L)));
    }
    assertReopensWell(folder, new TreeSet<>(Set.of(1L, 10L)));
  }

  @Test
  void log_thatIsGoneBelowACheckpoint_keepsTheDatabaseFromOpening() throws IOException {
    Path log;
    try (EngineFixture engine = open(folder, Options.checkpointEvery(1))) {
      log = folder.resolve("db").resolve(engine.database("crm").info().id()).resolve("log");
    }
    Files.move(log, aside(log));
    try (EngineFixture engine = EngineFixture.open(BackendKind.LANCE, folder)) {
      SlipwayException failure =
          catchThrowableOfType(SlipwayException.class, () -> engine.database("crm"));
      assertThat(failure).isNotNull().hasMessageContaining("/log/");
      assertThat(failure.reason()).isEqualTo(ErrorReason.CORRUPT_RECORD);
      assertThat(log).doesNotExist();

      Files.move(aside(log), log);
      assertWell(engine, new TreeSet<>(Set.of(1L)));
    }
  }

  @Test
  void dataFile_thatIsDeleted_failsItsReadersAloneAndTheyAreWellOnceItIsBack() throws IOException {
    Set<Long> all = new TreeSet<>(Set.of(1L, 10L));
    Path file = onlyDataFile();
    Files.move(file, folder.resolve("kept"));
    try (EngineFixture engine = EngineFixture.open(BackendKind.LANCE, folder)) {
      SlipwayException failure =
          catchThrowableOfType(SlipwayException.class, () -> ids(engine, "person"));
      assertThat(failure).isNotNull();
      assertThat(failure.reason()).as("%s", failure).isEqualTo(ErrorReason.MISSING_FILE);
      assertThat(ids(engine, "other")).containsExactly(1L);
      for (WriteOperation operation : List.of(DELETE, UPDATE, UPSERT)) {
        SlipwayException refused =
            catchThrowableOfType(
                SlipwayException.class,
                () ->
                    engine.write(engine.database("crm"), "person", operation, rows(operation, 1)));
        assertThat(refused).as("%s", operation).isNotNull();
        assertThat(refused.reason()).as("%s", refused).isEqualTo(ErrorReason.MISSING_FILE);
      }
      // What needn't read it goes on, and so do other tables.
      append(engine, "beside", 1, 10);
      for (WriteOperation operation : List.of(UPSERT, UPDATE, DELETE, APPEND)) {
        engine.write(engine.database("crm"), "other", operation, rows(operation, 1));
      }

      Files.move(folder.resolve("kept"), file);
      assertThat(ids(engine, "person")).isEqualTo(all);
      assertWell(engine, all);
    }
    assertReopensWell(folder, all);
  }

  @Test
  void dataFile_thatIsLostForGood_isNeededNoMoreOnceTheTableIsOverwritten() throws IOException {
    Path file = onlyDataFile();
    Files.delete(file);
    try (EngineFixture engine = EngineFixture.open(BackendKind.LANCE, folder)) {
      Database database = engine.database("crm");
      long before = database.head();

      engine.write(
          database, "person", new WriteOperation.Overwrite(), List.of(person(7, "Gus", 1)));

      assertThat(ids(engine, "person")).containsExactly(7L);
      SlipwayException old =
          catchThrowableOfType(
              SlipwayException.class,
              () -> engine.rows(database, "person", ReadAt.revision(before)));
      assertThat(old.reason()).as("%s", old).isEqualTo(ErrorReason.MISSING_FILE);
      append(engine, "next", 1, 8);
      engine.write(database, "person", new WriteOperation.Delete(Optional.of("id = 7")), List.of());
      assertThat(ids(engine, "person")).containsExactly(8L);
      assertThat(ids(engine, "other")).containsExactly(1L);
    }
  }

  private static List<Map<String, @Nullable Object>> rows(WriteOperation operation, long id) {
    return operation.takesData() ? List.of(person(id, "Ada", 36)) : List.of();
  }

  /** Makes the database; gives the file that has the one row of {@code person}. */
  private Path onlyDataFile() throws IOException {
    String location;
    try (EngineFixture engine = open(folder)) {
      location = engine.database("crm").table(TESTER, "person", ReadAt.HEAD).value().id();
    }
    Path table;
    try (Stream<Path> found = Files.walk(folder)) {
      table = found.filter(path -> path.endsWith(location)).findFirst().orElseThrow();
    }
    try (Stream<Path> found = Files.list(table.resolve("data"))) {
      List<Path> files = found.toList();
      assertThat(files).hasSize(1);
      return files.get(0);
    }
  }
}
