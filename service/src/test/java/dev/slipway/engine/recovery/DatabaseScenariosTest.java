package dev.slipway.engine.recovery;

import static dev.slipway.engine.fault.StoreCall.Kind.PUT;
import static dev.slipway.engine.recovery.ChangeKind.CUSTOMER;
import static dev.slipway.engine.recovery.ChangeKind.EVERYWHERE;
import static dev.slipway.engine.recovery.ChangeKind.PERSON;
import static dev.slipway.engine.recovery.Scene.assertAcknowledged;
import static dev.slipway.engine.recovery.Scene.assertRefused;
import static dev.slipway.engine.recovery.Scene.failsAt;
import static dev.slipway.engine.recovery.Scene.holdsAt;
import static dev.slipway.engine.recovery.Scene.ids;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static dev.slipway.engine.testkit.Refusals.reasonOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.Database;
import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.Databases;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.TableInfo;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.Gate;
import dev.slipway.engine.fault.StoreCall;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.matrix.Ledger.Answer;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.QuietLogs;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Scenarios 18e and 22: databases that are dropped, created again, or created half way. */
@ExtendWith(QuietLogs.class)
class DatabaseScenariosTest {
  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource(EVERYWHERE)
  void scenario18e_databaseDroppedAndRecreated_getsNothingOfWhoHadItOpen(
      BackendKind backend, ChangeKind kind) {
    try (Scene scene = new Scene(backend, folder)) {
      Client other = scene.open("other");
      Client holder = scene.open("holder");
      Database old = holder.database();
      holder.stage("staged", ChangeKind.APPEND.staging(PERSON));
      Gate gate = holdsAt(holder, FailPoint.COMMIT_BEFORE_PUBLISH);
      CompletableFuture<Answer> underWay = scene.later(() -> scene.act(holder, "change", kind));
      gate.awaitReached();

      Databases databases = other.engine().fixture().databases();
      databases.drop(TESTER, Client.DATABASE, true);
      DatabaseInfo created = databases.create(TESTER, Client.DATABASE, Optional.empty());
      for (String table : List.of(PERSON, CUSTOMER)) {
        EngineFixture.createPeople(other.database(), table);
      }
      gate.release();

      assertRefused(underWay.join(), ErrorReason.DATABASE_NOT_FOUND);
      assertGone(holder, old);
      assertThat(holder.database().info()).isEqualTo(created).isNotEqualTo(old.info());
      for (Client each : List.of(holder, other)) {
        assertThat(each.database().head()).isEqualTo(2);
        assertThat(each.database().tables(TESTER, ReadAt.HEAD, "", 10).value())
            .extracting(TableInfo::name)
            .containsExactly(CUSTOMER, PERSON);
        assertThat(ids(each, PERSON)).isEmpty();
        assertThat(ids(each, CUSTOMER)).isEmpty();
      }
      EngineFixture engine = holder.engine().fixture();
      engine.append(holder.database(), PERSON, List.of(person(12, "new", 1)));
      assertThat(ids(other, PERSON)).containsExactly(12L);
    }
  }

  /** Whoever still holds it can neither read nor change anything by it. */
  private static void assertGone(Client client, Database old) {
    List<ThrowingCallable> calls =
        List.of(
            () -> client.engine().fixture().rows(old, PERSON),
            () -> old.tables(TESTER, ReadAt.HEAD, "", 10),
            () -> old.commitAt(TESTER, Scene.BEGINNING),
            () -> old.outcome(TESTER, "change", false),
            () -> old.status(TESTER),
            () -> old.commit(TESTER, ReadAt.MAIN, List.of("staged"), CommitOptions.NONE),
            () -> old.commit(TESTER, ReadAt.MAIN, List.of(), EngineFixture.request("empty")),
            () -> EngineFixture.createPeople(old, "more"),
            () -> old.dropTable(TESTER, ReadAt.MAIN, PERSON, Optional.empty()),
            () -> old.renameTable(TESTER, ReadAt.MAIN, PERSON, "people", Optional.empty()),
            () -> old.renew(TESTER, "staged"),
            () -> old.cleanup(TESTER, CleanupPolicy.EVERYTHING, false, row -> {}));
    for (int i = 0; i < calls.size(); i++) {
      assertThat(reasonOf(calls.get(i))).as("call %d", i).isEqualTo(ErrorReason.DATABASE_NOT_FOUND);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario22_creationThatFailsHalfWay_saysWhyAndLeavesTheNameFree(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      Databases databases = client.engine().fixture().databases();
      client.engine().store().once(StoreCall.of(PUT, "format.json"), Effect.fail());
      SlipwayException told =
          catchThrowableOfType(
              SlipwayException.class, () -> databases.create(TESTER, "half", Optional.empty()));
      assertThat(told.reason()).isEqualTo(ErrorReason.BACKEND_UNAVAILABLE);
      assertThat(told).hasMessageContaining("injected");
      client.engine().store().always(StoreCall.of(PUT, "catalog/"), Effect.fail());
      assertThat(reasonOf(() -> databases.create(TESTER, "half", Optional.empty())))
          .isEqualTo(ErrorReason.OUTCOME_UNKNOWN);
      client.engine().clearFaults();
      assertThat(names(databases)).containsExactly(Client.DATABASE);
      databases.create(TESTER, "half", Optional.empty());
      assertThat(names(databases)).containsExactly(Client.DATABASE, "half");
      failsAt(client, FailPoint.DATABASE_BEFORE_CLAIM);
      assertThat(reasonOf(() -> databases.create(TESTER, "quarter", Optional.empty())))
          .isEqualTo(ErrorReason.BACKEND_UNAVAILABLE);
      DatabaseInfo created = databases.create(TESTER, "quarter", Optional.empty());
      EngineFixture.createPeople(databases.database(TESTER, "quarter"), "person");
      assertThat(scene.start("next").engine().fixture().databases().list(TESTER, "", 10))
          .contains(created);
      scene.judge(client);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario22_creationOverAnExistingOne_isRefusedAndHarmsNothing(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      Databases databases = client.engine().fixture().databases();
      for (String name : List.of(Client.DATABASE, "CRM")) {
        assertThat(reasonOf(() -> databases.create(TESTER, name, Optional.empty())))
            .isEqualTo(ErrorReason.DATABASE_EXISTS);
      }
      assertAcknowledged(scene.append(client, "insert", 10));
      assertThat(ids(client, "person")).containsExactly(1L, 2L, 3L, 10L);
      scene.judge(client);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario22_creationThatLosesItsRace_isRefusedAndHarmsNothing(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client slow = scene.open("slow");
      Client other = scene.open("other");
      Gate gate = new Gate();
      slow.engine().store().once(StoreCall.of(PUT, "catalog/log/"), gate);
      CompletableFuture<DatabaseInfo> losing =
          scene.later(
              () -> slow.engine().fixture().databases().create(TESTER, "new", Optional.empty()));
      gate.awaitReached();
      Database created = other.engine().fixture().create("new");
      EngineFixture.createPeople(created, PERSON);
      other.engine().fixture().append(created, PERSON, List.of(person(1, "Ada", 36)));
      gate.release();

      assertThat(reasonOf(losing::join)).isEqualTo(ErrorReason.DATABASE_EXISTS);
      Database found = slow.engine().database("new");
      assertThat(found.info()).isEqualTo(created.info());
      assertThat(slow.engine().fixture().rows(found, PERSON))
          .isEqualTo(List.of(person(1, "Ada", 36)));
      assertThat(names(slow.engine().fixture().databases()))
          .containsExactly(Client.DATABASE, "new");
    }
  }

  private static List<String> names(Databases databases) {
    return databases.list(TESTER, "", 10).stream().map(DatabaseInfo::name).toList();
  }
}
