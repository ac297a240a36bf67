package dev.slipway.engine;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DatabasesTest {
  @TempDir Path folder;

  private static ErrorReason reason(ThrowingCallable call) {
    return catchThrowableOfType(SlipwayException.class, call).reason();
  }

  @ParameterizedTest
  @EnumSource
  void create_ofANameInUse_isRefusedAndHarmsNothing(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");

      assertThat(reason(() -> engine.create("CRM"))).isEqualTo(ErrorReason.DATABASE_EXISTS);
      assertThat(reason(() -> createPeople(crm, "Person"))).isEqualTo(ErrorReason.TABLE_EXISTS);
      assertThat(reason(() -> engine.create("a/b"))).isEqualTo(ErrorReason.NAME_INVALID);
      assertThat(engine.rows(engine.database("crm"), "person")).isEmpty();
      assertThat(crm.head()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void drop_andCreateAgain_isAnotherIncarnationThatNobodyElseReaches(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder);
        EngineFixture other =
            engine.another(FailureInjector.NONE, EngineOptions.DEFAULT, "engine-2")) {
      Database old = engine.create("crm");
      createPeople(old, "person");
      Database elsewhere = other.database("crm");
      assertThat(reason(() -> engine.databases().drop(TESTER, "crm", false)))
          .isEqualTo(ErrorReason.NOT_EMPTY);
      engine.databases().drop(TESTER, "crm", true);
      assertThat(reason(() -> engine.database("crm"))).isEqualTo(ErrorReason.DATABASE_NOT_FOUND);
      Database again = engine.create("crm");
      createPeople(again, "person");

      assertThat(reason(() -> other.append(elsewhere, "person", List.of(person(1, "A", 1)))))
          .isEqualTo(ErrorReason.DATABASE_NOT_FOUND);
      assertThat(engine.rows(again, "person")).isEmpty();
      assertThat(other.database("crm").info().id()).isEqualTo(again.info().id());
    }
  }

  @ParameterizedTest
  @EnumSource
  void table_renamedAndDropped_isStillThereAtOlderRevisions(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      engine.append(crm, "person", List.of(person(1, "A", 1)));
      Instant before = crm.commitAt(TESTER, 2).time();
      crm.renameTable(TESTER, "main", "person", "people", Optional.empty());
      engine.append(crm, "people", List.of(person(2, "B", 2)));
      crm.dropTable(TESTER, "main", "people", Optional.empty());

      assertThat(crm.tables(TESTER, ReadAt.HEAD, "", 10).value()).isEmpty();
      assertThat(engine.rows(crm, "person", ReadAt.revision(2))).hasSize(1);
      assertThat(engine.rows(crm, "people", ReadAt.revision(4))).hasSize(2);
      assertThat(engine.rows(crm, "person", new ReadAt("main", new ReadAt.Point.Time(before), 0)))
          .hasSize(1);
      assertThat(reason(() -> engine.rows(crm, "people"))).isEqualTo(ErrorReason.TABLE_NOT_FOUND);
      assertThat(crm.commits(TESTER, "main", Optional.empty(), Long.MAX_VALUE, 10).commits())
          .extracting(CommitInfo::revision)
          .containsExactly(5L, 4L, 3L, 2L, 1L);
    }
  }

  @ParameterizedTest
  @EnumSource
  void open_byAnotherEngine_foldsTheSameState(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      for (int i = 0; i < 20; i++) {
        engine.append(crm, "person", List.of(person(i, "x", i)));
      }
      try (EngineFixture other =
          engine.another(FailureInjector.NONE, EngineOptions.DEFAULT, "engine-2")) {
        Database again = other.database("crm");
        assertThat(other.rows(again, "person")).isEqualTo(engine.rows(crm, "person"));
        other.append(again, "person", List.of(person(99, "y", 1)));
      }
      assertThat(engine.rows(crm, "person")).hasSize(21);
    }
  }
}
