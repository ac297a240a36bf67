package dev.slipway.engine.database;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.FaultyStorage;
import dev.slipway.engine.fault.StoreCall;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.QuietLogs;
import java.nio.file.Path;
import java.util.function.Predicate;
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

  private static void sweep(FaultyEngine engine) {
    databases(engine).sweep();
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
      sweep(other);

      assertThat(databases(other).held()).isEqualTo(1);
      assertThat(other.database("kept").head()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void sweep_overADropThatBrokeOff_finishesItOnceTheCatalogTakesIt(BackendKind kind) {
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

      sweep(other);
      assertThat(databases(other).held()).isEqualTo(1);
      other.clearFaults();
      sweep(other);

      assertThat(databases(other).held()).isZero();
      assertThat(databases(other).list(TESTER, "", 10)).isEmpty();
    }
  }
}
