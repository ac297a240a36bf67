package dev.slipway.grpc;

import static dev.slipway.grpc.GrpcFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.v1.CountRequest;
import dev.slipway.v1.CountResponse;
import dev.slipway.v1.PayloadFormat;
import dev.slipway.v1.ReadAt;
import dev.slipway.v1.ScanRequest;
import dev.slipway.v1.ScanResponse;
import dev.slipway.v1.WriteResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reads as of a time: the newest revision that isn't later. */
final class ReadAtTimeTest {

  @ParameterizedTest
  @EnumSource(BackendKind.class)
  void read_atATimestamp_seesTheNewestRevisionNotLater(BackendKind kind, @TempDir Path folder) {
    try (GrpcFixture fixture = new GrpcFixture(kind, folder).withPerson()) {
      long empty = fixture.head();
      WriteResponse first = append(fixture, 1);
      WriteResponse second = append(fixture, 2);
      Timestamp a = first.getCommitTime();
      Timestamp b = second.getCommitTime();
      assertThat(Timestamps.compare(a, b)).isNegative();

      reads(fixture, micros(a, -1), empty, 0);
      reads(fixture, a, first.getRevision(), 1);
      reads(fixture, Timestamps.add(a, Durations.fromNanos(999)), first.getRevision(), 1);
      reads(fixture, micros(b, -1), first.getRevision(), 1);
      reads(fixture, b, second.getRevision(), 2);
      reads(fixture, micros(b, 3_600_000_000L), second.getRevision(), 2);
      Failures.assertFails(
          ErrorReason.REVISION_NOT_FOUND,
          "",
          () -> reads(fixture, micros(a, -3_600_000_000L), empty, 0));
    }
  }

  /** Count and scan, both. */
  private static void reads(GrpcFixture fixture, Timestamp time, long revision, int rows) {
    ReadAt at = ReadAt.newBuilder().setTimestamp(time).build();
    CountResponse count =
        fixture
            .reads()
            .count(
                CountRequest.newBuilder().setDatabase("crm").setTable("person").setAt(at).build());
    assertThat(count.getCount()).as("rows at %s", time).isEqualTo(rows);
    assertThat(count.getRevision()).isEqualTo(revision);

    List<ScanResponse> messages = new ArrayList<>();
    fixture
        .reads()
        .scan(
            ScanRequest.newBuilder()
                .setDatabase("crm")
                .setTable("person")
                .setAt(at)
                .setFormat(PayloadFormat.PAYLOAD_FORMAT_ROWS)
                .build())
        .forEachRemaining(messages::add);
    assertThat(messages.get(0).getRevision()).isEqualTo(revision);
    List<String> ids = new ArrayList<>();
    for (ScanResponse message : messages) {
      for (Struct row : message.getRowsList()) {
        ids.add(row.getFieldsOrThrow("id").getStringValue());
      }
    }
    assertThat(ids).containsExactlyInAnyOrderElementsOf(List.of("1", "2").subList(0, rows));
  }

  private static Timestamp micros(Timestamp time, long more) {
    return Timestamps.fromMicros(Timestamps.toMicros(time) + more);
  }

  private static WriteResponse append(GrpcFixture fixture, int id) {
    return fixture.write(
        write(
            "{header: {database: 'crm', table: 'person', append: {}}, rows: [{id: " + id + "}]}"));
  }
}
