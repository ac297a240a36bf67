package dev.slipway.grpc;

import static dev.slipway.grpc.Failures.assertIs;
import static dev.slipway.grpc.GrpcFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.grpc.payload.IpcStreams;
import dev.slipway.grpc.payload.IpcWriter;
import dev.slipway.v1.CommitServiceGrpc;
import dev.slipway.v1.WriteRequest;
import dev.slipway.v1.WriteResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Hundreds of clients that stop sending: they are dropped, and harm nobody but themselves. */
final class StalledUploadsTest {
  private static final GrpcOptions OPTIONS =
      GrpcOptions.DEFAULT.withIdle(Duration.ofSeconds(12), Duration.ofSeconds(12));
  private static final int PLACES = OPTIONS.bounds().maxUploads();

  @TempDir private Path folder;

  /** Wherever an upload can stall before it has a row. */
  @ParameterizedTest
  @EnumSource(BackendKind.class)
  void uploads_sixHundredThatStall_leaveOthersAtWorkAndEndTyped(BackendKind kind) {
    try (GrpcFixture fixture = new GrpcFixture(kind, folder, OPTIONS).withPerson()) {
      List<List<WriteRequest>> starts = List.of(List.of(), header(), noArrow(), noBatch());
      Clients clients = new Clients(fixture, starts);
      try {
        long revisions = workBeside(fixture, clients, open -> open > 400);

        assertThat(clients.reasons())
            .containsOnlyKeys(ErrorReason.DEADLINE, ErrorReason.OVERLOADED)
            .containsEntry(ErrorReason.OVERLOADED, 150 - PLACES);
        fixture.assertNothingLeft(revisions);
      } finally {
        clients.leave();
      }
    }
  }

  /** In the midst of good data: whoever is let in holds a writer of the storage, which waits. */
  @ParameterizedTest
  @EnumSource(BackendKind.class)
  void uploads_sixHundredThatStallInTheWriter_leaveOthersAtWorkAndEndTyped(BackendKind kind) {
    try (GrpcFixture fixture = new GrpcFixture(kind, folder, OPTIONS).withPerson()) {
      Clients clients = new Clients(fixture, List.of(batches(fixture)));
      try {
        if (kind == BackendKind.LANCE) {
          Awaitility.await().until(() -> nativeWriters() >= PLACES);
        }
        Awaitility.await().until(() -> clients.open() == PLACES);
        long revisions = workBeside(fixture, clients, open -> open == PLACES);

        assertThat(clients.reasons())
            .containsOnlyKeys(ErrorReason.DEADLINE, ErrorReason.OVERLOADED)
            .containsEntry(ErrorReason.OVERLOADED, 600 - PLACES);
        fixture.assertNothingLeft(revisions);
      } finally {
        clients.leave();
      }
    }
  }

  /**
   * Writes of one message, also a large one, and reads; answers the head after them.
   *
   * @param stalled how many must still be open in the midst of it
   */
  private static long workBeside(GrpcFixture fixture, Clients clients, LongPredicate stalled) {
    long head = fixture.head();
    for (int i = 0; i < 10; i++) {
      fixture.write(
          write(
              "{header: {database: 'crm', table: 'person', append: {}}, rows: [{id: " + i + "}]}"));
      assertThat(fixture.count("person")).isEqualTo(i + 1);
    }
    assertThat(clients.open()).as("stalled uploads still open").matches(stalled::test);
    fixture.write(
        header().get(0).toBuilder()
            .setArrowIpc(StalledCallsTest.people(fixture, 1_000, 20_000))
            .build());
    assertThat(fixture.rows("person")).hasSize(20_010);
    return head + 11;
  }

  private static long nativeWriters() {
    return Thread.getAllStackTraces().values().stream()
        .filter(
            stack ->
                Arrays.stream(stack)
                    .anyMatch(
                        frame ->
                            frame.isNativeMethod()
                                && frame.getClassName().startsWith("org.lance.")))
        .count();
  }

  /** Six hundred uploads over six connections, each as far as its turn among the starts. */
  private static final class Clients {
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final List<Answer<WriteResponse>> answers = new ArrayList<>();

    Clients(GrpcFixture fixture, List<List<WriteRequest>> starts) {
      for (int c = 0; c < 6; c++) {
        channels.add(fixture.newChannel());
      }
      for (int i = 0; i < 600; i++) {
        Answer<WriteResponse> answer = new Answer<>();
        StreamObserver<WriteRequest> upload =
            CommitServiceGrpc.newStub(channels.get(i % channels.size())).write(answer);
        starts.get(i % starts.size()).forEach(upload::onNext);
        answers.add(answer);
      }
    }

    long open() {
      return answers.stream().filter(answer -> !answer.isDone()).count();
    }

    /** How they end. */
    Map<ErrorReason, Integer> reasons() {
      Map<ErrorReason, Integer> reasons = new EnumMap<>(ErrorReason.class);
      for (Answer<WriteResponse> answer : answers) {
        reasons.merge(reason(answer), 1, Integer::sum);
      }
      return reasons;
    }

    private static ErrorReason reason(Answer<WriteResponse> answer) {
      try {
        answer.get();
        throw new AssertionError("a stalled upload was answered");
      } catch (StatusRuntimeException e) {
        ErrorReason reason =
            e.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED
                ? ErrorReason.OVERLOADED
                : ErrorReason.DEADLINE;
        assertIs(reason, "", e);
        return reason;
      }
    }

    void leave() {
      channels.forEach(ManagedChannel::shutdownNow);
    }
  }

  private static List<WriteRequest> header() {
    return List.of(write("{header: {database: 'crm', table: 'person', append: {}}}"));
  }

  private static List<WriteRequest> noArrow() {
    return List.of(
        header().get(0).toBuilder().setArrowIpc(ByteString.copyFrom(new byte[100 << 10])).build());
  }

  /** A schema, and the beginning of a message that says it has 4 MiB of metadata. */
  private static List<WriteRequest> noBatch() {
    ByteString schema = IpcWriter.schemaOnly(EngineFixture.PEOPLE);
    return List.of(
        header().get(0).toBuilder().setArrowIpc(withoutEnd(schema)).build(),
        WriteRequest.newBuilder()
            .setArrowIpc(
                ByteString.copyFrom(new byte[] {-1, -1, -1, -1, 0, 0, 0x40, 0})
                    .concat(ByteString.copyFrom(new byte[90 << 10])))
            .build());
  }

  /** Three whole batches, in two messages. */
  private static List<WriteRequest> batches(GrpcFixture fixture) {
    List<Map<String, @Nullable Object>> people = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      people.add(EngineFixture.person(i, "somebody with a rather long name " + i, i));
    }
    ByteString stream =
        withoutEnd(IpcStreams.of(fixture.allocator(), EngineFixture.PEOPLE, people, 1_000));
    int half = stream.size() / 2;
    return List.of(
        header().get(0).toBuilder().setArrowIpc(stream.substring(0, half)).build(),
        WriteRequest.newBuilder().setArrowIpc(stream.substring(half)).build());
  }

  private static ByteString withoutEnd(ByteString stream) {
    return stream.substring(0, stream.size() - 8);
  }
}
