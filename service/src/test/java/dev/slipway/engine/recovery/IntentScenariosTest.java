package dev.slipway.engine.recovery;

import static dev.slipway.engine.fault.StoreCall.Kind.DELETE;
import static dev.slipway.engine.fault.StoreCall.Kind.LIST;
import static dev.slipway.engine.fault.StoreCall.Kind.PUT;
import static dev.slipway.engine.recovery.ChangeKind.EVERYWHERE;
import static dev.slipway.engine.recovery.ChangeKind.PERSON;
import static dev.slipway.engine.recovery.Scene.BEGINNING;
import static dev.slipway.engine.recovery.Scene.assertAcknowledged;
import static dev.slipway.engine.recovery.Scene.assertRefused;
import static dev.slipway.engine.recovery.Scene.assertUnknown;
import static dev.slipway.engine.recovery.Scene.diesAt;
import static dev.slipway.engine.recovery.Scene.home;
import static dev.slipway.engine.recovery.Scene.ids;
import static dev.slipway.engine.recovery.Scene.newest;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.Refusals.reasonOf;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CommitInfo;
import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Expectation;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.StoreCall;
import dev.slipway.engine.log.SealedJson;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.matrix.Ledger.Answer;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Scenarios 11 and 13: intents that needn't be, or can't be written, deleted or read. */
@ExtendWith(QuietLogs.class)
class IntentScenariosTest {
  private static final String INTENTS = "/intents/";
  private static final CommitOptions ONLY_VALIDATE =
      new CommitOptions(Optional.empty(), List.of(), "", Map.of(), true, Duration.ZERO);

  /** Keeps all history, and forgets what was staged an hour ago. */
  private static final CleanupPolicy STAGED_ONLY =
      new CleanupPolicy(1_000, Duration.ZERO, Duration.ofHours(1));

  @TempDir Path folder;

  /** Counts the intents that are written from here on. */
  private static AtomicInteger intentsWritten(Client client) {
    AtomicInteger written = new AtomicInteger();
    client
        .engine()
        .store()
        .always(StoreCall.of(PUT, INTENTS), Effect.run(written::incrementAndGet));
    return written;
  }

  @ParameterizedTest
  @EnumSource
  void scenario11_commitWithNothingToDo_writesNoIntent(BackendKind backend) {
    try (Scene scene = new Scene(backend, folder)) {
      Client client = scene.open("first");
      Database database = client.database();
      client.stage("staged", ChangeKind.APPEND.staging(PERSON));
      client.stage("discarded", ChangeKind.APPEND.staging(PERSON));
      AtomicInteger written = intentsWritten(client);

      // Empty ones: the one that can be repeated is in the log once.
      for (int i = 0; i < 2; i++) {
        assertThat(
                scene.ask(
                    client,
                    "nothing",
                    UnaryOperator.identity(),
                    () -> client.commitStaged("nothing", List.of())))
            .isEqualTo(new Answer.Acknowledged(5));
      }
      // One that is only judged, and one that is refused before it has made anything.
      assertThat(database.commit(TESTER, ReadAt.MAIN, List.of("staged"), ONLY_VALIDATE).commit())
          .extracting(CommitInfo::revision)
          .isEqualTo(0L);
      assertRefused(
          scene.ask(
              client,
              "refused",
              UnaryOperator.identity(),
              () ->
                  client.commit(
                      "refused",
                      List.of(ChangeKind.APPEND.staging(PERSON)),
                      new Expectation.BranchAt(1))),
          ErrorReason.COMMIT_CONFLICT);
      // What changes no table.
      assertThat(database.outcome(TESTER, "fenced", true)).isInstanceOf(Outcome.Aborted.class);
      scene.advance(Duration.ofHours(2));
      database.renew(TESTER, "staged");
      database.discard(TESTER, "discarded");
      assertThat(database.cleanup(TESTER, STAGED_ONLY, false, row -> {}).stagedFloor())
          .isPositive();
      client.engine().fixture().awaitIdle();

      assertThat(written).as("intents of what has nothing to do").hasValue(0);
      assertThat(newest(client).revision()).as("the empty commit").isEqualTo(5);
      assertThat(newest(client).tables()).isEmpty();
      assertAcknowledged(
          scene.ask(
              client,
              "something",
              ChangeKind.APPEND.effect(),
              () -> client.commitStaged("something", List.of("staged"))));
      assertThat(written).as("intents of what has something to do").hasValue(1);
      scene.judge(client);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario11_emptyCommitThatNobodyCanRepeat_writesNoIntent(BackendKind backend) {
    try (Scene scene = new Scene(backend, folder)) {
      Client client = scene.open("first");
      AtomicInteger written = intentsWritten(client);

      client.database().commit(TESTER, ReadAt.MAIN, List.of(), CommitOptions.NONE);

      client.engine().fixture().awaitIdle();
      assertThat(written).hasValue(0);
      assertThat(client.database().recover(TESTER).resolved()).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource(EVERYWHERE)
  void scenario13_intentThatCantBeWritten_movesNothingAndSaysSo(
      BackendKind backend, ChangeKind kind) {
    try (Scene scene = new Scene(backend, folder)) {
      Client client = scene.open("first");
      client.engine().store().once(StoreCall.of(PUT, INTENTS), Effect.fail());

      assertThat(scene.act(client, "change", kind))
          .isInstanceOfSatisfying(
              Answer.Refused.class,
              refused -> {
                assertThat(refused.reason()).isEqualTo(ErrorReason.BACKEND_UNAVAILABLE);
                assertThat(refused.message()).contains("injected: nothing was done");
              });

      assertThat(client.database().head()).isEqualTo(BEGINNING);
      assertThat(scene.intents()).isEmpty();
      assertThat(client.database().outcome(TESTER, "change", false))
          .isEqualTo(new Outcome.NotFound());
      scene.judge(client);
      assertThat(scene.act(client, "change", kind)).isEqualTo(new Answer.Acknowledged(5));
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
  void scenario13_unreadableIntents_areQuarantinedAndBlockNothing(BackendKind backend) {
    try (Scene scene = new Scene(backend, folder)) {
      Client living = scene.open("living");
      Client one = scene.open("one");
      Client two = scene.open("two");
      String damaged = leaveAnIntent(scene, one, "damaged", 10);
      String future = leaveAnIntent(scene, two, "future", 11);
      String foreign = home(living) + INTENTS + "01foreign";
      byte[] bytes = scene.metadata().get(damaged).orElseThrow();
      bytes[bytes.length / 2] ^= 1;
      replace(scene, damaged, bytes);
      ObjectNode json =
          SealedJson.open(future, scene.metadata().get(future).orElseThrow(), ObjectNode.class);
      replace(scene, future, SealedJson.seal(json.put("format", 2)));
      scene
          .metadata()
          .putIfAbsent(foreign, SealedJson.seal(Map.of("format", 3, "plan", List.of("unheard"))));

      Client next = scene.open("next");

      Map<String, String> quarantined = next.database().condition().quarantined();
      assertThat(quarantined).containsOnlyKeys(id(damaged), id(future), id(foreign));
      assertThat(quarantined.get(id(damaged))).contains("checksum");
      assertThat(quarantined.get(id(future))).contains("found 2");
      assertThat(next.database().status(TESTER).condition().quarantined()).isEqualTo(quarantined);
      assertThat(next.database().recover(TESTER).quarantined()).isEqualTo(quarantined);
      assertAcknowledged(scene.append(next, "insert", 20));
      assertAcknowledged(scene.append(living, "insert-2", 21));
      assertThat(ids(next, PERSON)).containsExactly(1L, 2L, 3L, 20L, 21L);
      for (String request : List.of("damaged", "future")) {
        assertThat(next.database().outcome(TESTER, request, false))
            .isEqualTo(new Outcome.NotFound());
      }
      // Their clients may try again: no intent that can't be read lands any more.
      assertAcknowledged(scene.append(next, "damaged", 10));
      // A commit is answered before its own intent is deleted.
      next.engine().fixture().awaitIdle();
      living.engine().fixture().awaitIdle();
      assertThat(scene.intents()).containsExactlyInAnyOrder(damaged, future, foreign);
      List.of(damaged, future, foreign).forEach(scene.metadata()::delete);
      assertThat(next.database().recover(TESTER).quarantined()).isEmpty();
      assertThat(next.database().condition().quarantined()).isEmpty();
      scene.judge(next);
    }
  }

  /** The client dies over an append; gives its intent's key. */
  private static String leaveAnIntent(Scene scene, Client client, String request, long id) {
    List<String> before = scene.intents();
    diesAt(client, FailPoint.COMMIT_AFTER_INTENT);
    assertUnknown(scene.append(client, request, id));
    client.engine().close();
    return scene.intents().stream().filter(key -> !before.contains(key)).findAny().orElseThrow();
  }

  private static String id(String key) {
    return key.substring(key.lastIndexOf('/') + 1);
  }

  private static void replace(Scene scene, String key, byte[] bytes) {
    scene.metadata().delete(key);
    assertThat(scene.metadata().putIfAbsent(key, bytes)).isTrue();
  }
}
