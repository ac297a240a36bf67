package dev.slipway.engine.database;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static dev.slipway.engine.testkit.Refusals.reasonOf;
import static dev.slipway.engine.testkit.Refusals.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.Database;
import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Finding;
import dev.slipway.engine.VerifyListener;
import dev.slipway.engine.database.LogRepair.Poison;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.Verdict;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.Options;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.MetadataStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Verdicts on records, those of the catalog too: what they hold on, and what they don't. */
@ExtendWith(QuietLogs.class)
class LogRepairTest {
  @TempDir Path folder;

  /** A database with a row in revision 2 and another in revision 3, the newest. */
  private static LogStore log(EngineFixture engine) {
    Database database = engine.create("crm");
    EngineFixture.createPeople(database, "person");
    engine.append(database, "person", List.of(person(1, "Ada", 36)));
    engine.append(database, "person", List.of(person(2, "Bob", 40)));
    engine.awaitIdle();
    return new LogStore(engine.backend().metadata(), "db/" + database.info().id());
  }

  private static byte[] spoil(EngineFixture engine, String key, int at) {
    MetadataStore store = engine.backend().metadata();
    byte[] whole = store.get(key).orElseThrow();
    byte[] damaged = whole.clone();
    damaged[at] ^= 1;
    replace(store, key, damaged);
    return whole;
  }

  private static void replace(MetadataStore store, String key, byte[] bytes) {
    store.delete(key);
    assertThat(store.putIfAbsent(key, bytes)).isTrue();
  }

  /** As a server that starts now sees it. */
  private static void fresh(EngineFixture engine, Consumer<EngineFixture> look) {
    try (EngineFixture other =
        engine.another(FailureInjector.NONE, Options.checkpointEvery(1_000), "fresh")) {
      look.accept(other);
      other.awaitIdle();
    }
  }

  private static void assertReadOnlyAt(EngineFixture engine, long revision) {
    fresh(
        engine,
        server -> {
          Database database = server.database("crm");
          assertThat(database.head()).isEqualTo(revision);
          assertThat(reasonOf(() -> server.append(database, "person", List.of(person(9, "N", 9)))))
              .isEqualTo(ErrorReason.CORRUPT_RECORD);
        });
  }

  @ParameterizedTest
  @EnumSource
  void verdict_onOtherBytesThanTheRecords_countsForNothing(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      LogStore log = log(engine);
      byte[] whole = spoil(engine, log.key(3), 40);
      LogRepair repair = new LogRepair(engine.backend().metadata());
      Poison poison = repair.find("crm").orElseThrow();
      repair.declareVoid(poison, "operator", "disk", 1);
      fresh(engine, server -> assertThat(server.rows(server.database("crm"), "person")).hasSize(1));

      // Damaged otherwise: nobody has judged that.
      replace(engine.backend().metadata(), log.key(3), whole);
      spoil(engine, log.key(3), 41);
      assertReadOnlyAt(engine, 2);
      Poison again = repair.find("crm").orElseThrow();
      assertThat(refusal(() -> repair.declareVoid(again, "operator", "again", 2)))
          .hasMessageContaining(log.verdicts().key(3))
          .hasMessageContaining("exists already, and is damaged or on other bytes");

      // Restored: it counts again.
      replace(engine.backend().metadata(), log.key(3), whole);
      assertThat(repair.find("crm")).isEmpty();
      fresh(
          engine,
          server -> {
            assertThat(server.rows(server.database("crm"), "person")).hasSize(2);
            server.append(server.database("crm"), "person", List.of(person(3, "Cy", 1)));
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void verdict_thatIsDamaged_leavesItsRecordRefusedUntilItIsMovedAway(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      LogStore log = log(engine);
      spoil(engine, log.key(3), 40);
      LogRepair repair = new LogRepair(engine.backend().metadata());
      repair.declareVoid(repair.find("crm").orElseThrow(), "operator", "disk", 1);
      assertThat(repair.find("crm")).isEmpty();
      String verdict = log.verdicts().key(3);
      spoil(engine, verdict, 30);

      assertReadOnlyAt(engine, 2);
      Poison poison = repair.find("crm").orElseThrow();
      assertThat(poison.key()).isEqualTo(log.key(3));
      assertThat(refusal(() -> repair.declareVoid(poison, "operator", "again", 2)))
          .hasMessageContaining(verdict + " exists already, and is damaged or on other bytes");

      engine.backend().metadata().delete(verdict);
      repair.declareVoid(poison, "operator", "again", 2);
      fresh(
          engine,
          server -> {
            Database database = server.database("crm");
            server.append(database, "person", List.of(person(3, "Cy", 1)));
            assertThat(server.rows(database, "person")).hasSize(2);
          });
    }
  }

  /**
   * ADR 6: all processes and releases fold the same, whether they would refuse the record or not.
   */
  @ParameterizedTest
  @EnumSource
  void verdict_onARecordThatTheFoldAccepts_emptiesItAllTheSame(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      LogStore log = log(engine);
      byte[] sound = log.bytes(3).orElseThrow();
      assertThat(
              log.verdicts()
                  .put(Verdict.of(3, sound, 1, "refused by another release", "r", "operator", 1)))
          .isTrue();

      fresh(
          engine,
          server -> {
            Database database = server.database("crm");
            assertThat(database.head()).isEqualTo(3);
            assertThat(database.condition().readOnly()).isEmpty();
            assertThat(server.rows(database, "person")).containsExactly(person(1, "Ada", 36));
            assertThat(reasonOf(() -> database.commitAt(TESTER, 3)))
                .isEqualTo(ErrorReason.REVISION_NOT_FOUND);
            server.append(database, "person", List.of(person(3, "Cy", 1)));
            assertThat(server.rows(database, "person")).hasSize(2);
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void repair_ofTheCatalogsNewestRecord_letsDatabasesBeCreatedAndDroppedAgain(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      engine.create("kept");
      engine.create("lost");
      MetadataStore store = engine.backend().metadata();
      LogStore catalog = new LogStore(store, "catalog");
      LogRepair repair = new LogRepair(store);
      assertThat(repair.findInCatalog()).isEmpty();
      spoil(engine, catalog.key(2), 50);
      fresh(
          engine,
          server -> {
            assertThat(reasonOf(() -> server.create("next"))).isEqualTo(ErrorReason.CORRUPT_RECORD);
            assertThat(reasonOf(() -> server.databases().drop(TESTER, "kept", true)))
                .isEqualTo(ErrorReason.CORRUPT_RECORD);
            // What was there before the record goes on.
            assertThat(names(server)).containsExactly("kept");
            EngineFixture.createPeople(server.database("kept"), "person");
            server.append(server.database("kept"), "person", List.of(person(1, "Ada", 1)));
            assertThat(reasonOf(() -> server.database("lost")))
                .isEqualTo(ErrorReason.DATABASE_NOT_FOUND);
          });

      Poison poison = repair.findInCatalog().orElseThrow();
      assertThat(poison.key()).isEqualTo(catalog.key(2));
      assertThat(poison.entries()).isEqualTo(1);
      repair.declareVoid(poison, "operator", "disk", 1);

      assertThat(repair.findInCatalog()).isEmpty();
      fresh(
          engine,
          server -> {
            assertThat(names(server)).containsExactly("kept");
            assertThat(server.rows(server.database("kept"), "person")).hasSize(1);
            server.create("lost");
            server.databases().drop(TESTER, "kept", true);
            assertThat(names(server)).containsExactly("lost");
            assertThat(findings(server))
                .containsExactly(Finding.Kind.VOIDED_RECORD + " " + catalog.key(2));
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void repair_ofTheCatalogsRecordOfADrop_leavesADropThatCanBeDoneAgain(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      engine.create("crm");
      engine.databases().drop(TESTER, "crm", true);
      LogRepair repair = new LogRepair(engine.backend().metadata());
      spoil(engine, new LogStore(engine.backend().metadata(), "catalog").key(2), 50);
      repair.declareVoid(repair.findInCatalog().orElseThrow(), "operator", "disk", 1);

      fresh(
          engine,
          server -> {
            server.create("crm");
            EngineFixture.createPeople(server.database("crm"), "person");
            assertThat(names(server)).containsExactly("crm");
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void repair_ofACatalogWithALaterRecord_refuses(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      engine.create("one");
      engine.create("two");
      MetadataStore store = engine.backend().metadata();
      LogStore catalog = new LogStore(store, "catalog");
      replace(store, catalog.key(1), "{}".getBytes(StandardCharsets.UTF_8));
      LogRepair repair = new LogRepair(store);
      Poison poison = repair.findInCatalog().orElseThrow();

      assertThat(refusal(() -> repair.declareVoid(poison, "operator", "no", 1)))
          .hasMessageContaining("there is a later record, " + catalog.key(2));
      assertThat(store.get(catalog.verdicts().key(1))).isEqualTo(Optional.empty());
    }
  }

  private static List<String> names(EngineFixture engine) {
    return engine.databases().list(TESTER, "", 10).stream().map(DatabaseInfo::name).toList();
  }

  private static List<String> findings(EngineFixture engine) {
    List<String> found = new ArrayList<>();
    var unused =
        engine
            .databases()
            .verifyCatalog(
                TESTER,
                new VerifyListener() {
                  @Override
                  public void found(Finding finding) {
                    found.add(finding.kind() + " " + finding.resource());
                  }

                  @Override
                  public void progress(String phase, long done, long total) {
                    assertThat(done).isNotNegative();
                  }
                });
    return found;
  }
}
