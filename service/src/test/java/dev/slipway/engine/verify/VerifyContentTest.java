package dev.slipway.engine.verify;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static dev.slipway.engine.verify.Damage.assertFindsOnly;
import static dev.slipway.engine.verify.Damage.home;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.Database;
import dev.slipway.engine.Finding;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.log.EntryHeader;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.log.TableDelta;
import dev.slipway.engine.matrix.LogReader;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Versions that aren't what the log says, and data that can't be read. */
@ExtendWith(QuietLogs.class)
class VerifyContentTest {
  private static final WriteOperation APPEND = new WriteOperation.Append(false);

  @TempDir Path folder;

  /** Publishes a commit whose pin is the head's but for what is changed. */
  private static Pin plant(EngineFixture engine, Database database, UnaryOperator<Pin> change) {
    String id = database.info().id();
    DatabaseState head = LogReader.read(engine.backend().metadata(), id).head();
    Pin pin =
        head.branch(DatabaseState.MAIN)
            .orElseThrow()
            .tableById(Damage.tableId(database))
            .orElseThrow();
    Pin planted = change.apply(pin.as(pin.name(), pin.version() + 1));
    EntryHeader header =
        new EntryHeader("planted", null, null, "x", head.revision(), head.lastTime() + 1);
    LogEntry entry =
        new LogEntry.Commit(
            header,
            DatabaseState.MAIN,
            0,
            head.revision(),
            "",
            Map.of(),
            List.of(),
            List.of(new TableDelta("person", null, pin.version(), planted, 0, 0, false)),
            null);
    LogBatch batch = new LogBatch(id, "n", head.revision() + 1, List.of(entry));
    assertThat(new LogStore(engine.backend().metadata(), home(database)).publish(batch))
        .isEqualTo(LogStore.Put.PUBLISHED);
    return planted;
  }

  private static Pin with(Pin pin, long storage, String tx, String fingerprint, long rows) {
    return new Pin(
        pin.table(),
        pin.name(),
        pin.version(),
        storage,
        tx,
        fingerprint,
        pin.schemaRevision(),
        pin.keys(),
        rows,
        pin.bytes(),
        0);
  }

  /** The head's version by its own name, so that it is another pin of the same version. */
  private static Pin fresh(EngineFixture engine, Database database, Pin pin) {
    TableId table = new TableId(database.info().id(), pin.table());
    StorageBackend backend = engine.backend();
    try (TableSnapshot base = backend.tables().open(table, pin.ref())) {
      StagedWrite nothing =
          backend
              .tables()
              .stageDelete(
                  base,
                  new dev.slipway.storage.predicate.Predicate.Constant(false),
                  dev.slipway.storage.Cancellation.NONE);
      var made = backend.tables().commit(nothing).ref();
      return with(pin, made.storageVersion(), made.transactionId(), pin.fingerprint(), pin.rows());
    }
  }

  private static void assertWrong(Database database, Pin pin, String... message) {
    Checked checked = Checked.of(database);
    assertFindsOnly(checked, Finding.Kind.WRONG_CONTENT, "storage version " + pin.storage());
    Finding found = checked.problems().get(0);
    assertThat(found.message()).contains(message);
    assertThat(found.table()).isEqualTo("person (" + pin.table() + ")");
    assertThat(found.revision()).isEqualTo(5);
  }

  @ParameterizedTest
  @EnumSource
  void verify_pinThatSaysAnotherNumberOfRows_isWrongContent(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database database = Damage.database(engine);
      Pin pin =
          plant(
              engine,
              database,
              sound -> {
                Pin other = fresh(engine, database, sound);
                return with(other, other.storage(), other.tx(), other.fingerprint(), 3);
              });

      assertWrong(database, pin, "it has 2 rows, the log says 3");
    }
  }

  @ParameterizedTest
  @EnumSource
  void verify_pinThatSaysAnotherSchema_isWrongContent(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database database = Damage.database(engine);
      Pin pin =
          plant(
              engine,
              database,
              sound -> {
                Pin other = fresh(engine, database, sound);
                return with(other, other.storage(), other.tx(), "another", other.rows());
              });

      assertWrong(database, pin, "its schema is " + sound(engine, database), "another");
    }
  }

  private static String sound(EngineFixture engine, Database database) {
    return LogReader.read(engine.backend().metadata(), database.info().id())
        .at(4)
        .branch(DatabaseState.MAIN)
        .orElseThrow()
        .tableById(Damage.tableId(database))
        .orElseThrow()
        .fingerprint();
  }

  @ParameterizedTest
  @EnumSource
  void verify_pinOfAnotherTransactionOrNoVersionAtAll_isUnreadable(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database database = Damage.database(engine);
      Pin pin =
          plant(
              engine,
              database,
              sound -> with(sound, sound.storage(), "another", sound.fingerprint(), sound.rows()));

      assertFindsOnly(
          Checked.of(database),
          Finding.Kind.UNREADABLE_VERSION,
          "storage version " + pin.storage());
    }
  }

  @Test
  void verify_dataFileSpoiltInTheMiddle_isFoundByReadingItAlone() throws IOException {
    String name;
    try (EngineFixture engine = EngineFixture.open(BackendKind.LANCE, folder)) {
      Database database = Damage.database(engine);
      name = dataFile(engine, database);
    }
    Damage.spoilColumns(Damage.file(folder, name));
    try (EngineFixture engine = EngineFixture.open(BackendKind.LANCE, folder)) {
      Database database = engine.database("crm");

      assertThat(Checked.of(database).findings()).isEmpty();

      Checked deep = Checked.of(database, true);
      assertThat(deep.problems()).isNotEmpty();
      assertThat(deep.problems())
          .allSatisfy(
              found -> {
                assertThat(found.kind()).isEqualTo(Finding.Kind.UNREADABLE_VERSION);
                assertThat(found.table()).startsWith("person (");
              });
    }
  }

  private static String dataFile(EngineFixture engine, Database database) {
    TableId table = new TableId(database.info().id(), Damage.tableId(database));
    DatabaseState head = LogReader.read(engine.backend().metadata(), database.info().id()).head();
    Pin pin = head.branch(DatabaseState.MAIN).orElseThrow().tableById(table.table()).orElseThrow();
    try (TableSnapshot snapshot = engine.backend().tables().open(table, pin.ref())) {
      return engine.backend().tables().recordedSizes(snapshot).keySet().stream()
          .sorted()
          .findFirst()
          .orElseThrow();
    }
  }

  /** One that is whole, and of another version: only reading tells. */
  @Test
  void verify_deletionFileOfAnotherVersion_isFoundByCountingWhatIsRead() throws IOException {
    String mine;
    String others;
    try (EngineFixture engine = EngineFixture.open(BackendKind.LANCE, folder)) {
      Database database = engine.create("crm");
      mine = deleted(engine, database, "person", "id = 2");
      others = deleted(engine, database, "other", "id <> 2");
    }
    Files.copy(
        Damage.file(folder, others),
        Damage.file(folder, mine),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    try (EngineFixture engine = EngineFixture.open(BackendKind.LANCE, folder)) {
      Database database = engine.database("crm");

      assertThat(Checked.of(database).problems()).isEmpty();

      Checked deep = Checked.of(database, true);
      assertThat(deep.problems())
          .singleElement()
          .satisfies(
              found -> {
                assertThat(found.kind()).isEqualTo(Finding.Kind.WRONG_CONTENT);
                assertThat(found.message()).isEqualTo("1 rows were read, the log says 2");
              });
    }
  }

  /** Of three rows; gives the deletion file. */
  private static String deleted(
      EngineFixture engine, Database database, String table, String filter) {
    EngineFixture.createPeople(database, table);
    engine.append(
        database, table, List.of(person(1, "Ada", 1), person(2, "Bob", 2), person(3, "Cy", 3)));
    engine.write(database, table, new WriteOperation.Delete(Optional.of(filter)), List.of());
    engine.awaitIdle();
    String id = database.table(TESTER, table, ReadAt.HEAD).value().id();
    return engine
        .backend()
        .inlineResidual()
        .listFiles(new TableId(database.info().id(), id))
        .stream()
        .filter(file -> file.startsWith("_deletions/"))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @EnumSource
  void verify_stagedFileGone_namesIt(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database database = Damage.database(engine);
      String file = stagedFile(engine, database);
      TableId table = new TableId(database.info().id(), Damage.tableId(database));
      engine.backend().inlineResidual().deleteFiles(table, List.of(file));

      assertFindsOnly(Checked.of(database), Finding.Kind.MISSING_FILE, file);
      assertFindsOnly(Checked.of(database, true), Finding.Kind.MISSING_FILE, file);
    }
  }

  @Test
  void verify_stagedFileOfAnotherSize_namesIt() throws IOException {
    try (EngineFixture engine = EngineFixture.open(BackendKind.LANCE, folder)) {
      Database database = Damage.database(engine);
      String file = stagedFile(engine, database);
      Files.writeString(Damage.file(folder, file), "x", StandardOpenOption.APPEND);

      assertFindsOnly(Checked.of(database), Finding.Kind.WRONG_SIZE, file);
    }
  }

  private static String stagedFile(EngineFixture engine, Database database) {
    engine.stage(database, "person", APPEND, List.of(person(9, "Nine", 9)));
    return theNewOne(engine, database);
  }

  /** The data file that no version has. */
  private static String theNewOne(EngineFixture engine, Database database) {
    TableId table = new TableId(database.info().id(), Damage.tableId(database));
    DatabaseState head = LogReader.read(engine.backend().metadata(), database.info().id()).head();
    Pin pin = head.branch(DatabaseState.MAIN).orElseThrow().tableById(table.table()).orElseThrow();
    try (TableSnapshot snapshot = engine.backend().tables().open(table, pin.ref())) {
      var known = engine.backend().tables().files(snapshot);
      return engine.backend().inlineResidual().listFiles(table).stream()
          .filter(file -> !file.startsWith("_") && !known.contains(file))
          .findFirst()
          .orElseThrow();
    }
  }
}
