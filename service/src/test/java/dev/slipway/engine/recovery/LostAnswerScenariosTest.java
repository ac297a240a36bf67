package dev.slipway.engine.recovery;

import static dev.slipway.engine.fault.StoreCall.Kind.GET;
import static dev.slipway.engine.fault.StoreCall.Kind.PUT;
import static dev.slipway.engine.recovery.ChangeKind.EVERYWHERE;
import static dev.slipway.engine.recovery.Scene.assertAcknowledged;
import static dev.slipway.engine.recovery.Scene.assertUnknown;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.Outcome;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.Faults;
import dev.slipway.engine.fault.StoreCall;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.matrix.Ledger.Answer;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.QuietLogs;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Scenario 12: records that were published, or weren't, and nobody said so. */
@ExtendWith(QuietLogs.class)
class LostAnswerScenariosTest {
  private static final String LOG = "/log/";

  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource(EVERYWHERE)
  void scenario12_publishedButTheAnswerWasLost_isASuccessOnce(
      BackendKind backend, ChangeKind kind) {
    try (Scene scene = new Scene(backend, folder)) {
      Client client = scene.open("first");
      Faults.Armed<StoreCall> lost =
          client.engine().store().once(StoreCall.of(PUT, LOG), Effect.loseAnswer());

      assertThat(scene.act(client, "change", kind)).isEqualTo(new Answer.Acknowledged(5));

      assertThat(lost.wasHit()).isTrue();
      client.engine().fixture().awaitIdle();
      assertThat(scene.intents()).isEmpty();
      assertThat(scene.act(client, "change", kind)).isEqualTo(new Answer.Acknowledged(5));
      assertThat(scene.log(client).entries().lastKey()).isEqualTo(5);
      scene.judge(client);
    }
  }

  @ParameterizedTest
  @MethodSource(EVERYWHERE)
  void scenario12_notPublishedAndTheAnswerWasLost_isASuccessOnce(
      BackendKind backend, ChangeKind kind) {
    try (Scene scene = new Scene(backend, folder)) {
      Client client = scene.open("first");
      client.engine().store().once(StoreCall.of(PUT, LOG), Effect.vanish());

      assertThat(scene.act(client, "change", kind)).isEqualTo(new Answer.Acknowledged(5));

      assertThat(scene.act(client, "change", kind)).isEqualTo(new Answer.Acknowledged(5));
      assertThat(scene.log(client).entries().lastKey()).isEqualTo(5);
      scene.judge(client);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario12_answerLostAndTheRecordUnreadableAtFirst_isASuccessOnce(BackendKind backend) {
    try (Scene scene = new Scene(backend, folder)) {
      Client client = scene.open("first");
      client
          .engine()
          .store()
          .once(
              StoreCall.of(PUT, LOG),
              new Effect() {
                @Override
                public void after() {
                  client.engine().store().once(StoreCall.of(GET, LOG), Effect.fail());
                  Effect.loseAnswer().after();
                }
              });

      assertThat(scene.append(client, "insert", 10)).isEqualTo(new Answer.Acknowledged(5));

      assertThat(scene.log(client).entries().lastKey()).isEqualTo(5);
      scene.judge(client);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario12_notPublishedAndTheKeyTakenByAnother_isASuccessAtTheNext(BackendKind backend) {
    try (Scene scene = new Scene(backend, folder)) {
      Client other = scene.open("other");
      Client client = scene.open("first");
      client
          .engine()
          .store()
          .once(
              StoreCall.of(PUT, LOG),
              Effect.run(
                  () -> {
                    assertAcknowledged(scene.append(other, "other", 20));
                    Effect.vanish().before();
                  }));

      assertThat(scene.append(client, "insert", 10)).isEqualTo(new Answer.Acknowledged(6));

      scene.judge(other);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario12_publishedAndNothingCanBeLearned_isUnknownAndThenASuccess(BackendKind backend) {
    try (Scene scene = new Scene(backend, folder)) {
      Client client = scene.open("first");
      client
          .engine()
          .store()
          .once(
              StoreCall.of(PUT, LOG),
              new Effect() {
                @Override
                public void after() {
                  client.engine().store().always(StoreCall.any(), Effect.fail());
                  Effect.loseAnswer().after();
                }
              });
      assertUnknown(scene.append(client, "insert", 10));
      client.engine().clearFaults();
      client.engine().fixture().awaitIdle();

      assertThat(client.database().outcome(TESTER, "insert", false))
          .isEqualTo(new Outcome.Committed(5));
      assertThat(scene.append(client, "insert", 10)).isEqualTo(new Answer.Acknowledged(5));
      scene.judge(client);
    }
  }
}
