package dev.slipway.engine.recovery;

import static dev.slipway.engine.recovery.ChangeKind.PERSON;
import static dev.slipway.engine.recovery.Scene.assertAcknowledged;
import static dev.slipway.engine.recovery.Scene.assertUnknown;
import static dev.slipway.engine.recovery.Scene.holdsAt;
import static dev.slipway.engine.recovery.Scene.home;
import static dev.slipway.engine.recovery.Scene.ids;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.Options.checkpointEvery;
import static dev.slipway.engine.testkit.Refusals.reasonOf;
import static dev.slipway.engine.testkit.Refusals.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Finding;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.VerifyListener;
import dev.slipway.engine.VerifySummary;
import dev.slipway.engine.database.LogRepair;
import dev.slipway.engine.database.LogRepair.Poison;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.Gate;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.matrix.Ledger.Answer;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.QuietLogs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Scenario 18i: a record that the fold refuses, planted by hand, and the way out. */
@ExtendWith(QuietLogs.class)
class PoisonScenariosTest {
  @TempDir Path folder;

  static Stream<Arguments> poisons() {
    return Stream.of(BackendKind.values())
        .flatMap(
            backend ->
                Stream.of(PlantedRecord.values()).map(poison -> Arguments.of(backend, poison)));
  }

  @ParameterizedTest
  @MethodSource("poisons")
  void scenario18i_refusedRecord_makesTheDatabaseReadOnlyAndRepairVoidsIt(
      BackendKind backend, PlantedRecord planted) {
    try (Scene scene = new Scene(backend, folder)) {
      Client client = scene.open("first", checkpointEvery(3));
      assertAcknowledged(scene.append(client, "before", 10));
      client.engine().fixture().awaitIdle();
      String key = planted.plant(scene, client);

      // In this process and in one that opens it now.
      Client second = scene.open("second");
      for (Client each : List.of(client, second)) {
        assertNotUnreadable(each);
        assertReadOnly(each, planted, key);
        assertNotUnreadable(each);
      }
      client.engine().close();
      second.engine().close();

      LogRepair repair = new LogRepair(scene.metadata());
      Poison poison = repair.find(Client.DATABASE).orElseThrow();
      assertThat(poison.revision()).isEqualTo(6);
      assertThat(poison.entries()).isEqualTo(planted.size());
      assertThat(poison.key()).isEqualTo(key);
      repair.declareVoid(poison, "operator", "planted by hand", 1);
      assertThat(repair.find(Client.DATABASE)).isEmpty();
      assertThat(refusal(() -> repair.declareVoid(poison, "operator", "again", 2)))
          .hasMessageContaining("exists already");

      assertWritableAfterTheVoid(scene, scene.open("third", checkpointEvery(3)), planted.size());
      // From a checkpoint after it and from the log alone alike.
      assertThat(scene.open("fourth").database().head()).isEqualTo(6 + planted.size());
    }
  }

  private static void assertReadOnly(Client client, PlantedRecord planted, String key) {
    Database database = client.database();
    assertThat(database.condition().readOnly()).get().asString().containsAnyOf(key, "revision 6");
    assertThat(database.status(TESTER).condition()).isEqualTo(database.condition());
    List<String> log = keys(client);
    for (ChangeKind kind : ChangeKind.values()) {
      assertThat(reasonOf(() -> kind.act(client, "refused-" + kind)))
          .as("%s", kind)
          .isEqualTo(ErrorReason.CORRUPT_RECORD);
    }
    // One that would raise floors, and one that needn't.
    for (CleanupPolicy policy : List.of(CleanupPolicy.EVERYTHING, CleanupPolicy.DEFAULT)) {
      assertThat(reasonOf(() -> database.cleanup(TESTER, policy, false, row -> {})))
          .isEqualTo(ErrorReason.CORRUPT_RECORD);
    }
    assertThat(
            reasonOf(
                () -> client.engine().fixture().databases().drop(TESTER, Client.DATABASE, true)))
        .isEqualTo(ErrorReason.CORRUPT_RECORD);
    assertThat(reasonOf(() -> database.outcome(TESTER, "fenced", true)))
        .isEqualTo(ErrorReason.CORRUPT_RECORD);
    assertThat(database.recover(TESTER).resolved()).isZero();
    assertThat(keys(client)).as("keys of the log").isEqualTo(log);
    assertThat(findings(client))
        .extracting(Finding::kind, Finding::resource)
        .contains(tuple(planted.finding(), key));
  }

  private static List<String> keys(Client client) {
    return client.engine().fixture().backend().metadata().list(home(client) + "/log/", "", 100);
  }

  private static void assertNotUnreadable(Client client) {
    Database database = client.database();
    assertThat(database.head()).isEqualTo(5);
    assertThat(ids(client, PERSON)).containsExactly(1L, 2L, 3L, 10L);
    assertThat(rowsAt(client, 4)).hasSize(3);
    assertThat(database.tables(TESTER, ReadAt.HEAD, "", 10).value()).hasSize(2);
    assertThat(database.commitAt(TESTER, 5).requestId()).contains("before");
    assertThat(database.outcome(TESTER, "before", false)).isEqualTo(new Outcome.Committed(5));
  }

  private static List<Map<String, @Nullable Object>> rowsAt(Client client, long revision) {
    return client.engine().fixture().rows(client.database(), PERSON, ReadAt.revision(revision));
  }

  /** Its revisions are taken, nothing is in them, and all goes on behind them. */
  private static void assertWritableAfterTheVoid(Scene scene, Client client, int size) {
    Database database = client.database();
    assertThat(database.head()).isEqualTo(5 + size);
    assertThat(database.condition().readOnly()).isEmpty();
    assertThat(scene.append(client, "after", 12)).isEqualTo(new Answer.Acknowledged(6 + size));
    assertThat(ids(client, PERSON)).containsExactly(1L, 2L, 3L, 10L, 12L);
    for (int i = 0; i < size; i++) {
      long revision = 6L + i;
      assertThat(rowsAt(client, revision)).hasSize(4);
      assertThat(reasonOf(() -> database.commitAt(TESTER, revision)))
          .isEqualTo(ErrorReason.REVISION_NOT_FOUND);
      assertThat(database.outcome(TESTER, "planted-" + i, false)).isEqualTo(new Outcome.NotFound());
    }
    client.engine().fixture().awaitIdle();
    assertThat(findings(client))
        .filteredOn(found -> found.kind() != Finding.Kind.UNREFERENCED)
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.kind()).isEqualTo(Finding.Kind.VOIDED_RECORD);
              assertThat(found.revision()).isEqualTo(6);
              assertThat(found.message()).contains("operator", "planted by hand");
            });
  }

  @ParameterizedTest
  @EnumSource
  void scenario18i_commitUnderWayAsTheRecordComes_isUnknownAndResolvedAfterTheRepair(
      BackendKind backend) {
    try (Scene scene = new Scene(backend, folder)) {
      Client client = scene.open("first");
      Gate gate = holdsAt(client, FailPoint.COMMIT_BEFORE_PUBLISH);
      CompletableFuture<Answer> slow = scene.later(() -> scene.append(client, "slow", 10));
      gate.awaitReached();
      String key = PlantedRecord.UNKNOWN_KIND.plant(scene, client);
      gate.release();

      assertUnknown(slow.join());
      assertThat(scene.intents()).hasSize(1);
      assertThat(ids(client, PERSON)).containsExactly(1L, 2L, 3L);
      client.engine().close();
      LogRepair repair = new LogRepair(scene.metadata());
      Poison poison = repair.find(Client.DATABASE).orElseThrow();
      assertThat(poison.key()).isEqualTo(key);
      repair.declareVoid(poison, "operator", "planted by hand", 1);

      Client next = scene.open("next");
      assertThat(next.database().outcome(TESTER, "slow", false))
          .isEqualTo(new Outcome.Committed(6));
      assertThat(scene.append(next, "slow", 10)).isEqualTo(new Answer.Acknowledged(6));
      assertThat(ids(next, PERSON)).containsExactly(1L, 2L, 3L, 10L);
      assertThat(scene.intents()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario18i_newestRecordDamaged_canBeVoidedToo(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      assertAcknowledged(scene.append(client, "lost", 10));
      client.engine().fixture().awaitIdle();
      damage(scene, client, 5);
      client.engine().close();

      LogRepair repair = new LogRepair(scene.metadata());
      Poison poison = repair.find(Client.DATABASE).orElseThrow();
      assertThat(poison.entries()).isEqualTo(1);
      repair.declareVoid(poison, "operator", "disk", 1);

      Client next = scene.open("next");
      assertThat(ids(next, PERSON)).containsExactly(1L, 2L, 3L);
      assertThat(scene.append(next, "after", 11)).isEqualTo(new Answer.Acknowledged(6));
    }
  }

  /** Flips a bit of a record that was sound; gives its key. */
  private static String damage(Scene scene, Client client, long revision) {
    LogStore log = new LogStore(scene.metadata(), home(client));
    byte[] bytes = log.bytes(revision).orElseThrow();
    bytes[50] ^= 1;
    scene.metadata().delete(log.key(revision));
    assertThat(scene.metadata().putIfAbsent(log.key(revision), bytes)).isTrue();
    return log.key(revision);
  }

  @ParameterizedTest
  @EnumSource
  void repair_whereALaterRecordExistsOrNothingIsWrong_refuses(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      assertAcknowledged(scene.append(client, "one", 10));
      assertAcknowledged(scene.append(client, "two", 11));
      client.engine().fixture().awaitIdle();
      LogRepair repair = new LogRepair(scene.metadata());
      assertThat(repair.find(Client.DATABASE)).isEmpty();
      assertThat(reasonOf(() -> repair.find("nope"))).isEqualTo(ErrorReason.DATABASE_NOT_FOUND);

      damage(scene, client, 5);
      Poison poison = repair.find(Client.DATABASE).orElseThrow();

      assertThat(refusal(() -> repair.declareVoid(poison, "operator", "no", 1)))
          .hasMessageContaining("there is a later record, ")
          .hasMessageContaining(LogStore.digits(6));
    }
  }

  private static List<Finding> findings(Client client) {
    List<Finding> findings = new ArrayList<>();
    VerifySummary summary =
        client
            .database()
            .verify(
                TESTER,
                true,
                new VerifyListener() {
                  @Override
                  public void found(Finding finding) {
                    findings.add(finding);
                  }

                  @Override
                  public void progress(String phase, long done, long total) {
                    assertThat(phase).isNotEmpty();
                  }
                });
    assertThat(summary.problems() + summary.notices()).isEqualTo(findings.size());
    return findings;
  }
}
