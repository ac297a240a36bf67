package dev.slipway.engine.verify;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static dev.slipway.engine.verify.Damage.assertFindsOnly;
import static dev.slipway.engine.verify.Damage.home;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.Database;
import dev.slipway.engine.Finding;
import dev.slipway.engine.StagedWriteInfo;
import dev.slipway.engine.VerifyListener;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.commit.Intent;
import dev.slipway.engine.commit.IntentStore;
import dev.slipway.engine.commit.OperationSpec;
import dev.slipway.engine.database.LogRepair;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.SealedJson;
import dev.slipway.engine.matrix.LogReader;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.Options;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.MetadataStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Damage to the small objects beside a log. */
@ExtendWith(QuietLogs.class)
class VerifyObjectsTest {
  private static final WriteOperation APPEND = new WriteOperation.Append(false);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void verify_eachKindOfSealedObjectFlipped_namesIt(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database database = Damage.database(engine);
      MetadataStore store = engine.backend().metadata();
      StagedWriteInfo garbage =
          engine.stage(database, "person", APPEND, List.of(person(8, "Eight", 8)));
      database.discard(TESTER, garbage.id());
      database.cleanup(TESTER, CleanupPolicy.DEFAULT, false, row -> {});
      engine.stage(database, "person", APPEND, List.of(person(9, "Nine", 9)));
      assertThat(Checked.of(database).problems()).isEmpty();
      for (String key :
          List.of(
              home(database) + "/format.json",
              Damage.only(store, home(database) + "/cleanup/"),
              Damage.only(store, home(database) + "/staged/"))) {
        byte[] whole = Damage.flip(store, key);

        assertFindsOnly(Checked.of(database), Finding.Kind.CORRUPT_RECORD, key);

        Damage.replace(store, key, whole);
      }
      assertThat(Checked.of(database, true).problems()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void verify_formatThatIsGoneOrOfAnother_isFound(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database database = Damage.database(engine);
      Database other = engine.create("other");
      MetadataStore store = engine.backend().metadata();
      String key = home(database) + "/format.json";
      store.delete(key);
      assertFindsOnly(Checked.of(database), Finding.Kind.MISSING_RECORD, key);

      store.putIfAbsent(key, store.get(home(other) + "/format.json").orElseThrow());
      assertFindsOnly(Checked.of(database), Finding.Kind.CORRUPT_RECORD, key);
    }
  }

  @ParameterizedTest
  @EnumSource
  void verify_verdictDamagedUnderAServer_namesItAndTheRecordItIsOn(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database database = Damage.database(engine);
      String home = home(database);
      MetadataStore store = engine.backend().metadata();
      LogStore log = new LogStore(store, home);
      assertThat(store.putIfAbsent(log.key(5), "nonsense".getBytes(StandardCharsets.UTF_8)))
          .isTrue();
      LogRepair repair = new LogRepair(store);
      repair.declareVoid(repair.find("crm").orElseThrow(), "operator", "planted", 1);
      try (EngineFixture server =
          engine.another(
              dev.slipway.engine.fault.FailureInjector.NONE,
              Options.checkpointEvery(100),
              "server")) {
        Database served = server.database("crm");
        server.append(served, "person", List.of(person(6, "Six", 6)));
        server.awaitIdle();
        assertThat(Checked.of(served).problems()).isEmpty();

        Damage.flip(store, log.verdicts().key(5));

        assertThat(Checked.of(served).problems())
            .extracting(Finding::kind, Finding::resource)
            .contains(
                tuple(Finding.Kind.CORRUPT_RECORD, log.verdicts().key(5)),
                tuple(Finding.Kind.CORRUPT_RECORD, log.key(5)));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void verifyCatalog_candidateOrVerdictFlipped_namesIt(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      engine.create("one");
      engine.databases().drop(TESTER, "one", true);
      engine.databases().reclaim(TESTER, java.time.Duration.ZERO, false);
      MetadataStore store = engine.backend().metadata();
      String candidate = Damage.only(store, "catalog/cleanup/");
      String verdict = new LogStore(store, "catalog").verdicts().key(1);
      store.putIfAbsent(verdict, store.get(candidate).orElseThrow());
      assertThat(catalog(engine)).isEmpty();
      Damage.flip(store, candidate);
      Damage.flip(store, verdict);

      assertThat(catalog(engine))
          .containsExactlyInAnyOrder("CORRUPT_RECORD " + candidate, "CORRUPT_RECORD " + verdict);
    }
  }

  private static List<String> catalog(EngineFixture engine) {
    List<String> found = new ArrayList<>();
    var unused =
        engine
            .databases()
            .verifyCatalog(
                TESTER,
                new VerifyListener() {
                  @Override
                  public void progress(String phase, long done, long total) {
                    assertThat(done).isNotNegative();
                  }

                  @Override
                  public void found(Finding finding) {
                    found.add(finding.kind() + " " + finding.resource());
                  }
                });
    return found;
  }

  @ParameterizedTest
  @EnumSource
  void verify_stagedTokenThatNobodyCanRead_namesTheStagedWrite(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database database = Damage.database(engine);
      StagedWriteInfo staged =
          engine.stage(database, "person", APPEND, List.of(person(9, "Nine", 9)));
      MetadataStore store = engine.backend().metadata();
      String key = Damage.only(store, home(database) + "/staged/");
      var record =
          SealedJson.open(
              key, store.get(key).orElseThrow(), com.fasterxml.jackson.databind.JsonNode.class);
      ((com.fasterxml.jackson.databind.node.ObjectNode) record.path("staged"))
          .put("token", new byte[] {1, 0, 0});
      Damage.replace(store, key, SealedJson.seal(record));

      assertFindsOnly(
          Checked.of(database), Finding.Kind.CORRUPT_RECORD, "staged write " + staged.id());
    }
  }

  @ParameterizedTest
  @EnumSource
  void verify_intentThatIsDecided_isANoticeUntilARecoveryDeletesIt(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database database = Damage.database(engine);
      MetadataStore store = engine.backend().metadata();
      LogEntry decided = LogReader.read(store, database.info().id()).entries().get(3L);
      IntentStore intents = new IntentStore(store, home(database));
      OperationSpec spec =
          new OperationSpec(
              java.util.Objects.requireNonNull(decided).header().op(),
              null,
              "d",
              "somebody",
              2,
              "main",
              0,
              List.of(),
              List.of(),
              "",
              Map.of());
      intents.put(new Intent("01a", 2, "elsewhere", List.of(spec)));

      Checked checked = Checked.of(database);

      assertThat(checked.problems()).isEmpty();
      assertThat(checked.summary().notices()).isEqualTo(1);
      assertThat(checked.findings())
          .extracting(Finding::kind, Finding::resource)
          .containsExactly(tuple(Finding.Kind.LEFTOVER_INTENT, intents.key("01a")));

      var unused = database.recover(TESTER);
      assertThat(Checked.of(database).findings()).isEmpty();
    }
  }
}
