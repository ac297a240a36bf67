package dev.slipway.engine;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static dev.slipway.engine.testkit.EngineFixture.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CommitTest {
  private static final WriteOperation APPEND = new WriteOperation.Append(false);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void commit_ofTwoTables_isVisibleInBothAtOneRevision(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      createPeople(crm, "customer");
      StagedWriteInfo a = engine.stage(crm, "person", APPEND, List.of(person(1, "Ada", 36)));
      StagedWriteInfo b = engine.stage(crm, "customer", APPEND, List.of(person(2, "Bob", 40)));
      assertThat(engine.rows(crm, "person")).isEmpty();
      assertThat(engine.rows(crm, "customer")).isEmpty();

      CommitResult result = crm.commit(TESTER, "main", List.of(a.id(), b.id()), CommitOptions.NONE);

      assertThat(result.commit().revision()).isEqualTo(3);
      assertThat(engine.rows(crm, "person")).containsExactly(person(1, "Ada", 36));
      assertThat(engine.rows(crm, "customer")).containsExactly(person(2, "Bob", 40));
      assertThat(engine.rows(crm, "person", ReadAt.revision(2))).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void write_ofEveryKind_answersItsRowCounts(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      engine.append(
          crm, "person", List.of(person(1, "Ada", 36), person(2, "Bob", 40), person(3, "Cy", 7)));
      CommitResult upsert =
          engine.write(
              crm,
              "person",
              new WriteOperation.Upsert(false),
              List.of(person(2, "Bo", 41), person(4, "Di", 5)));
      assertThat(upsert.commit().tables().get(0))
          .isEqualTo(new CommitInfo.TableChange("person", 2, 3, 2, 1, false, Optional.empty()));
      CommitResult update =
          engine.write(
              crm,
              "person",
              new WriteOperation.Update(Map.of("age", "8"), Optional.of("id = 3")),
              List.of());
      assertThat(update.commit().tables().get(0).rowsAdded()).isEqualTo(1);
      CommitResult delete =
          engine.write(
              crm, "person", new WriteOperation.Delete(Optional.of("name = 'Ada'")), List.of());
      assertThat(delete.commit().tables().get(0).rowsRemoved()).isEqualTo(1);
      assertThat(engine.rows(crm, "person"))
          .containsExactly(person(2, "Bo", 41), person(4, "Di", 5), person(3, "Cy", 8));
      engine.write(crm, "person", new WriteOperation.Overwrite(), List.of(person(9, "Zoe", 1)));
      assertThat(engine.rows(crm, "person")).containsExactly(person(9, "Zoe", 1));
      assertThat(engine.rows(crm, "person", ReadAt.revision(2))).hasSize(3);
    }
  }

  @ParameterizedTest
  @EnumSource
  void commit_repeatedWithItsRequestId_appliesOnce(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      StagedWriteInfo a = engine.stage(crm, "person", APPEND, List.of(person(1, "Ada", 36)));
      CommitResult first = crm.commit(TESTER, "main", List.of(a.id()), request("r-1"));
      CommitResult again = crm.commit(TESTER, "main", List.of(a.id()), request("r-1"));

      assertThat(again.replayed()).isTrue();
      assertThat(again.commit()).isEqualTo(first.commit());
      assertThat(engine.rows(crm, "person")).hasSize(1);
      assertThat(crm.outcome(TESTER, "r-1", false))
          .isEqualTo(new Outcome.Committed(first.commit().revision()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void overwrite_afterTheTableMoved_isAConflictThatStaysOne(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      StagedWriteInfo a =
          engine.stage(crm, "person", new WriteOperation.Overwrite(), List.of(person(1, "A", 3)));
      engine.append(crm, "person", List.of(person(2, "Bob", 40)));

      for (int i = 0; i < 2; i++) {
        SlipwayException conflict =
            catchThrowableOfType(
                SlipwayException.class,
                () -> crm.commit(TESTER, "main", List.of(a.id()), request("r-1")));
        assertThat(conflict.reason()).isEqualTo(ErrorReason.COMMIT_CONFLICT);
        assertThat(conflict.conflicts().get(0).kind()).isEqualTo(Conflict.Kind.TABLE_CHANGED);
        assertThat(conflict.conflicts().get(0).winner()).isEqualTo(2);
      }
      assertThat(engine.rows(crm, "person")).containsExactly(person(2, "Bob", 40));
    }
  }

  @ParameterizedTest
  @EnumSource
  void commit_expectingNoChangeSinceARevisionThatIsNotThere_isRefused(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database database = engine.create("crm");
      createPeople(database, "person");
      long head = database.head();

      SlipwayException failure =
          catchThrowableOfType(
              SlipwayException.class,
              () ->
                  engine.write(
                      database,
                      "person",
                      APPEND,
                      List.of(person(1, "Ada", 36)),
                      new CommitOptions(
                          Optional.empty(),
                          List.of(new Expectation.UnchangedSince("person", head + 1)),
                          "",
                          Map.of(),
                          false,
                          Duration.ZERO)));

      assertThat(failure).isNotNull();
      assertThat(failure.reason()).isEqualTo(ErrorReason.REVISION_NOT_REACHED);
      assertThat(failure.metadata()).containsEntry("revision", String.valueOf(head));
      assertThat(database.head()).isEqualTo(head);
    }
  }

  @ParameterizedTest
  @EnumSource
  void commit_withAnExpectationThatNoLongerHolds_isAConflictThatSaysWhy(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      List<Expectation> expectations =
          List.of(new Expectation.UnchangedSince("person", 1), new Expectation.BranchAt(1));
      CommitOptions options = CommitOptions.NONE.withExpectations(expectations);
      engine.write(crm, "person", APPEND, List.of(person(1, "Ada", 36)), options);

      SlipwayException conflict =
          catchThrowableOfType(
              SlipwayException.class,
              () -> engine.write(crm, "person", APPEND, List.of(person(2, "B", 1)), options));

      assertThat(conflict.reason()).isEqualTo(ErrorReason.COMMIT_CONFLICT);
      assertThat(conflict.conflicts())
          .extracting(Conflict::kind)
          .containsExactly(Conflict.Kind.EXPECTATION, Conflict.Kind.EXPECTATION);
      assertThat(engine.rows(crm, "person")).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void commit_whoseOverwriteFollowsItsOwnAppend_conflictsIfAnotherChangedTheTable(
      BackendKind kind) {
    WriteOperation overwrite = new WriteOperation.Overwrite();
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      List<String> undisturbed =
          List.of(
              engine.stage(crm, "person", APPEND, List.of(person(1, "Ada", 36))).id(),
              engine.stage(crm, "person", overwrite, List.of(person(2, "Bob", 40))).id());
      var unused = crm.commit(TESTER, "main", undisturbed, CommitOptions.NONE);
      assertThat(engine.rows(crm, "person")).containsExactly(person(2, "Bob", 40));
      List<String> late =
          List.of(
              engine.stage(crm, "person", APPEND, List.of(person(3, "Cy", 7))).id(),
              engine.stage(crm, "person", overwrite, List.of(person(4, "Di", 5))).id());
      engine.append(crm, "person", List.of(person(5, "Eve", 50)));

      SlipwayException conflict =
          catchThrowableOfType(
              SlipwayException.class, () -> crm.commit(TESTER, "main", late, CommitOptions.NONE));

      assertThat(conflict.conflicts())
          .extracting(Conflict::kind)
          .containsExactly(Conflict.Kind.TABLE_CHANGED);
      assertThat(engine.rows(crm, "person"))
          .containsExactlyInAnyOrder(person(2, "Bob", 40), person(5, "Eve", 50));
    }
  }

  @ParameterizedTest
  @EnumSource
  void commit_withAnotherContentUnderItsRequestId_isRefused(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      engine.write(crm, "person", APPEND, List.of(person(1, "Ada", 36)), request("r-1"));

      SlipwayException reused =
          catchThrowableOfType(
              SlipwayException.class,
              () ->
                  engine.write(
                      crm,
                      "person",
                      APPEND,
                      List.of(person(2, "Bob", 1)),
                      CommitOptions.NONE.withRequest(new RequestKey("r-1", () -> "other"))));

      assertThat(reused.reason()).isEqualTo(ErrorReason.REQUEST_ID_REUSED);
      assertThat(engine.rows(crm, "person")).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void outcome_withFence_keepsTheRequestFromLandingLater(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      assertThat(crm.outcome(TESTER, "r-1", false)).isEqualTo(new Outcome.NotFound());
      assertThat(crm.outcome(TESTER, "r-1", true)).isInstanceOf(Outcome.Aborted.class);

      SlipwayException late =
          catchThrowableOfType(
              SlipwayException.class,
              () ->
                  engine.write(
                      crm, "person", APPEND, List.of(person(1, "Ada", 36)), request("r-1")));

      assertThat(late.reason()).isEqualTo(ErrorReason.CANCELLED);
      assertThat(engine.rows(crm, "person")).isEmpty();
    }
  }
}
