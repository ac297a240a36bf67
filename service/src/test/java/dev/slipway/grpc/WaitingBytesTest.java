package dev.slipway.grpc;

import static dev.slipway.grpc.Failures.assertFails;
import static dev.slipway.grpc.Failures.assertIs;
import static dev.slipway.grpc.GrpcFixture.json;
import static dev.slipway.grpc.GrpcFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.v1.CommitRequest;
import dev.slipway.v1.CommitResponse;
import dev.slipway.v1.CommitServiceGrpc;
import dev.slipway.v1.WriteRequest;
import dev.slipway.v1.WriteResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients have sent and no thread has taken yet is bounded, all together. */
final class WaitingBytesTest {
  /** Two of these fit into what may wait, three don't. */
  private static final String LARGE = "x".repeat(400_000);

  private final CountDownLatch storage = new CountDownLatch(1);
  private final CountDownLatch busy = new CountDownLatch(1);

  @TempDir private Path folder;

  @Test
  void uploads_wholeThatWaitForAThread_countUntilOneTakesThem() {
    try (GrpcFixture fixture = fixture()) {
      List<Answer<WriteResponse>> answers = new ArrayList<>();
      answers.add(occupy(fixture));
      for (int i = 1; i <= 3; i++) {
        answers.add(send(fixture, large(i)));
      }

      awaitOneFailed(answers);
      storage.countDown();
      int refused = 0;
      for (Answer<WriteResponse> answer : answers) {
        refused += isRefused(answer::get) ? 1 : 0;
      }
      assertThat(refused).isOne();
      assertThat(fixture.count("person")).isEqualTo(3);
      for (int i = 4; i < 8; i++) {
        fixture.write(large(i));
      }
    }
  }

  @Test
  void uploads_cancelledWhileTheyWaitForAThread_countNoMore() {
    try (GrpcFixture fixture = fixture()) {
      Answer<WriteResponse> first = occupy(fixture);
      List<Answer<WriteResponse>> gone = new ArrayList<>();
      try (Context.CancellableContext caller = Context.current().withCancellation()) {
        caller.run(() -> gone.addAll(List.of(send(fixture, large(1)), send(fixture, large(2)))));
        gone.add(send(fixture, large(3)));
        awaitOneFailed(gone);
      }
      storage.countDown();
      first.get();
      for (int i = 4; i < 8; i++) {
        fixture.write(large(i));
      }
    }
  }

  @Test
  void uploads_thatNoThreadTakes_giveTheirPlaceAndBytesBack() {
    try (GrpcFixture fixture = fixture()) {
      storage.countDown();
      fixture.threads().uploads().shutdown();
      for (int i = 0; i < 4; i++) {
        Answer<WriteResponse> answer = new Answer<>();
        StreamObserver<WriteRequest> upload =
            CommitServiceGrpc.newStub(fixture.channel()).write(answer);
        upload.onNext(large(i));
        upload.onNext(large(i).toBuilder().clearHeader().build());

        assertFails(ErrorReason.SHUTTING_DOWN, "stopping", answer::get);
      }
      fixture.write(large(9));
      assertThat(fixture.count("person")).isOne();
    }
  }

  @Test
  void requests_thatWaitForAThread_countUntilTheyAreAnswered() {
    try (GrpcFixture fixture = fixture()) {
      Answer<WriteResponse> first = occupy(fixture);
      CommitRequest request =
          json("{database: 'crm', message: '" + LARGE + "'}", CommitRequest.newBuilder());
      List<Answer<?>> answers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Answer<CommitResponse> answer = new Answer<>();
        CommitServiceGrpc.newStub(fixture.channel()).commit(request, answer);
        answers.add(answer);
      }

      awaitOneFailed(answers);
      storage.countDown();
      first.get();
      int refused = 0;
      for (Answer<?> answer : answers) {
        refused += isRefused(answer::get) ? 1 : 0;
      }
      assertThat(refused).isOne();
      for (int i = 0; i < 4; i++) {
        assertFails(
            ErrorReason.ARGUMENT_INVALID, "message", () -> fixture.commits().commit(request));
      }
    }
  }

  private GrpcFixture fixture() {
    GrpcOptions.Bounds b = GrpcOptions.Bounds.DEFAULT;
    EngineFixture engine =
        EngineFixture.open(BackendKind.MEMORY, folder, this::stop, EngineOptions.DEFAULT);
    return new GrpcFixture(
            engine,
            GrpcOptions.DEFAULT.withBounds(
                new GrpcOptions.Bounds(
                    1,
                    b.maxCalls(),
                    1,
                    b.maxOpenUploads(),
                    1_000_000,
                    b.maxScans(),
                    b.maxWaiting(),
                    b.maxMessageBytes())))
        .withPerson();
  }

  private void stop(FailPoint point) {
    if (point == FailPoint.STAGE_BEFORE_FILES) {
      busy.countDown();
      await(storage);
    }
  }

  /** Gives the one worker something to do until storage goes on. */
  private Answer<WriteResponse> occupy(GrpcFixture fixture) {
    Answer<WriteResponse> answer =
        send(
            fixture,
            write("{header: {database: 'crm', table: 'person', append: {}}, rows: [{id: 0}]}"));
    await(busy);
    return answer;
  }

  private static WriteRequest large(int id) {
    return write(
        "{header: {database: 'crm', table: 'person', append: {}}, rows: [{id: %d, name: '%s'}]}"
            .formatted(id, LARGE));
  }

  private static Answer<WriteResponse> send(GrpcFixture fixture, WriteRequest request) {
    Answer<WriteResponse> answer = new Answer<>();
    StreamObserver<WriteRequest> upload =
        CommitServiceGrpc.newStub(fixture.channel()).write(answer);
    upload.onNext(request);
    upload.onCompleted();
    return answer;
  }

  private static void awaitOneFailed(List<? extends Answer<?>> answers) {
    Awaitility.await().until(() -> answers.stream().anyMatch(Answer::isDone));
  }

  private static boolean isRefused(Runnable call) {
    try {
      call.run();
      return false;
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Status.Code.RESOURCE_EXHAUSTED) {
        return false;
      }
      assertIs(ErrorReason.OVERLOADED, "at most 1000000", e);
      return true;
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
