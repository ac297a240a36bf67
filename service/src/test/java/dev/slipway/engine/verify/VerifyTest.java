package dev.slipway.engine.verify;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.Database;
import dev.slipway.engine.Finding;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.StagedWriteInfo;
import dev.slipway.engine.TableInfo;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.commit.Intent;
import dev.slipway.engine.commit.IntentStore;
import dev.slipway.engine.commit.OperationSpec;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.EntryHeader;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.SealedJson;
import dev.slipway.engine.matrix.LogReader;
import dev.slipway.engine.state.CheckpointStore;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableSnapshot;
import dev.slipway.storage.VersionRef;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a check says of whole databases and of damaged ones. */
@ExtendWith(QuietLogs.class)
class VerifyTest {
  private static final WriteOperation APPEND = new WriteOperation.Append(false);

  @TempDir Path folder;

  private static Database database(EngineFixture engine) {
    Database database = engine.create("crm");
    EngineFixture.createPeople(database, "person");
    engine.append(database, "person", List.of(person(1, "Ada", 36), person(2, "Bob", 40)));
    engine.append(database, "person", List.of(person(3, "Cy", 20)));
    engine.write(database, "person", new WriteOperation.Delete(Optional.of("id = 2")), List.of());
    engine.awaitIdle();
    return database;
  }

  private static String home(Database database) {
    return "db/" + database.info().id();
  }

  private static TableId tableId(Database database) {
    return new TableId(
        database.info().id(), database.table(TESTER, "person", ReadAt.HEAD).value().id());
  }

  @ParameterizedTest
  @EnumSource
  void verify_wholeDatabase_findsNoProblem(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database database = database(engine);
      StagedWriteInfo staged =
          engine.stage(database, "person", APPEND, List.of(person(9, "Nine", 9)));

      Checked checked = Checked.of(database);
      Checked deep = Checked.of(database, true);

      assertThat(checked.problems()).isEmpty();
      assertThat(checked.of(Finding.Kind.UNREFERENCED)).isEmpty();
      assertThat(checked.summary().head()).isEqualTo(4);
      assertThat(checked.summary().records()).isEqualTo(4);
      assertThat(checked.summary().versions()).isEqualTo(4);
      assertThat(checked.summary().files()).isPositive();
      assertThat(checked.summary().bytes()).isPositive();
      assertThat(checked.summary().rows()).isZero();
      assertThat(checked.phases()).containsExactly("files", "log", "tables", "intents");
      assertThat(deep.problems()).isEmpty();
      assertThat(deep.summary().rows()).isEqualTo(2 + 3 + 2);

      database.discard(TESTER, staged.id());
      assertThat(Checked.of(database).of(Finding.Kind.UNREFERENCED)).isNotEmpty();
      assertThat(Checked.of(database).problems()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void verify_fileGone_namesFileTableAndRevision(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database database = database(engine);
      TableId table = tableId(database);
      CheckpointStore checkpoints =
          new CheckpointStore(engine.backend().metadata(), home(database), FailureInjector.NONE);
      assertThat(checkpoints.revisions()).isEmpty();
      String doomed = aDataFile(engine, database);
      engine.backend().inlineResidual().deleteFiles(table, List.of(doomed));

      Checked checked = Checked.of(database);

      assertThat(checked.of(Finding.Kind.MISSING_FILE)).isNotEmpty();
      assertThat(checked.of(Finding.Kind.MISSING_FILE).toString()).contains(doomed);
      Finding first = checked.of(Finding.Kind.MISSING_FILE).get(0);
      assertThat(first.table()).startsWith("person (");
      assertThat(first.revision()).isBetween(2L, 4L);
      assertThat(checked.summary().problems()).isPositive();
    }
  }

  private static String aDataFile(EngineFixture engine, Database database) {
    TableInfo info = database.table(TESTER, "person", ReadAt.HEAD).value();
    DatabaseState head = LogReader.read(engine.backend().metadata(), database.info().id()).head();
    VersionRef ref =
        head.branch(DatabaseState.MAIN).orElseThrow().tableById(info.id()).orElseThrow().ref();
    try (TableSnapshot snapshot =
        engine.backend().tables().open(new TableId(database.info().id(), info.id()), ref)) {
      Set<String> data = engine.backend().tables().recordedSizes(snapshot).keySet();
      return data.stream().sorted().findFirst().orElseThrow();
    }
  }

  @Test
  void verify_fileOfAnotherSize_isFound() throws IOException {
    try (EngineFixture engine = EngineFixture.open(BackendKind.LANCE, folder)) {
      Database database = database(engine);
      String file = aDataFile(engine, database);
      Path path;
      try (var all = Files.walk(folder)) {
        path = all.filter(p -> p.endsWith(Path.of(file))).findFirst().orElseThrow();
      }
      Files.writeString(path, "x", StandardOpenOption.APPEND);

      Checked checked = Checked.of(database);

      assertThat(checked.of(Finding.Kind.WRONG_SIZE))
          .singleElement()
          .satisfies(finding -> assertThat(finding.resource()).isEqualTo(file));
    }
  }

  @ParameterizedTest
  @EnumSource
  void verify_intents_tellsDanglingAndUnreadableOnes(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database database = database(engine);
      MetadataStore store = engine.backend().metadata();
      IntentStore intents = new IntentStore(store, home(database));
      OperationSpec spec =
          new OperationSpec(
              "op-1", "lost-1", "d", "somebody", 3, "main", 0, List.of(), List.of(), "", Map.of());
      intents.put(new Intent("01a", 3, "elsewhere", List.of(spec)));
      store.putIfAbsent(intents.key("01b"), "{\"format\":1}".getBytes(StandardCharsets.UTF_8));

      Checked checked = Checked.of(database);

      assertThat(checked.of(Finding.Kind.DANGLING_INTENT))
          .extracting(Finding::resource)
          .containsExactly(intents.key("01a"), intents.key("01b"));
      assertThat(checked.of(Finding.Kind.DANGLING_INTENT).get(0).message())
          .contains("lost-1", "somebody");
      assertThat(checked.of(Finding.Kind.CORRUPT_RECORD))
          .extracting(Finding::resource)
          .containsExactly(intents.key("01b"));

      var unused = database.recover(TESTER);
      assertThat(Checked.of(database).of(Finding.Kind.DANGLING_INTENT))
          .extracting(Finding::resource)
          .containsExactly(intents.key("01b"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void verify_checkpoints_tellsDamagedAndUntrueOnes(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database database = database(engine);
      MetadataStore store = engine.backend().metadata();
      CheckpointStore checkpoints =
          new CheckpointStore(store, home(database), FailureInjector.NONE);
      LogReader log = LogReader.read(store, database.info().id());
      checkpoints.write(log.at(2));
      store.putIfAbsent(checkpoints.key(3), SealedJson.seal(Map.of("format", 1, "nonsense", true)));
      EntryHeader header = new EntryHeader("op", null, null, "x", 3, log.at(3).lastTime() + 1);
      LogEntry other = new LogEntry.Abort(header, "", "CANCELLED", "", List.of(), false, null);
      checkpoints.write(
          log.at(3).apply(new LogBatch(database.info().id(), "n", 4, List.of(other))));

      Checked checked = Checked.of(database);

      assertThat(checked.summary().checkpoints()).isEqualTo(2);
      assertThat(checked.of(Finding.Kind.CORRUPT_RECORD))
          .extracting(Finding::resource)
          .containsExactly(checkpoints.key(3));
      assertThat(checked.of(Finding.Kind.CHECKPOINT_DIFFERS))
          .extracting(Finding::resource)
          .containsExactly(checkpoints.key(4));
    }
  }

  @ParameterizedTest
  @EnumSource
  void verify_logRecordGone_isFoundByTheOneAfterIt(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database database = database(engine);
      MetadataStore store = engine.backend().metadata();
      String key = home(database) + "/log/" + "0000000000000000003";
      store.delete(key);

      assertThat(Checked.of(database).of(Finding.Kind.MISSING_RECORD))
          .singleElement()
          .satisfies(
              finding -> {
                assertThat(finding.resource()).isEqualTo(key);
                assertThat(finding.revision()).isEqualTo(3);
              });
    }
  }
}
