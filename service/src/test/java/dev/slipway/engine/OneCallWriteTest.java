package dev.slipway.engine;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.awaitInProgress;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.patient;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.FaultyStorage;
import dev.slipway.engine.fault.StoreCall;
import dev.slipway.engine.fault.TableCall;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.storage.StorageOperation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Writes in one call have no staged record: their data is forced on the way into the log. */
class OneCallWriteTest {
  private static final WriteOperation APPEND = new WriteOperation.Append(false);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void write_refusedAtFirstAndFittingLater_isForcedAndNamedByAnIntentToo(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine engine = storage.start("first");
      EngineFixture fixture = engine.fixture();
      Database crm = fixture.create("crm");
      createPeople(crm, "person");
      engine.tables().before().once(TableCall.of(StorageOperation.COMMIT), Effect.fail());
      AtomicInteger forces = new AtomicInteger();
      AtomicInteger intents = new AtomicInteger();
      engine
          .tables()
          .before()
          .always(TableCall.of(StorageOperation.FORCE_STAGED), Effect.run(forces::incrementAndGet));
      engine
          .store()
          .always(
              StoreCall.of(StoreCall.Kind.PUT, "/intents/"), Effect.run(intents::incrementAndGet));
      CompletableFuture<ErrorReason> append =
          CompletableFuture.supplyAsync(
              () ->
                  catchThrowableOfType(
                          SlipwayException.class,
                          () ->
                              fixture.write(
                                  crm,
                                  "person",
                                  APPEND,
                                  List.of(person(1, "A", 1)),
                                  patient("r-a")))
                      .reason());
      awaitInProgress(crm, "r-a");

      // Beside the append it is a conflict; the append fails, and then it fits.
      CommitResult overwrite =
          fixture.write(crm, "person", new WriteOperation.Overwrite(), List.of(person(2, "B", 1)));

      assertThat(append.join().kind()).isEqualTo(ErrorReason.Kind.UNAVAILABLE);
      assertThat(overwrite.commit().revision()).isPositive();
      assertThat(fixture.rows(crm, "person")).isEqualTo(List.of(person(2, "B", 1)));
      assertThat(forces).as("each write's data was forced").hasValue(2);
      assertThat(intents).as("each write was in an intent").hasValue(2);
      awaitNoIntent(storage);
    }
  }

  @ParameterizedTest
  @EnumSource
  void write_ofOptionsOutOfRange_isRefusedBeforeItsDataIsStaged(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine engine = storage.start("first");
      EngineFixture fixture = engine.fixture();
      Database crm = fixture.create("crm");
      createPeople(crm, "person");
      AtomicInteger staged = new AtomicInteger();
      engine
          .tables()
          .before()
          .always(TableCall.of(StorageOperation.STAGE_APPEND), Effect.run(staged::incrementAndGet));
      for (CommitOptions options :
          List.of(
              withMessage("m".repeat(4_097)),
              CommitOptions.NONE.withExpectations(
                  List.of(new Expectation.SchemaIs("person", "f".repeat(65)))),
              CommitOptions.NONE.withRequest(new RequestKey("a b", () -> "digest")))) {
        SlipwayException refused =
            catchThrowableOfType(
                SlipwayException.class,
                () -> fixture.write(crm, "person", APPEND, List.of(person(1, "A", 1)), options));

        assertThat(refused.reason()).isEqualTo(ErrorReason.ARGUMENT_INVALID);
        assertThat(refused.metadata()).containsKey("field");
      }
      assertThat(staged).hasValue(0);
    }
  }

  private static CommitOptions withMessage(String message) {
    return new CommitOptions(Optional.empty(), List.of(), message, Map.of(), false, Duration.ZERO);
  }

  @ParameterizedTest
  @EnumSource
  void write_whoseDataCantBeForced_failsAloneAndLeavesNothing(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine engine = storage.start("first");
      EngineFixture fixture = engine.fixture();
      Database crm = fixture.create("crm");
      createPeople(crm, "person");
      String staged = fixture.stage(crm, "person", APPEND, List.of(person(3, "C", 1))).id();
      engine.tables().before().once(TableCall.of(StorageOperation.FORCE_STAGED), Effect.fail());
      CompletableFuture<CommitResult> beside =
          CompletableFuture.supplyAsync(
              () -> crm.commit(TESTER, ReadAt.MAIN, List.of(staged), patient("r-a")));
      awaitInProgress(crm, "r-a");

      SlipwayException refused =
          catchThrowableOfType(
              SlipwayException.class,
              () -> fixture.write(crm, "person", APPEND, List.of(person(4, "D", 1))));

      assertThat(refused.reason().kind()).isEqualTo(ErrorReason.Kind.UNAVAILABLE);
      assertThat(beside.join().commit().revision()).isPositive();
      assertThat(fixture.rows(crm, "person")).isEqualTo(List.of(person(3, "C", 1)));
      awaitNoIntent(storage);
    }
  }

  @ParameterizedTest
  @EnumSource
  void write_thatAnErrorBreaksOffAfterItsIntent_isUnknownAndThenCompleted(BackendKind kind) {
    try (FaultyStorage storage = FaultyStorage.open(kind, folder)) {
      FaultyEngine engine = storage.start("first");
      EngineFixture fixture = engine.fixture();
      Database crm = fixture.create("crm");
      createPeople(crm, "person");
      engine
          .store()
          .once(
              StoreCall.of(StoreCall.Kind.PUT, "/intents/"),
              new Effect() {
                @Override
                public void after() {
                  throw new UnsatisfiedLinkError("injected: no library");
                }
              });

      SlipwayException unknown =
          catchThrowableOfType(
              SlipwayException.class,
              () ->
                  fixture.write(crm, "person", APPEND, List.of(person(1, "A", 1)), patient("r-a")));

      assertThat(unknown.reason()).isEqualTo(ErrorReason.OUTCOME_UNKNOWN);
      assertThat(crm.recover(TESTER).resolved()).isEqualTo(1);
      assertThat(crm.outcome(TESTER, "r-a", false)).isInstanceOf(Outcome.Committed.class);
      assertThat(fixture.rows(crm, "person")).isEqualTo(List.of(person(1, "A", 1)));
    }
  }

  /** An intent is deleted after its operations are answered. */
  private static void awaitNoIntent(FaultyStorage storage) {
    await()
        .until(
            () ->
                storage.metadata().list("db/", "", 1_000).stream()
                    .noneMatch(key -> key.contains("/intents/")));
  }
}
