package dev.slipway.engine.recovery;

import static dev.slipway.engine.recovery.ChangeKind.PERSON;
import static dev.slipway.engine.recovery.Scene.BEGINNING;
import static dev.slipway.engine.recovery.Scene.assertAcknowledged;
import static dev.slipway.engine.recovery.Scene.assertUnknown;
import static dev.slipway.engine.recovery.Scene.diesAt;
import static dev.slipway.engine.recovery.Scene.home;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.CommitInfo;
import dev.slipway.engine.CommitInfo.RecoveredInfo;
import dev.slipway.engine.CommitInfo.TableChange;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.matrix.Client.Staging;
import dev.slipway.engine.matrix.Ledger.Answer;
import dev.slipway.engine.matrix.Model;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.MetadataStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Scenario 7: several intents on one table, each of which means what the one before it does. */
@ExtendWith(QuietLogs.class)
class IntentOrderScenariosTest {
  @TempDir Path folder;

  /** A write that finds what the one before it leaves, and what it then changes. */
  private record Step(
      WriteOperation operation,
      List<Map<String, @Nullable Object>> rows,
      Model.RowChange change,
      long added,
      long removed) {

    Answer ask(Scene scene, Client client, String request) {
      Staging staging = new Staging(PERSON, operation, rows);
      // One that is staged for itself beside one in a single call.
      LongSupplier call =
          operation.takesData()
              ? () -> client.commit(request, List.of(staging))
              : () -> client.write(request, staging);
      return scene.ask(client, request, model -> model.change(PERSON, change), call);
    }
  }

  private static final List<Step> STEPS =
      List.of(
          new Step(
              new WriteOperation.Append(false),
              List.of(person(10, "Joe", 60)),
              rows -> rows.put(10L, person(10, "Joe", 60)),
              1,
              0),
          new Step(
              new WriteOperation.Update(Map.of("age", "88"), Optional.of("age = 60")),
              List.of(),
              rows -> rows.put(10L, person(10, "Joe", 88)),
              1,
              1),
          new Step(
              new WriteOperation.Upsert(false),
              List.of(person(10, "Jo", 99), person(11, "Kim", 99)),
              rows -> {
                rows.put(10L, person(10, "Jo", 99));
                rows.put(11L, person(11, "Kim", 99));
              },
              2,
              1),
          new Step(
              new WriteOperation.Delete(Optional.of("age = 99 AND id < 11")),
              List.of(),
              rows -> rows.remove(10L),
              0,
              1));

  @ParameterizedTest
  @EnumSource
  void scenario07_severalIntentsOnOneTable_areResolvedInOrderEachOnTheLast(BackendKind backend) {
    try (Scene scene = new Scene(backend, folder)) {
      Client live = scene.open("live");
      List<Client> clients = new ArrayList<>();
      for (int i = 0; i < STEPS.size(); i++) {
        clients.add(scene.open("client-" + i));
      }
      for (int i = 0; i < STEPS.size(); i++) {
        Client client = clients.get(i);
        diesAt(client, FailPoint.COMMIT_AFTER_INTENT);
        assertUnknown(STEPS.get(i).ask(scene, client, "intent-" + i));
        client.engine().close();
        // The next begins at a later revision, and its clock says that it was earlier.
        assertAcknowledged(scene.append(live, "live-" + i, "customer", 20 + i));
        scene.advance(Duration.ofSeconds(1).negated());
      }

      Client next = scene.open("next");

      assertResolvedInOrder(next, BEGINNING + STEPS.size());
      scene.judge(next);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario07_intentsEachMadeAgainstWhatTheOneBeforeWouldLeave_areResolvedInOrder(
      BackendKind backend) {
    try (Scene scene = new Scene(backend, folder)) {
      Client first = scene.open("first");
      String home = home(first);
      Map<String, byte[]> left = new TreeMap<>();
      first
          .engine()
          .windows()
          .always(
              FailPoint.COMMIT_AFTER_INTENT::equals,
              Effect.run(
                  () -> {
                    copy(scene.metadata(), home + "/intents/", left);
                    copy(scene.metadata(), home + "/staged/", left);
                  }));
      for (int i = 0; i < STEPS.size(); i++) {
        assertAcknowledged(STEPS.get(i).ask(scene, first, "intent-" + i));
        first.engine().fixture().awaitIdle();
      }
      first.engine().close();
      // As if no record of theirs had been written: each was made on a version of the one before.
      for (int i = 1; i <= STEPS.size(); i++) {
        scene.metadata().delete(home + "/log/" + LogStore.digits(BEGINNING + i));
      }
      left.forEach((key, bytes) -> assertThat(scene.metadata().putIfAbsent(key, bytes)).isTrue());
      assertThat(scene.intents()).hasSize(STEPS.size());

      Client next = scene.open("next");

      assertResolvedInOrder(next, BEGINNING);
      scene.judge(next);
    }
  }

  private static void copy(MetadataStore store, String prefix, Map<String, byte[]> copies) {
    for (String key : store.list(prefix, "", 100)) {
      copies.put(key, store.get(key).orElseThrow());
    }
  }

  /** From the revision after {@code before} on, and each with the rows that it should find. */
  private static void assertResolvedInOrder(Client client, long before) {
    List<CommitInfo> commits =
        client
            .database()
            .commits(TESTER, ReadAt.MAIN, Optional.empty(), Long.MAX_VALUE, 4)
            .commits();
    assertThat(commits).hasSize(STEPS.size());
    for (int i = 0; i < STEPS.size(); i++) {
      CommitInfo commit = commits.get(STEPS.size() - 1 - i);
      assertThat(commit.revision()).isEqualTo(before + 1 + i);
      assertThat(commit.requestId()).contains("intent-" + i);
      RecoveredInfo recovered = commit.recovered().orElseThrow();
      assertThat(recovered.outcome()).isEqualTo(RecoveredInfo.Outcome.ROLLED_FORWARD);
      assertThat(recovered.begun()).as("the head when %d was begun", i).isEqualTo(BEGINNING + i);
      Step step = STEPS.get(i);
      TableChange change = commit.tables().get(0);
      assertThat(List.of(change.rowsAdded(), change.rowsRemoved()))
          .as("rows added and removed by %d", i)
          .isEqualTo(List.of(step.added(), step.removed()));
    }
  }
}
