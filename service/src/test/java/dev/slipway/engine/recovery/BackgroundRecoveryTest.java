package dev.slipway.engine.recovery;

import static dev.slipway.engine.recovery.Scene.assertAcknowledged;
import static dev.slipway.engine.recovery.Scene.assertUnknown;
import static dev.slipway.engine.recovery.Scene.diesAt;
import static dev.slipway.engine.recovery.Scene.failsAt;
import static dev.slipway.engine.recovery.Scene.holdsAt;
import static dev.slipway.engine.recovery.Scene.home;
import static dev.slipway.engine.recovery.Scene.ids;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.CommitInfo.RecoveredInfo.Outcome;
import dev.slipway.engine.Condition;
import dev.slipway.engine.Database;
import dev.slipway.engine.DatabaseStatus;
import dev.slipway.engine.RecoveryFilter;
import dev.slipway.engine.RecoveryInfo;
import dev.slipway.engine.RecoveryPage;
import dev.slipway.engine.database.BackgroundRecovery;
import dev.slipway.engine.database.OpenDatabases;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.Gate;
import dev.slipway.engine.fault.StoreCall;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.matrix.Ledger.Answer;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.QuietLogs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Recovery in the background, and what the log and the status say of it. */
@ExtendWith(QuietLogs.class)
class BackgroundRecoveryTest {
  private static final Duration INTERVAL = Duration.ofSeconds(30);

  @TempDir Path folder;

  /** A timer that goes off when it is told to. */
  private static final class Timer {
    private final Deque<Runnable> due = new ArrayDeque<>();

    void after(Duration delay, Runnable task) {
      assertThat(delay).isEqualTo(INTERVAL);
      due.add(task);
    }

    void goOff(Client client) {
      due.remove().run();
      client.engine().fixture().awaitIdle();
    }
  }

  private static Timer passesOver(Client client) {
    Timer timer = new Timer();
    OpenDatabases databases = (OpenDatabases) client.engine().fixture().databases();
    new BackgroundRecovery(databases, timer::after, INTERVAL).start();
    return timer;
  }

  @ParameterizedTest
  @EnumSource
  void backgroundPass_ofWhatAnotherProcessLeft_resolvesItWithoutARestart(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client living = scene.open("living");
      List<Database> told = new CopyOnWriteArrayList<>();
      living.engine().fixture().databases().watch(told::add);
      Timer timer = passesOver(living);
      Client dying = scene.open("dying");
      diesAt(dying, FailPoint.COMMIT_AFTER_TABLES);
      assertUnknown(scene.append(dying, "insert", 10));
      dying.engine().close();

      // Seen for the first time it may be at work.
      timer.goOff(living);
      assertThat(scene.intents(living)).hasSize(1);
      DatabaseStatus before = living.database().status(TESTER);
      assertThat(before.pending()).hasSize(1);
      assertThat(before.inFlight()).isZero();
      assertThat(ids(living, "person")).containsExactly(1L, 2L, 3L);

      timer.goOff(living);
      assertThat(scene.intents(living)).isEmpty();
      assertThat(living.database().status(TESTER).pending()).isEmpty();
      assertThat(ids(living, "person")).containsExactly(1L, 2L, 3L, 10L);
      assertThat(told).hasSize(2);

      long head = living.database().head();
      timer.goOff(living);
      assertThat(living.database().head()).isEqualTo(head);
      scene.judge(living);
    }
  }

  @ParameterizedTest
  @EnumSource
  void backgroundPass_besideACommitOfThisProcess_leavesItAlone(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      Timer timer = passesOver(client);
      Gate gate = holdsAt(client, FailPoint.COMMIT_AFTER_TABLES);
      CompletableFuture<Answer> commit = scene.later(() -> scene.append(client, "insert", 10));
      gate.awaitReached();
      assertThat(client.database().status(TESTER).inFlight()).isEqualTo(1);

      Database database = client.database();
      for (int i = 0; i < 3; i++) {
        timer.due.remove().run();
      }
      gate.release();

      assertThat(commit.join()).isEqualTo(new Answer.Acknowledged(5));
      client.engine().fixture().awaitIdle();
      assertThat(recoveries(database, RecoveryFilter.ALL)).isEmpty();
      scene.judge(client);
    }
  }

  @ParameterizedTest
  @EnumSource
  void backgroundPass_thatCantRead_triesAgainNextTime(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      Timer timer = passesOver(client);
      failsAt(client, FailPoint.COMMIT_AFTER_TABLES);
      assertUnknown(scene.append(client, "insert", 10));
      client.engine().store().once(StoreCall.of(StoreCall.Kind.LIST, "/intents/"), Effect.fail());

      timer.goOff(client);
      timer.goOff(client);
      assertThat(scene.intents(client)).hasSize(1);
      timer.goOff(client);

      assertThat(scene.intents(client)).isEmpty();
      assertThat(ids(client, "person")).containsExactly(1L, 2L, 3L, 10L);
      scene.judge(client);
    }
  }

  @ParameterizedTest
  @EnumSource
  void backgroundPass_ofAnUnreadableIntent_quarantinesAndReportsItAndBlocksNothing(
      BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      Timer timer = passesOver(client);
      String key = home(client) + "/intents/01unreadable";
      scene.metadata().putIfAbsent(key, "{}".getBytes(StandardCharsets.UTF_8));

      timer.goOff(client);
      timer.goOff(client);

      Condition condition = client.database().condition();
      assertThat(condition.readOnly()).isEmpty();
      assertThat(condition.quarantined()).containsOnlyKeys("01unreadable");
      assertThat(client.database().status(TESTER).condition()).isEqualTo(condition);
      assertThat(client.database().status(TESTER).pending()).isEmpty();
      assertAcknowledged(scene.append(client, "insert", 10));
      scene.metadata().delete(key);
      timer.goOff(client);
      assertThat(client.database().condition().quarantined()).isEmpty();
      scene.judge(client);
    }
  }

  @ParameterizedTest
  @EnumSource
  void recoveries_ofSeveralKinds_arePagedAndFiltered(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      Instant start = scene.instant();
      for (int i = 0; i < 5; i++) {
        scene.advance(Duration.ofMinutes(1));
        failsAt(client, FailPoint.COMMIT_AFTER_TABLES);
        assertUnknown(scene.append(client, "insert-" + i, 10 + i));
        if (i == 2) {
          // Its table is gone by the time it is recovered.
          client.dropTable("drop", "person");
          var unused = client.database().recover(TESTER);
          break;
        }
        var unused = client.database().recover(TESTER);
        assertAcknowledged(scene.append(client, "between-" + i, 20 + i));
      }
      Database database = client.database();

      List<RecoveryInfo> all = recoveries(database, RecoveryFilter.ALL);

      assertThat(all)
          .extracting(found -> found.requestId().orElseThrow())
          .containsExactly("insert-2", "insert-1", "insert-0");
      assertThat(all)
          .extracting(found -> found.recovered().outcome())
          .containsExactly(Outcome.ROLLED_BACK, Outcome.ROLLED_FORWARD, Outcome.ROLLED_FORWARD);
      assertThat(all.get(0).reason()).isPresent();
      assertThat(all.get(0).tables()).isEmpty();
      assertThat(all.get(1).reason()).isEmpty();
      assertThat(all.get(1).tables()).hasSize(1);
      assertThat(all)
          .allSatisfy(
              found -> {
                assertThat(found.actor()).isEqualTo(TESTER.actor());
                assertThat(found.branch()).isEqualTo("main");
                assertThat(found.recovered().by()).isEqualTo("first");
              });
      assertThat(recoveries(database, filter(Optional.of(Outcome.ROLLED_BACK), null, null)))
          .isEqualTo(all.subList(0, 1));
      assertThat(
              recoveries(
                  database,
                  filter(Optional.empty(), start.plusSeconds(61), start.plusSeconds(150))))
          .isEqualTo(all.subList(1, 2));
      assertThat(
              recoveries(
                  database,
                  new RecoveryFilter(
                      Optional.empty(), Optional.of("other"), Optional.empty(), Optional.empty())))
          .isEmpty();
    }
  }

  private static RecoveryFilter filter(
      Optional<Outcome> outcome,
      @org.jspecify.annotations.Nullable Instant from,
      @org.jspecify.annotations.Nullable Instant until) {
    return new RecoveryFilter(
        outcome, Optional.empty(), Optional.ofNullable(from), Optional.ofNullable(until));
  }

  /** All of them, one a page. */
  private static List<RecoveryInfo> recoveries(Database database, RecoveryFilter filter) {
    List<RecoveryInfo> all = new ArrayList<>();
    long before = Long.MAX_VALUE;
    do {
      RecoveryPage page = database.recoveries(TESTER, filter, before, 1);
      assertThat(page.recoveries()).hasSizeLessThanOrEqualTo(1);
      all.addAll(page.recoveries());
      before = page.next();
    } while (before > 0);
    return all;
  }
}
