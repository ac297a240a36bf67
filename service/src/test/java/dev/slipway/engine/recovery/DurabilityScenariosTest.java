package dev.slipway.engine.recovery;

import static dev.slipway.engine.fault.StoreCall.Kind.DELETE;
import static dev.slipway.engine.fault.StoreCall.Kind.LIST;
import static dev.slipway.engine.fault.StoreCall.Kind.PUT;
import static dev.slipway.engine.recovery.Scene.assertAcknowledged;
import static dev.slipway.engine.recovery.Scene.home;
import static dev.slipway.engine.recovery.Scene.ids;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.Faults;
import dev.slipway.engine.fault.StoreCall;
import dev.slipway.engine.log.SealedJson;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.matrix.Ledger.Answer;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Scenarios 11 to 13: intents and log records that can't be written, deleted or read. */
@ExtendWith(QuietLogs.class)
class DurabilityScenariosTest {
  private static final String INTENTS = "/intents/";

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void scenario11_commitWithNothingToDo_writesNoIntent(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      Faults.Armed<StoreCall> written =
          client.engine().store().always(StoreCall.of(PUT, INTENTS), Effect.run(() -> {}));

      client.database().commit(TESTER, ReadAt.MAIN, List.of(), CommitOptions.NONE);
      client.database().commit(TESTER, ReadAt.MAIN, List.of(), EngineFixture.request("nothing"));
      client.database().outcome(TESTER, "fenced", true);

      assertThat(written.wasHit()).isFalse();
      assertThat(client.database().outcome(TESTER, "nothing", false))
          .isInstanceOf(Outcome.Committed.class);
      assertAcknowledged(scene.append(client, "something", 10));
      assertThat(written.wasHit()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario12_publishedButTheAnswerWasLost_isASuccessOnce(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      client.engine().store().once(StoreCall.of(PUT, "/log/"), Effect.loseAnswer());
      assertThat(scene.append(client, "insert", 10)).isEqualTo(new Answer.Acknowledged(5));
      client.engine().store().once(StoreCall.of(PUT, "/log/"), Effect.vanish());
      assertThat(scene.append(client, "insert-2", 11)).isEqualTo(new Answer.Acknowledged(6));
      assertThat(client.database().head()).isEqualTo(6);
      assertThat(ids(client, "person")).containsExactly(1L, 2L, 3L, 10L, 11L);
      scene.judge(client);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario13_intentThatCantBeWritten_movesNothingAndSaysSo(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      client.engine().store().once(StoreCall.of(PUT, INTENTS), Effect.fail());
      assertRefused(scene.append(client, "insert", 10), ErrorReason.BACKEND_UNAVAILABLE);
      assertThat(client.database().head()).isEqualTo(4);
      assertThat(scene.intents(client)).isEmpty();
      assertThat(client.database().outcome(TESTER, "insert", false))
          .isEqualTo(new Outcome.NotFound());
      assertAcknowledged(scene.append(client, "insert", 10));
      scene.judge(client);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario13_intentThatMayBeWritten_isAbortedBeforeItsClientIsTold(BackendKind kind) {
    Effect backendBroke =
        new Effect() {
          @Override
          public void after() {
            throw StorageException.of(StorageErrorCode.INTERNAL, "injected: who knows");
          }
        };
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      for (Effect effect : List.of(Effect.loseAnswer(), Effect.vanish(), backendBroke)) {
        long head = client.database().head();
        client.engine().store().once(StoreCall.of(PUT, INTENTS), effect);
        assertRefused(scene.append(client, "insert", 10), ErrorReason.BACKEND_UNAVAILABLE);
        client.engine().fixture().awaitIdle();
        assertThat(client.database().head()).as("the abort's revision").isEqualTo(head + 1);
        assertThat(scene.intents(client)).isEmpty();
        assertThat(client.database().outcome(TESTER, "insert", false))
            .as("the request isn't decided: it may be tried again")
            .isEqualTo(new Outcome.NotFound());
      }
      client.engine().close();
      Client next = scene.open("next");
      assertThat(ids(next, "person")).containsExactly(1L, 2L, 3L);
      assertAcknowledged(scene.append(next, "insert", 10));
      scene.judge(next);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario13_intentThatCantBeDeleted_isASuccessAndTheNextPassDeletesIt(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      client.engine().store().once(StoreCall.of(DELETE, INTENTS), Effect.fail());
      assertAcknowledged(scene.append(client, "insert", 10));
      client.engine().fixture().awaitIdle();
      assertThat(scene.intents(client)).hasSize(1);
      long head = client.database().head();
      assertThat(client.database().recover(TESTER).resolved()).isEqualTo(1);
      assertThat(scene.intents(client)).isEmpty();
      assertThat(client.database().head()).isEqualTo(head);
      scene.judge(client);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario13_intentsThatCantBeListed_failLoudlyAtOpenToo(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      client.engine().store().once(StoreCall.of(LIST, INTENTS), Effect.fail());
      assertThat(reasonOf(() -> client.database().recover(TESTER)))
          .isEqualTo(ErrorReason.BACKEND_UNAVAILABLE);
      Client next = scene.start("next");
      next.engine().store().once(StoreCall.of(LIST, INTENTS), Effect.fail());
      assertThat(reasonOf(next::database)).isEqualTo(ErrorReason.BACKEND_UNAVAILABLE);
      assertThat(next.database().head()).isEqualTo(4);
      scene.judge(next);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario13_unreadableIntents_areQuarantinedAndBlockNothing(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client first = scene.open("first");
      String intents = home(first) + INTENTS;
      byte[] future = SealedJson.seal(Map.of("format", 2, "plan", List.of("unheard of")));
      scene.metadata().putIfAbsent(intents + "01aaaaaaaaaaaaaaaaaaaaaaaa", future);
      scene
          .metadata()
          .putIfAbsent(
              intents + "01bbbbbbbbbbbbbbbbbbbbbbbb",
              "not an intent".getBytes(StandardCharsets.UTF_8));

      Client next = scene.open("next");

      assertThat(next.database().recover(TESTER).quarantined())
          .containsOnlyKeys("01aaaaaaaaaaaaaaaaaaaaaaaa", "01bbbbbbbbbbbbbbbbbbbbbbbb");
      assertAcknowledged(scene.append(next, "insert", 10));
      assertAcknowledged(scene.append(first, "insert-2", 11));
      assertThat(next.database().outcome(TESTER, "unheard-of", false))
          .isEqualTo(new Outcome.NotFound());
      // A commit is answered before its own intent is deleted.
      Awaitility.await().untilAsserted(() -> assertThat(scene.intents(next)).hasSize(2));
      scene.metadata().delete(intents + "01aaaaaaaaaaaaaaaaaaaaaaaa");
      scene.metadata().delete(intents + "01bbbbbbbbbbbbbbbbbbbbbbbb");
      assertThat(next.database().recover(TESTER).quarantined()).isEmpty();
      scene.judge(next);
    }
  }

  private static ErrorReason reasonOf(Runnable call) {
    return Optional.ofNullable(catchThrowableOfType(SlipwayException.class, call::run))
        .orElseThrow()
        .reason();
  }

  private static void assertRefused(Answer answer, ErrorReason reason) {
    assertThat(answer)
        .isInstanceOfSatisfying(
            Answer.Refused.class, refused -> assertThat(refused.reason()).isEqualTo(reason));
  }
}
