package dev.slipway.engine;

import static dev.slipway.engine.testkit.EngineFixture.PEOPLE;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.Settings;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.ManualClock;
import dev.slipway.engine.testkit.Options;
import dev.slipway.storage.testkit.BatchReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Bounds of single calls, whatever the database holds. */
class CommitBoundsTest {
  private static final WriteOperation APPEND = new WriteOperation.Append(false);

  @TempDir Path folder;

  private EngineFixture open(BackendKind kind, EngineOptions options) {
    return EngineFixture.open(kind, folder, FailureInjector.NONE, options, InstantSource.system());
  }

  private static EngineOptions bounds(int batchBytes, int tables) {
    EngineOptions defaults = EngineOptions.DEFAULT;
    return new EngineOptions(
        defaults.newDatabases(),
        defaults.checkpointEvery(),
        defaults.maxBatchCommits(),
        batchBytes,
        defaults.maxStagedWritesPerCommit(),
        tables,
        defaults.publishAttempts(),
        defaults.answerAttempts(),
        defaults.refreshInterval(),
        defaults.pages());
  }

  @ParameterizedTest
  @EnumSource
  void commit_whoseRecordWouldBeTooLarge_isRefusedAndDecidesNothing(BackendKind kind) {
    try (EngineFixture engine = open(kind, bounds(4_000, 1_000))) {
      Database crm = engine.create("crm");
      CommitOptions large =
          new CommitOptions(
              Optional.of(new RequestKey("r-1", () -> "digest")),
              List.of(),
              "\u0001".repeat(600),
              Map.of(),
              false,
              Duration.ZERO);

      SlipwayException refused =
          catchThrowableOfType(
              SlipwayException.class, () -> crm.commit(TESTER, "main", List.of(), large));

      assertThat(refused.reason()).isEqualTo(ErrorReason.TOO_LARGE);
      assertThat(refused.metadata()).containsEntry("limit", "4000");
      assertThat(crm.outcome(TESTER, "r-1", false)).isInstanceOf(Outcome.NotFound.class);
      assertThat(crm.head()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void commit_ofMoreTablesThanAllowed_isRefusedAndItsWritesStay(BackendKind kind) {
    try (EngineFixture engine = open(kind, bounds(4 << 20, 1))) {
      Database crm = engine.create("crm");
      createPeople(crm, "one");
      createPeople(crm, "two");
      String one = engine.stage(crm, "one", APPEND, List.of(person(1, "A", 1))).id();
      String two = engine.stage(crm, "two", APPEND, List.of(person(1, "A", 1))).id();

      SlipwayException refused =
          catchThrowableOfType(
              SlipwayException.class,
              () -> crm.commit(TESTER, "main", List.of(one, two), CommitOptions.NONE));

      assertThat(refused.reason()).isEqualTo(ErrorReason.TOO_LARGE);
      assertThat(refused).hasMessageContaining("at most 1 tables, found 2");
      crm.commit(TESTER, "main", List.of(one), CommitOptions.NONE);
      crm.commit(TESTER, "main", List.of(two), CommitOptions.NONE);
      assertThat(engine.rows(crm, "two")).hasSize(1);
    }
  }

  /** Only the log takes part, so forcing ten thousand records to disk would prove nothing. */
  @Test
  void commits_ofATableNobodyTouchedForLong_comeInPagesThatMayBeEmpty() {
    try (EngineFixture engine = open(BackendKind.MEMORY, EngineOptions.DEFAULT)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      for (int i = 0; i < 10_005; i++) {
        crm.commit(TESTER, "main", List.of(), CommitOptions.NONE);
      }

      CommitPage first = crm.commits(TESTER, "main", Optional.of("person"), Long.MAX_VALUE, 10);
      CommitPage second = crm.commits(TESTER, "main", Optional.of("person"), first.next(), 10);

      assertThat(first.commits()).isEmpty();
      assertThat(first.next()).isEqualTo(7);
      assertThat(second.commits()).extracting(CommitInfo::revision).containsExactly(1L);
      assertThat(second.next()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void stagedWrites_withADamagedOneAmongThem_listTheOthers(BackendKind kind) {
    try (EngineFixture engine = open(kind, EngineOptions.DEFAULT)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      String one = engine.stage(crm, "person", APPEND, List.of(person(1, "A", 1))).id();
      engine
          .backend()
          .metadata()
          .putIfAbsent(
              "db/" + crm.info().id() + "/staged/" + one + "a/000000",
              "damaged".getBytes(StandardCharsets.UTF_8));
      String two = engine.stage(crm, "person", APPEND, List.of(person(2, "B", 1))).id();

      assertThat(crm.stagedWrites(TESTER, Optional.empty(), "", 10))
          .extracting(StagedWriteInfo::id)
          .containsExactlyInAnyOrder(one, two);
    }
  }

  @ParameterizedTest
  @EnumSource
  void write_whoseDecisionIsForgottenWhileItsDataComesIn_isUnknownAndCommitsNothing(
      BackendKind kind) throws Exception {
    try (EngineFixture engine = open(kind, Options.forgetful())) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      CommitOptions request = EngineFixture.request("r-1");
      engine.write(crm, "person", APPEND, List.of(person(1, "A", 1)), request);
      try (Upload upload = crm.upload(TESTER, new WriteTarget(ReadAt.MAIN, "person", APPEND));
          ArrowReader slow =
              new BatchReader(
                  engine.allocator(),
                  PEOPLE,
                  1,
                  (root, batch) -> {
                    for (int i = 0; i < 10; i++) {
                      crm.commit(TESTER, "main", List.of(), CommitOptions.NONE);
                    }
                  })) {
        long head = crm.head();

        SlipwayException unknown =
            catchThrowableOfType(
                SlipwayException.class, () -> upload.write(request, Optional.of(slow)));

        assertThat(unknown.reason()).isEqualTo(ErrorReason.OUTCOME_UNKNOWN);
        assertThat(crm.head()).isEqualTo(head + 10);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"MEMORY, 0, 2", "MEMORY, 5, 12", "LANCE, 0, 2", "LANCE, 5, 12"})
  void batch_whoseFirstCommitsRaiseTheIdempotencyFloor_isCommittedAsAWhole(
      BackendKind kind, long remembered, int commits) {
    ManualClock clock = new ManualClock();
    EngineOptions options = Options.of(new Settings(1, remembered, 86_400), 250);
    try (EngineFixture engine =
        EngineFixture.open(kind, folder, FailureInjector.NONE, options, clock)) {
      Database crm = engine.create("crm");
      EngineFixture.createPeople(crm, "person");
      for (int i = 0; i < 20; i++) {
        engine.append(crm, "person", List.of(person(1_000 + i, "old", i)));
      }
      long before = crm.head();
      clock.advance(Duration.ofSeconds(5));
      CommitOptions together =
          new CommitOptions(
              Optional.empty(), List.of(), "", Map.of(), false, Duration.ofSeconds(1));

      List<CompletableFuture<CommitResult>> written = new ArrayList<>();
      for (int i = 0; i < commits; i++) {
        int id = i;
        written.add(
            CompletableFuture.supplyAsync(
                () ->
                    engine.write(crm, "person", APPEND, List.of(person(id, "new", id)), together)));
      }
      written.forEach(CompletableFuture::join);

      assertThat(engine.rows(crm, "person")).hasSize(20 + commits);
      assertThat(crm.head()).isEqualTo(before + commits);
      assertThat(crm.recover(TESTER).pending()).isEmpty();
    }
  }
}
