package dev.slipway.engine.recovery;

import static dev.slipway.engine.fault.StoreCall.Kind.LIST;
import static dev.slipway.engine.recovery.Scene.ids;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.CommitInfo.RecoveredInfo;
import dev.slipway.engine.Database;
import dev.slipway.engine.RecoveryFilter;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.commit.Change;
import dev.slipway.engine.commit.Intent;
import dev.slipway.engine.commit.IntentStore;
import dev.slipway.engine.commit.OperationSpec;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.StoreCall;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.QuietLogs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What recovery costs: with a thousand intents, and with none. */
@ExtendWith(QuietLogs.class)
class ManyIntentsTest {
  private static final int INTENTS = 1_000;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void open_withAThousandIntents_resolvesThemAllInOrder(BackendKind kind, TestReporter reporter) {
    try (Scene scene = new Scene(kind, folder)) {
      Client dying = scene.open("dying");
      Database database = dying.database();
      String id =
          dying
              .engine()
              .fixture()
              .stage(
                  database,
                  "person",
                  new WriteOperation.Append(false),
                  List.of(person(10, "Ten", 1)))
              .id();
      IntentStore intents = new IntentStore(scene.metadata(), Scene.home(dying));
      for (int i = 0; i < INTENTS; i++) {
        // The first commits, the others name what it has used up: each is decided on its own.
        OperationSpec spec =
            new OperationSpec(
                "op-" + i,
                "request-" + i,
                "digest",
                "somebody",
                4,
                "main",
                0,
                i % 2 == 0 ? List.of(new Change.Staged(id)) : List.of(),
                List.of(),
                "",
                Map.of());
        intents.put(new Intent(String.format("%026d", i), 4, "dying", List.of(spec)));
      }
      dying.engine().close();

      System.gc();
      long used = used();
      long start = System.nanoTime();
      Client next = scene.open("next");
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      reporter.publishEntry(
          "recovery",
          String.format(
              Locale.ROOT,
              "%s: %d intents in %d ms, heap +%d MiB",
              kind,
              INTENTS,
              took.toMillis(),
              Math.max(0, used() - used) >> 20));

      assertThat(scene.intents(next)).isEmpty();
      assertThat(ids(next, "person")).containsExactly(1L, 2L, 3L, 10L);
      assertThat(next.database().head()).isEqualTo(4 + INTENTS);
      assertThat(
              next.database()
                  .recoveries(TESTER, RecoveryFilter.ALL, Long.MAX_VALUE, 2 * INTENTS)
                  .recoveries())
          .hasSize(INTENTS)
          .filteredOn(found -> found.recovered().outcome() == RecoveredInfo.Outcome.ROLLED_BACK)
          .hasSize(INTENTS / 2 - 1);
      assertThat(took).isLessThan(Duration.ofMinutes(2));
    }
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @ParameterizedTest
  @EnumSource
  void open_withoutIntents_listsThemOnceAndReadsNone(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.start("first");
      AtomicInteger listings = new AtomicInteger();
      AtomicInteger others = new AtomicInteger();
      client
          .engine()
          .store()
          .always(StoreCall.of(LIST, "/intents/"), Effect.run(listings::incrementAndGet));
      client
          .engine()
          .store()
          .always(
              call -> call.kind() != LIST && call.key().contains("/intents/"),
              Effect.run(others::incrementAndGet));

      client.database();

      assertThat(listings).hasValue(1);
      assertThat(others).hasValue(0);
    }
  }
}
