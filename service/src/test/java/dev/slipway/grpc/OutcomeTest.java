package dev.slipway.grpc;

import static dev.slipway.grpc.Failures.assertFails;
import static dev.slipway.grpc.GrpcFixture.json;
import static dev.slipway.grpc.GrpcFixture.stage;
import static dev.slipway.grpc.GrpcFixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.v1.CommitOutcome;
import dev.slipway.v1.CommitRequest;
import dev.slipway.v1.CommitResponse;
import dev.slipway.v1.CommitServiceGrpc;
import dev.slipway.v1.DropTableRequest;
import dev.slipway.v1.GetCommitOutcomeRequest;
import dev.slipway.v1.GetCommitOutcomeResponse;
import dev.slipway.v1.RenameTableRequest;
import dev.slipway.v1.WriteRequest;
import dev.slipway.v1.WriteResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client that gets no answer can always learn what became of its request. */
final class OutcomeTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(
      value = FailPoint.class,
      names = {"COMMIT_AFTER_INTENT", "COMMIT_AFTER_TABLES", "COMMIT_BEFORE_PUBLISH"})
  void commit_whoseClientLeavesOnceItIsUnderWay_commitsAllTheSame(FailPoint window)
      throws InterruptedException {
    Pause pause = new Pause();
    try (GrpcFixture fixture = fixture(pause)) {
      stageOne(fixture);
      pause.armed.set(window);
      Answer<CommitResponse> answer = new Answer<>();
      Context.CancellableContext caller = Context.current().withCancellation();
      caller.run(() -> CommitServiceGrpc.newStub(fixture.channel()).commit(request(), answer));
      pause.awaitReached();
      assertThat(outcome(fixture, "r").getOutcome())
          .isEqualTo(CommitOutcome.COMMIT_OUTCOME_IN_PROGRESS);

      caller.cancel(null);
      StatusRuntimeException failure =
          catchThrowableOfType(StatusRuntimeException.class, answer::get);
      assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.CANCELLED);
      pause.release();

      isCommittedOnce(fixture);
    }
  }

  @Test
  void commit_whoseDeadlinePassesOnceItIsUnderWay_commitsAllTheSame() throws InterruptedException {
    Pause pause = new Pause();
    try (GrpcFixture fixture = fixture(pause)) {
      stageOne(fixture);
      pause.armed.set(FailPoint.COMMIT_AFTER_INTENT);
      Map<String, String> told =
          assertFails(
              ErrorReason.DEADLINE,
              "deadline",
              () -> {
                var unused =
                    CommitServiceGrpc.newBlockingStub(fixture.channel())
                        .withDeadlineAfter(2, TimeUnit.SECONDS)
                        .commit(request());
              });
      assertThat(told).containsEntry("request_id", "r");
      pause.awaitReached();
      pause.release();

      isCommittedOnce(fixture);
    }
  }

  @Test
  void commit_whoseClientLeavesAndFencesItOff_hasOneOutcome() throws InterruptedException {
    Pause pause = new Pause();
    try (GrpcFixture fixture = fixture(pause)) {
      stageOne(fixture);
      long head = fixture.head();
      pause.armed.set(FailPoint.COMMIT_BEFORE_INTENT);
      Answer<CommitResponse> answer = new Answer<>();
      Context.CancellableContext caller = Context.current().withCancellation();
      caller.run(() -> CommitServiceGrpc.newStub(fixture.channel()).commit(request(), answer));
      pause.awaitReached();
      caller.cancel(null);
      pause.release();

      GetCommitOutcomeResponse fenced =
          fixture
              .commits()
              .getCommitOutcome(
                  json(
                      "{database: 'crm', requestId: 'r', fence: true}",
                      GetCommitOutcomeRequest.newBuilder()));
      assertThat(fenced.getOutcome())
          .isIn(CommitOutcome.COMMIT_OUTCOME_COMMITTED, CommitOutcome.COMMIT_OUTCOME_ABORTED);
      boolean committed = fenced.getOutcome() == CommitOutcome.COMMIT_OUTCOME_COMMITTED;
      assertThat(outcome(fixture, "r")).isEqualTo(fenced);
      assertThat(fixture.count("person")).isEqualTo(committed ? 1 : 0);
      assertThat(fixture.head()).isEqualTo(head + 1);
    }
  }

  @ParameterizedTest
  @EnumSource(BackendKind.class)
  void outcomes_afterARestart_areWhatTheyWere(BackendKind kind) {
    Map<String, GetCommitOutcomeResponse> before = new LinkedHashMap<>();
    try (EngineFixture storage = EngineFixture.open(kind, folder)) {
      EngineFixture first = storage.another(FailureInjector.NONE, EngineOptions.DEFAULT, "first");
      try (GrpcFixture fixture = new GrpcFixture(first, GrpcOptions.DEFAULT).withPerson()) {
        for (int i = 0; i < 20; i++) {
          fixture.write(
              write(
                  "{header: {database: 'crm', table: 'person', append: {}},"
                      + " options: {requestId: 'w-%d'}, rows: [{id: %d}]}".formatted(i, i)));
          before.put("w-" + i, outcome(fixture, "w-" + i));
        }
        stageOne(fixture);
        assertFails(
            ErrorReason.COMMIT_CONFLICT,
            "person",
            () ->
                fixture
                    .commits()
                    .commit(
                        json(
                            "{database: 'crm', stagedWriteIds: ['s'], requestId: 'conflict',"
                                + " expectations: [{table: 'person', absent: true}]}",
                            CommitRequest.newBuilder())));
        before.put("conflict", outcome(fixture, "conflict"));
        before.put(
            "fenced",
            fixture
                .commits()
                .getCommitOutcome(
                    json(
                        "{database: 'crm', requestId: 'fenced', fence: true}",
                        GetCommitOutcomeRequest.newBuilder())));
      }
      EngineFixture next = storage.another(FailureInjector.NONE, EngineOptions.DEFAULT, "next");
      try (GrpcFixture fixture = new GrpcFixture(next, GrpcOptions.DEFAULT)) {
        before.forEach(
            (request, outcome) ->
                assertThat(outcome(fixture, request)).as(request).isEqualTo(outcome));
        assertThat(before.get("w-3"))
            .extracting(GetCommitOutcomeResponse::getOutcome)
            .isEqualTo(CommitOutcome.COMMIT_OUTCOME_COMMITTED);
        assertThat(before.get("conflict"))
            .extracting(outcome -> outcome.getAborted().getReason())
            .isEqualTo(ErrorReason.COMMIT_CONFLICT.name());
        assertThat(before.get("fenced"))
            .extracting(GetCommitOutcomeResponse::getOutcome)
            .isEqualTo(CommitOutcome.COMMIT_OUTCOME_ABORTED);
      }
    }
  }

  @Test
  void write_repeatedAfterItsTableWasRenamedOrDropped_answersTheFirstOutcome() {
    try (GrpcFixture fixture = new GrpcFixture(folder).withPerson()) {
      String append =
          "{header: {database: 'crm', table: 'person', append: {}}, options: {requestId: 'a'},"
              + " rows: [{id: 1}, {id: 2}]}";
      String delete =
          "{header: {database: 'crm', table: 'person', delete: {filter: 'id = 1'}},"
              + " options: {requestId: 'd'}}";
      List<WriteResponse> first =
          List.of(fixture.write(write(append)), fixture.write(write(delete)));
      fixture
          .tables()
          .renameTable(
              json(
                  "{database: 'crm', table: 'person', newName: 'people'}",
                  RenameTableRequest.newBuilder()));
      assertAnsweredAgain(fixture, first, append, delete);
      fixture
          .tables()
          .dropTable(json("{database: 'crm', table: 'people'}", DropTableRequest.newBuilder()));
      assertAnsweredAgain(fixture, first, append, delete);

      assertFails(
          ErrorReason.REQUEST_ID_REUSED,
          "other content",
          () -> fixture.write(write(append.replace("id: 2", "id: 3"))));
      assertFails(
          ErrorReason.TABLE_NOT_FOUND,
          "person",
          () -> fixture.write(write(append.replace("'a'", "'b'"))));
    }
  }

  @Test
  void write_repeatedInAStreamAfterItsTableWasDropped_answersTheFirstOutcome() {
    try (GrpcFixture fixture = new GrpcFixture(folder).withPerson()) {
      // So much that it is worked on before all of it is there.
      String big = "x".repeat(50_000);
      WriteRequest[] messages = new WriteRequest[6];
      messages[0] =
          write(
              "{header: {database: 'crm', table: 'person', append: {}}, options: {requestId: 'r'},"
                  + " rows: [{id: 0}]}");
      for (int i = 1; i < messages.length; i++) {
        messages[i] = write("{rows: [{id: " + i + ", name: '" + big + "'}]}");
      }
      WriteResponse first = fixture.write(messages);
      fixture
          .tables()
          .dropTable(json("{database: 'crm', table: 'person'}", DropTableRequest.newBuilder()));

      assertThat(fixture.write(messages)).isEqualTo(first.toBuilder().setReplayed(true).build());
    }
  }

  private static void assertAnsweredAgain(
      GrpcFixture fixture, List<WriteResponse> first, String... requests) {
    for (int i = 0; i < requests.length; i++) {
      WriteResponse again = fixture.write(write(requests[i]));
      assertThat(again).isEqualTo(first.get(i).toBuilder().setReplayed(true).build());
    }
  }

  private GrpcFixture fixture(Pause pause) {
    EngineFixture engine =
        EngineFixture.open(BackendKind.MEMORY, folder, pause, EngineOptions.DEFAULT);
    return new GrpcFixture(engine, GrpcOptions.DEFAULT).withPerson();
  }

  private static void stageOne(GrpcFixture fixture) {
    fixture.stage(
        stage(
            "{header: {database: 'crm', table: 'person', append: {}}, stagedWriteId: 's',"
                + " rows: [{id: 100}]}"));
  }

  private static CommitRequest request() {
    return json(
        "{database: 'crm', stagedWriteIds: ['s'], requestId: 'r'}", CommitRequest.newBuilder());
  }

  private static GetCommitOutcomeResponse outcome(GrpcFixture fixture, String request) {
    return fixture
        .commits()
        .getCommitOutcome(
            GetCommitOutcomeRequest.newBuilder().setDatabase("crm").setRequestId(request).build());
  }

  private static void isCommittedOnce(GrpcFixture fixture) {
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(outcome(fixture, "r").getOutcome())
                    .isEqualTo(CommitOutcome.COMMIT_OUTCOME_COMMITTED));
    CommitResponse again = fixture.commits().commit(request());
    assertThat(again.getReplayed()).isTrue();
    assertThat(again.getRevision()).isEqualTo(outcome(fixture, "r").getRevision());
    assertThat(fixture.count("person")).isEqualTo(1);
  }

  /** Stops once at the armed window until it is released. */
  private static final class Pause implements FailureInjector {
    private final AtomicReference<@Nullable FailPoint> armed = new AtomicReference<>();
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CompletableFuture<Void> goOn = new CompletableFuture<>();

    @Override
    public void at(FailPoint point) {
      if (armed.compareAndSet(point, null)) {
        reached.countDown();
        goOn.join();
      }
    }

    void awaitReached() throws InterruptedException {
      assertThat(reached.await(20, TimeUnit.SECONDS)).as("the window was reached").isTrue();
    }

    void release() {
      goOn.complete(null);
    }
  }
}
