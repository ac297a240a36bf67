package dev.slipway.grpc;

import static dev.slipway.grpc.Failures.assertFails;
import static dev.slipway.grpc.GrpcFixture.json;
import static dev.slipway.grpc.GrpcFixture.stage;
import static dev.slipway.grpc.GrpcFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.ManualClock;
import dev.slipway.v1.CommitRequest;
import dev.slipway.v1.CommitServiceGrpc;
import dev.slipway.v1.CountRequest;
import dev.slipway.v1.GetStagedWriteRequest;
import dev.slipway.v1.MaintenanceServiceGrpc;
import dev.slipway.v1.ReadServiceGrpc;
import dev.slipway.v1.ReclaimDatabasesRequest;
import dev.slipway.v1.WriteRequest;
import dev.slipway.v1.WriteResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Time: deadlines, cancelled calls, what expires. */
final class DeadlineTest {
  private static final GrpcOptions SHORT =
      GrpcOptions.DEFAULT.withDeadlines(Duration.ofMillis(400), Duration.ofMillis(700));

  @TempDir private Path folder;

  @Test
  void read_ofARevisionAheadWithoutDeadline_isAnsweredByTheDefaultOne() {
    try (GrpcFixture fixture = new GrpcFixture(folder, SHORT).withPerson()) {
      assertThat(
              assertFails(
                  ErrorReason.REVISION_NOT_REACHED,
                  "revision 99",
                  () ->
                      ReadServiceGrpc.newBlockingStub(fixture.channel())
                          .count(
                              json(
                                  "{database: 'crm', table: 'person', at: {minRevision: 99}}",
                                  CountRequest.newBuilder()))))
          .containsEntry("revision", String.valueOf(fixture.head()));
    }
  }

  @Test
  void read_ofARevisionAheadWithDeadline_isAnsweredTypedBeforeIt() {
    try (GrpcFixture fixture = new GrpcFixture(folder).withPerson()) {
      assertFails(
          ErrorReason.REVISION_NOT_REACHED,
          "revision 99",
          () ->
              ReadServiceGrpc.newBlockingStub(fixture.channel())
                  .withDeadlineAfter(2, TimeUnit.SECONDS)
                  .count(
                      json(
                          "{database: 'crm', table: 'person', at: {revision: 99}}",
                          CountRequest.newBuilder())));
    }
  }

  @Test
  void reclaimDatabases_withoutDeadline_hasAsLongAsStreams() {
    GrpcOptions hasty =
        GrpcOptions.DEFAULT.withDeadlines(Duration.ofNanos(1), Duration.ofMinutes(1));
    try (GrpcFixture fixture = new GrpcFixture(folder, hasty)) {
      assertThat(
              MaintenanceServiceGrpc.newBlockingStub(fixture.channel())
                  .reclaimDatabases(ReclaimDatabasesRequest.getDefaultInstance())
                  .getFailedMap())
          .isEmpty();
    }
  }

  @Test
  void reads_thatWaitForARevision_areFew() {
    try (GrpcFixture fixture = new GrpcFixture(folder).withPerson()) {
      CountRequest ahead =
          json(
              "{database: 'crm', table: 'person', at: {minRevision: 99}}",
              CountRequest.newBuilder());
      try (Context.CancellableContext caller = Context.current().withCancellation()) {
        caller.run(
            () -> {
              for (int i = 0; i < GrpcOptions.DEFAULT.bounds().maxWaiting(); i++) {
                ReadServiceGrpc.newStub(fixture.channel()).count(ahead, new Answer<>());
              }
            });
        Awaitility.await()
            .untilAsserted(
                () ->
                    assertFails(
                        ErrorReason.OVERLOADED,
                        "reads waiting",
                        () ->
                            ReadServiceGrpc.newBlockingStub(fixture.channel())
                                .withDeadlineAfter(300, TimeUnit.MILLISECONDS)
                                .count(ahead)));
        assertThat(fixture.count("person")).isZero();
      }
    }
  }

  @Test
  void upload_withoutDeadlineThatTakesTooLong_endsTyped() {
    try (GrpcFixture fixture = new GrpcFixture(folder, SHORT).withPerson()) {
      long head = fixture.head();
      Answer<WriteResponse> answer = new Answer<>();
      StreamObserver<WriteRequest> upload =
          CommitServiceGrpc.newStub(fixture.channel()).write(answer);
      upload.onNext(
          write(
              "{header: {database: 'crm', table: 'person', append: {}},"
                  + " options: {requestId: 'slow'}, rows: [{id: 1}]}"));

      assertThat(assertFails(ErrorReason.DEADLINE, "deadline", answer::get))
          .containsEntry("request_id", "slow");
      fixture.assertNothingLeft(head);
    }
  }

  @Test
  void upload_whoseClientCancels_leavesNothing() {
    try (GrpcFixture fixture = new GrpcFixture(folder).withPerson()) {
      long head = fixture.head();
      for (int messages = 0; messages < 5; messages++) {
        Answer<WriteResponse> answer = new Answer<>();
        StreamObserver<WriteRequest> upload =
            CommitServiceGrpc.newStub(fixture.channel()).write(answer);
        for (int i = 0; i < messages; i++) {
          WriteRequest.Builder next =
              WriteRequest.newBuilder().setArrowIpc(ByteString.copyFrom(new byte[90_000]));
          upload.onNext(
              i > 0
                  ? next.build()
                  : next.mergeFrom(
                          write("{header: {database: 'crm', table: 'person', append: {}}}"))
                      .build());
        }
        upload.onError(Status.CANCELLED.asRuntimeException());
      }
      fixture.assertNothingLeft(head);
      assertThat(fixture.count("person")).isZero();
    }
  }

  @Test
  void write_whoseClientLeavesWhileStorageWorks_isNotCommitted() throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    CompletableFuture<Void> goOn = new CompletableFuture<>();
    FailureInjector pause =
        point -> {
          if (point == FailPoint.STAGE_BEFORE_FILES) {
            reached.countDown();
            goOn.join();
          }
        };
    EngineFixture engine =
        EngineFixture.open(BackendKind.MEMORY, folder, pause, EngineOptions.DEFAULT);
    try (GrpcFixture fixture = new GrpcFixture(engine, GrpcOptions.DEFAULT).withPerson()) {
      long head = fixture.head();
      Answer<WriteResponse> answer = new Answer<>();
      Context.CancellableContext caller = Context.current().withCancellation();
      caller.run(
          () -> {
            StreamObserver<WriteRequest> upload =
                CommitServiceGrpc.newStub(fixture.channel()).write(answer);
            upload.onNext(
                write(
                    "{header: {database: 'crm', table: 'person', append: {}},"
                        + " rows: [{id: 1}]}"));
            upload.onCompleted();
          });
      assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();
      caller.cancel(null);
      StatusRuntimeException failure =
          org.assertj.core.api.Assertions.catchThrowableOfType(
              StatusRuntimeException.class, answer::get);
      assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.CANCELLED);
      goOn.complete(null);
      fixture.assertNothingLeft(head);
    }
  }

  @Test
  void stagedWrite_pastItsLifetime_isExpired() {
    ManualClock clock = new ManualClock();
    EngineFixture engine =
        EngineFixture.open(
            BackendKind.MEMORY, folder, FailureInjector.NONE, EngineOptions.DEFAULT, clock);
    try (GrpcFixture fixture = new GrpcFixture(engine, GrpcOptions.DEFAULT).withPerson()) {
      fixture.stage(
          stage(
              "{header: {database: 'crm', table: 'person', append: {}}, stagedWriteId: 's',"
                  + " rows: [{id: 1}]}"));
      clock.advance(Duration.ofHours(25));

      assertFails(
          ErrorReason.STAGED_WRITE_EXPIRED,
          "s",
          () ->
              fixture
                  .commits()
                  .commit(
                      json(
                          "{database: 'crm', stagedWriteIds: ['s']}", CommitRequest.newBuilder())));
      assertFails(
          ErrorReason.STAGED_WRITE_EXPIRED,
          "s",
          () ->
              fixture
                  .staging()
                  .getStagedWrite(
                      json(
                          "{database: 'crm', stagedWriteId: 's'}",
                          GetStagedWriteRequest.newBuilder())));
    }
  }
}
