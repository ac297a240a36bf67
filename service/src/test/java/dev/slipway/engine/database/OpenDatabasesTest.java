package dev.slipway.engine.database;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.FaultyStorage;
import dev.slipway.engine.fault.StoreCall;
import dev.slipway.engine.log.Settings;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.Options;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.engine.verify.Checked;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(QuietLogs.class)
class OpenDatabasesTest {
  private static final int MANY = 30;

  @TempDir Path folder;

  private static OpenDatabases databases(FaultyEngine engine) {
    return (OpenDatabases) engine.fixture().databases();
  }

  private static void backgroundPass(FaultyEngine engine) {
    databases(engine).backgroundPass();
    engine.fixture().awaitIdle();
  }

  @ParameterizedTest
  @EnumSource
  void drop_ofManyDatabases_leavesNoneHeldOpenInAnyProcess(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine owner = storage.start("owner");
      FaultyEngine other = storage.start("other");
      createPeople(owner.fixture().create("kept"), "person");
      other.database("kept").head();
      for (int i = 0; i < MANY; i++) {
        // The same few names again and again: each time another incarnation.
        String name = "crm" + i % 3;
        createPeople(owner.fixture().create(name), "person");
        assertThat(other.database(name).head()).isEqualTo(1);
        databases(owner).drop(TESTER, name, true);
      }

      assertThat(databases(owner).held()).isEqualTo(1);
      assertThat(databases(other).held()).isEqualTo(1 + MANY);
      backgroundPass(other);

      assertThat(databases(other).held()).isEqualTo(1);
      assertThat(other.database("kept").head()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void backgroundPass_overADropThatBrokeOff_finishesItOnceTheCatalogTakesIt(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine owner = storage.start("owner");
      FaultyEngine other = storage.start("other");
      owner.fixture().create("crm");
      other.database("crm").head();
      Predicate<StoreCall> catalog = StoreCall.of(StoreCall.Kind.PUT, "catalog/log/");
      owner.store().always(catalog, Effect.fail());
      assertThatThrownBy(() -> databases(owner).drop(TESTER, "crm", false))
          .isInstanceOf(SlipwayException.class);
      other.store().always(catalog, Effect.fail());

      backgroundPass(other);
      assertThat(databases(other).held()).isEqualTo(1);
      other.clearFaults();
      backgroundPass(other);

      assertThat(databases(other).held()).isZero();
      assertThat(databases(other).list(TESTER, "", 10)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void backgroundPass_ofAProcessThatOnlyFollows_storesThePagesOfWhatItReadAndNoCheckpointOfItsOwn(
      BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      EngineOptions options = Options.of(Settings.DEFAULT, 4);
      FaultyEngine owner = storage.start("owner", options, InstantSource.system());
      FaultyEngine other = storage.start("other", options, InstantSource.system());
      Database crm = owner.fixture().create("crm");
      other.database("crm").head();
      AtomicInteger pages = new AtomicInteger();
      AtomicInteger checkpoints = new AtomicInteger();
      other
          .store()
          .always(StoreCall.of(StoreCall.Kind.PUT, "/pages/"), Effect.run(pages::incrementAndGet));
      other
          .store()
          .always(
              StoreCall.of(StoreCall.Kind.PUT, "/checkpoints/"),
              Effect.run(checkpoints::incrementAndGet));
      for (int i = 0; i < 40; i++) {
        crm.commit(TESTER, "main", List.of(), CommitOptions.NONE);
        owner.fixture().awaitIdle();
      }

      backgroundPass(other);
      assertThat(pages).hasPositiveValue();
      assertThat(checkpoints).hasValue(0);
      int written = pages.get();
      backgroundPass(other);
      assertThat(pages).as("written again").hasValue(written);

      // Nobody writes checkpoints any more: now it is this one's turn.
      owner.store().always(StoreCall.of(StoreCall.Kind.PUT, "/checkpoints/"), Effect.fail());
      for (int i = 0; i < 10; i++) {
        crm.commit(TESTER, "main", List.of(), CommitOptions.NONE);
      }
      owner.fixture().awaitIdle();
      backgroundPass(other);
      assertThat(checkpoints).hasValue(1);
      assertThat(Checked.of(crm, false).findings()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void explained_ofWhatIsGoneWhileItIsRead_saysWhetherItMayBe(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine owner = storage.start("owner");
      FaultyEngine other = storage.start("other");
      Database crm = owner.fixture().create("crm");
      createPeople(crm, "person");
      DatabaseCore core = ((OpenDatabase) other.database("crm")).core();
      SlipwayException gone = SlipwayException.of(ErrorReason.MISSING_FILE, "it is gone");
      SlipwayException busy = SlipwayException.of(ErrorReason.OVERLOADED, "later");
      assertThat(core.explained(gone, 1)).isSameAs(gone);

      owner.fixture().append(crm, "person", List.of(person(1, "A", 1)));
      crm.cleanup(TESTER, CleanupPolicy.EVERYTHING, false, row -> {});
      assertThat(core.explained(gone, 1).reason()).isEqualTo(ErrorReason.REVISION_EXPIRED);
      assertThat(core.explained(gone, crm.head())).isSameAs(gone);

      databases(owner).drop(TESTER, "crm", true);
      assertThat(core.explained(gone, 3).reason()).isEqualTo(ErrorReason.DATABASE_NOT_FOUND);
      assertThat(core.explained(busy, 1)).isSameAs(busy);
    }
  }

  @Test
  void backgroundRecovery_whosePassFails_beginsTheNextOne() {
    List<Runnable> due = new ArrayList<>();
    AtomicInteger passes = new AtomicInteger();
    try (BackgroundRecovery background =
        new BackgroundRecovery(
            () -> {
              passes.incrementAndGet();
              throw new OutOfMemoryError("injected: unable to create native thread");
            },
            (delay, task) -> due.add(task),
            Duration.ofSeconds(30))) {
      background.start();
      assertThatThrownBy(() -> due.remove(0).run()).isInstanceOf(OutOfMemoryError.class);
      assertThatThrownBy(() -> due.remove(0).run()).isInstanceOf(OutOfMemoryError.class);
      assertThat(passes).hasValue(2);
    }
    due.remove(0).run();
    assertThat(passes).as("passes after the end").hasValue(2);
    assertThat(due).isEmpty();
  }
}
