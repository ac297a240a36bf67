package dev.slipway.engine;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.ManualClock;
import dev.slipway.storage.testkit.Rows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StagingTest {
  private static final WriteOperation APPEND = new WriteOperation.Append(false);

  @TempDir Path folder;

  private static ErrorReason reason(ThrowingCallable call) {
    return catchThrowableOfType(SlipwayException.class, call).reason();
  }

  @ParameterizedTest
  @EnumSource
  void stagedWrite_afterItsLifetime_isExpiredUnlessRenewed(BackendKind kind) {
    ManualClock clock = new ManualClock();
    try (EngineFixture engine =
        EngineFixture.open(kind, folder, FailureInjector.NONE, EngineOptions.DEFAULT, clock)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      StagedWriteInfo left = engine.stage(crm, "person", APPEND, List.of(person(1, "A", 1)));
      StagedWriteInfo kept = engine.stage(crm, "person", APPEND, List.of(person(2, "B", 2)));
      clock.advance(Duration.ofHours(20));
      StagedWriteInfo renewed = crm.renew(TESTER, kept.id());
      assertThat(renewed.expires()).isEqualTo(kept.expires().plus(Duration.ofHours(20)));
      clock.advance(Duration.ofHours(5));

      assertThat(crm.stagedWrites(TESTER, Optional.empty(), "", 10))
          .extracting(StagedWriteInfo::id)
          .containsExactly(kept.id());
      assertThat(reason(() -> crm.commit(TESTER, "main", List.of(left.id()), CommitOptions.NONE)))
          .isEqualTo(ErrorReason.STAGED_WRITE_EXPIRED);
      crm.commit(TESTER, "main", List.of(kept.id()), CommitOptions.NONE);
      assertThat(engine.rows(crm, "person")).containsExactly(person(2, "B", 2));
    }
  }

  @ParameterizedTest
  @EnumSource
  void stagedWrite_afterItsCommit_saysSo(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      StagedWriteInfo a = engine.stage(crm, "person", APPEND, List.of(person(1, "A", 1)));
      crm.commit(TESTER, "main", List.of(a.id()), CommitOptions.NONE);

      assertThat(reason(() -> crm.commit(TESTER, "main", List.of(a.id()), CommitOptions.NONE)))
          .isEqualTo(ErrorReason.STAGED_WRITE_COMMITTED);
      assertThat(reason(() -> crm.stagedWrite(TESTER, a.id())))
          .isEqualTo(ErrorReason.STAGED_WRITE_COMMITTED);
      assertThat(crm.stagedWrites(TESTER, Optional.empty(), "", 10)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void stagedWrite_afterItWasDiscarded_isGone(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      StagedWriteInfo a = engine.stage(crm, "person", APPEND, List.of(person(1, "A", 1)));
      crm.discard(TESTER, a.id());
      crm.discard(TESTER, a.id());

      assertThat(reason(() -> crm.commit(TESTER, "main", List.of(a.id()), CommitOptions.NONE)))
          .isEqualTo(ErrorReason.STAGED_WRITE_NOT_FOUND);
      assertThat(crm.head()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void preview_ofAWriteThatCantBeCommittedAnyMore_isTheConflictOfItsCommit(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      String overwrite =
          engine
              .stage(crm, "person", new WriteOperation.Overwrite(), List.of(person(1, "A", 1)))
              .id();
      String unique =
          engine
              .stage(crm, "person", new WriteOperation.Append(true), List.of(person(1, "A", 1)))
              .id();
      ReadAt preview = new ReadAt("main", new ReadAt.Point.Staged(overwrite), 0);
      assertThat(engine.rows(crm, "person", preview)).hasSize(1);
      engine.append(crm, "person", List.of(person(2, "B", 1)));

      for (String id : List.of(overwrite, unique)) {
        ReadAt late = new ReadAt("main", new ReadAt.Point.Staged(id), 0);
        assertThat(reason(() -> engine.rows(crm, "person", late)))
            .isEqualTo(ErrorReason.COMMIT_CONFLICT);
        assertThat(reason(() -> crm.commit(TESTER, "main", List.of(id), CommitOptions.NONE)))
            .isEqualTo(ErrorReason.COMMIT_CONFLICT);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void commit_namingAStagedWriteTwice_isRefused(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      StagedWriteInfo a = engine.stage(crm, "person", APPEND, List.of(person(1, "A", 1)));

      assertThat(
              reason(() -> crm.commit(TESTER, "main", List.of(a.id(), a.id()), CommitOptions.NONE)))
          .isEqualTo(ErrorReason.ARGUMENT_INVALID);
      crm.commit(TESTER, "main", List.of(a.id()), CommitOptions.NONE);
      assertThat(engine.rows(crm, "person")).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void read_atAStagedWrite_showsItAsIfCommittedNow(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      StagedWriteInfo upsert =
          engine.stage(
              crm, "person", new WriteOperation.Upsert(false), List.of(person(1, "new", 2)));
      engine.append(crm, "person", List.of(person(1, "old", 1), person(3, "C", 3)));

      ReadAt preview = new ReadAt("main", new ReadAt.Point.Staged(upsert.id()), 0);
      assertThat(engine.rows(crm, "person", preview))
          .containsExactly(person(3, "C", 3), person(1, "new", 2));
      assertThat(engine.rows(crm, "person"))
          .containsExactly(person(1, "old", 1), person(3, "C", 3));
    }
  }

  @ParameterizedTest
  @EnumSource
  void commit_byAnotherEngineAfterTheFirstIsGone_givesTheSameRows(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      engine.append(crm, "person", List.of(person(1, "A", 1), person(2, "B", 2)));
      StagedWriteInfo delete =
          engine.stage(crm, "person", new WriteOperation.Delete(Optional.of("id = 1")), List.of());
      StagedWriteInfo append = engine.stage(crm, "person", APPEND, List.of(person(3, "C", 3)));
      engine.databases().close();

      try (EngineFixture other =
          engine.another(FailureInjector.NONE, EngineOptions.DEFAULT, "engine-2")) {
        Database again = other.database("crm");
        again.commit(TESTER, "main", List.of(delete.id(), append.id()), CommitOptions.NONE);
        assertThat(other.rows(again, "person"))
            .containsExactly(person(2, "B", 2), person(3, "C", 3));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void append_unique_refusesKeysThatAreThere(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      WriteOperation unique = new WriteOperation.Append(true);
      engine.write(crm, "person", unique, List.of(person(1, "A", 1)));

      assertThat(reason(() -> engine.write(crm, "person", unique, List.of(person(1, "B", 2)))))
          .isEqualTo(ErrorReason.ROW_INVALID);
      assertThat(
              reason(
                  () ->
                      engine.write(
                          crm, "person", unique, List.of(person(5, "B", 2), person(5, "C", 3)))))
          .isEqualTo(ErrorReason.ROW_INVALID);
      assertThat(engine.rows(crm, "person")).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void append_unique_refusesKeysOfAnEarlierWriteOfItsCommit(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      WriteOperation unique = new WriteOperation.Append(true);
      StagedWriteInfo a = engine.stage(crm, "person", APPEND, List.of(person(1, "A", 1)));
      StagedWriteInfo same = engine.stage(crm, "person", unique, List.of(person(1, "B", 2)));
      StagedWriteInfo other = engine.stage(crm, "person", unique, List.of(person(3, "C", 3)));

      assertThat(
              reason(
                  () -> crm.commit(TESTER, "main", List.of(a.id(), same.id()), CommitOptions.NONE)))
          .isEqualTo(ErrorReason.ROW_INVALID);
      assertThat(engine.rows(crm, "person")).isEmpty();
      crm.commit(TESTER, "main", List.of(a.id(), other.id()), CommitOptions.NONE);
      assertThat(engine.rows(crm, "person")).containsExactly(person(1, "A", 1), person(3, "C", 3));
    }
  }

  @ParameterizedTest
  @EnumSource
  void stage_underTheIdOfAnExpiredWrite_isRefused(BackendKind kind) {
    ManualClock clock = new ManualClock();
    try (EngineFixture engine =
        EngineFixture.open(kind, folder, FailureInjector.NONE, EngineOptions.DEFAULT, clock)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      StagedWriteInfo first = stage(engine, crm, "mine");
      assertThat(stage(engine, crm, "mine")).isEqualTo(first);
      clock.advance(Duration.ofHours(25));

      assertThat(reason(() -> stage(engine, crm, "mine")))
          .isEqualTo(ErrorReason.STAGED_WRITE_EXPIRED);
    }
  }

  @ParameterizedTest
  @EnumSource
  void stage_underAnIdThatIsCommittedMeanwhile_saysSoAndLeavesNothing(BackendKind kind) {
    AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
    FailureInjector failures =
        point -> {
          if (point == FailPoint.STAGE_AFTER_FILES_BEFORE_RECORD) {
            meanwhile.getAndSet(() -> {}).run();
          }
        };
    try (EngineFixture engine = EngineFixture.open(kind, folder, failures, EngineOptions.DEFAULT)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      meanwhile.set(
          () -> {
            stage(engine, crm, "mine");
            crm.commit(TESTER, "main", List.of("mine"), CommitOptions.NONE);
            engine.awaitIdle();
          });

      assertThat(reason(() -> stage(engine, crm, "mine")))
          .isEqualTo(ErrorReason.STAGED_WRITE_COMMITTED);
      assertThat(engine.rows(crm, "person")).hasSize(1);
      assertThat(engine.backend().metadata().list("db/" + crm.info().id() + "/staged/", "", 10))
          .isEmpty();
    }
  }

  private static StagedWriteInfo stage(EngineFixture engine, Database database, String id) {
    try (Upload upload = database.upload(TESTER, new WriteTarget(ReadAt.MAIN, "person", APPEND));
        ArrowReader source =
            Rows.reader(
                engine.allocator(), upload.schema().columns(), List.of(person(1, "A", 1)))) {
      return upload.stage(Optional.of(id), () -> "digest", Optional.of(source));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
