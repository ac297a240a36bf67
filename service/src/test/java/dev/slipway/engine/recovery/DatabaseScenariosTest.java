package dev.slipway.engine.recovery;

import static dev.slipway.engine.fault.StoreCall.Kind.PUT;
import static dev.slipway.engine.recovery.Scene.assertAcknowledged;
import static dev.slipway.engine.recovery.Scene.failsAt;
import static dev.slipway.engine.recovery.Scene.holdsAt;
import static dev.slipway.engine.recovery.Scene.ids;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.Database;
import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.Databases;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.StagedWriteInfo;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.Gate;
import dev.slipway.engine.fault.StoreCall;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.QuietLogs;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Scenarios 18e and 22: databases that are dropped, created again, or created half way. */
@ExtendWith(QuietLogs.class)
class DatabaseScenariosTest {
  private static final WriteOperation APPEND = new WriteOperation.Append(false);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void scenario18e_databaseDroppedAndRecreated_getsNothingOfWhoHadItOpen(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client other = scene.open("other");
      Client holder = scene.open("holder");
      Database old = holder.database();
      EngineFixture engine = holder.engine().fixture();
      StagedWriteInfo staged = engine.stage(old, "person", APPEND, List.of(person(10, "J", 1)));
      Gate gate = holdsAt(holder, FailPoint.COMMIT_BEFORE_PUBLISH);
      CompletableFuture<ErrorReason> underWay =
          scene.later(
              () -> reasonOf(() -> engine.append(old, "person", List.of(person(11, "late", 1)))));
      gate.awaitReached();

      Databases databases = other.engine().fixture().databases();
      databases.drop(TESTER, Client.DATABASE, true);
      databases.create(TESTER, Client.DATABASE, Optional.empty());
      EngineFixture.createPeople(other.database(), "person");
      gate.release();

      assertThat(underWay.join()).isEqualTo(ErrorReason.DATABASE_NOT_FOUND);
      assertThat(
              reasonOf(
                  () -> old.commit(TESTER, ReadAt.MAIN, List.of(staged.id()), CommitOptions.NONE)))
          .isEqualTo(ErrorReason.DATABASE_NOT_FOUND);
      assertThat(reasonOf(() -> engine.rows(old, "person")))
          .isEqualTo(ErrorReason.DATABASE_NOT_FOUND);
      assertThat(holder.database().info().id()).isNotEqualTo(old.info().id());
      assertThat(ids(holder, "person")).isEmpty();
      assertThat(holder.database().head()).isEqualTo(1);
      engine.append(holder.database(), "person", List.of(person(12, "new", 1)));
      assertThat(ids(other, "person")).containsExactly(12L);
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

  private static List<String> names(Databases databases) {
    return databases.list(TESTER, "", 10).stream().map(DatabaseInfo::name).toList();
  }

  private static ErrorReason reasonOf(Runnable call) {
    return Optional.ofNullable(catchThrowableOfType(SlipwayException.class, call::run))
        .orElseThrow()
        .reason();
  }
}
