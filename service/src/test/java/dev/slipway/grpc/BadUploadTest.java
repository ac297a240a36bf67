package dev.slipway.grpc;

import static dev.slipway.grpc.Failures.assertFails;
import static dev.slipway.grpc.GrpcFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.slipway.engine.ErrorReason;
import dev.slipway.v1.CommitServiceGrpc;
import dev.slipway.v1.WriteRequest;
import dev.slipway.v1.WriteResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Uploads that end early, go on too long or come in the wrong order. */
final class BadUploadTest extends BadInput {

  @Test
  void upload_withoutMessages_isRefused() {
    assertFails(ErrorReason.ARGUMENT_INVALID, "header", fixture::write);
  }

  @Test
  void upload_withoutHeader_isRefused() {
    assertFails(
        ErrorReason.ARGUMENT_INVALID, "header", () -> fixture.write(write("{rows: [{id: 1}]}")));
  }

  @Test
  void upload_withTwoHeaders_isRefused() {
    WriteRequest header = write("{header: {database: 'crm', table: 'person', append: {}}}");

    assertFails(ErrorReason.ARGUMENT_INVALID, "header", () -> fixture.write(header, header));
  }

  @Test
  void upload_withoutOperation_isRefused() {
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "one of append",
        () ->
            fixture.write(write("{header: {database: 'crm', table: 'person'}, rows: [{id: 1}]}")));
  }

  @Test
  void upload_withoutDatabaseOrTable_namesTheField() {
    assertThat(
            assertFails(
                ErrorReason.ARGUMENT_INVALID,
                "header.database",
                () -> fixture.write(write("{header: {table: 'person', append: {}}}"))))
        .containsEntry("field", "header.database");
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "header.table",
        () -> fixture.write(write("{header: {database: 'crm', append: {}}}")));
  }

  @Test
  void upload_ofBothForms_isRefused() {
    WriteRequest both =
        write("{header: {database: 'crm', table: 'person', append: {}}, rows: [{id: 1}]}")
            .toBuilder()
            .setArrowIpc(ByteString.copyFromUtf8("x"))
            .build();
    assertFails(
        ErrorReason.ARGUMENT_INVALID, "either arrow_ipc or rows", () -> fixture.write(both));

    WriteRequest rows =
        write("{header: {database: 'crm', table: 'person', append: {}}, rows: [{id: 1}]}");
    WriteRequest bytes =
        WriteRequest.newBuilder().setArrowIpc(ByteString.copyFromUtf8("x")).build();
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "the form this upload began with",
        () -> fixture.write(rows, bytes));
  }

  @Test
  void upload_ofDataForADelete_isRefused() {
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "take none",
        () ->
            fixture.write(
                write(
                    "{header: {database: 'crm', table: 'person', delete: {all: true}},"
                        + " rows: [{id: 1}]}")));
  }

  @Test
  void deleteAndUpdate_thatDoNotSayWhichRows_areRefused() {
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "all: true",
        () -> fixture.write(write("{header: {database: 'crm', table: 'person', delete: {}}}")));
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "all: true",
        () ->
            fixture.write(
                write("{header: {database: 'crm', table: 'person', update: {set: {age: '1'}}}}")));
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "found both",
        () ->
            fixture.write(
                write(
                    "{header: {database: 'crm', table: 'person',"
                        + " delete: {filter: 'id = 1', all: true}}}")));
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "at least one column",
        () ->
            fixture.write(
                write("{header: {database: 'crm', table: 'person', update: {all: true}}}")));
  }

  @Test
  void upload_withAGapOrARepeat_saysWhatComesNext() {
    WriteRequest first =
        write("{header: {database: 'crm', table: 'person', append: {}}, rows: [{id: 1}, {id: 2}]}");

    for (int offset : new int[] {0, 1, 3, 1_000}) {
      assertThat(
              assertFails(
                  ErrorReason.OFFSET_GAP,
                  "at offset 2, found " + offset,
                  () -> fixture.write(first, write("{rows: [{id: 3}], offset: " + offset + "}"))))
          .containsEntry("next_offset", "2");
    }
    assertThat(
            assertFails(
                ErrorReason.OFFSET_GAP,
                "at offset 0",
                () -> fixture.write(first.toBuilder().setOffset(5).build())))
        .containsEntry("next_offset", "0");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void upload_withMessagesThatSayNothing_goesOn(int after) {
    Answer<WriteResponse> answer = new Answer<>();
    StreamObserver<WriteRequest> upload =
        CommitServiceGrpc.newStub(fixture.channel())
            .withDeadlineAfter(30, TimeUnit.SECONDS)
            .write(answer);
    String large = "x".repeat(100_000);
    List<WriteRequest> messages =
        List.of(
            write(
                "{header: {database: 'crm', table: 'person', append: {}}, rows: [{id: 1, name: '"
                    + large
                    + "'}]}"),
            write("{rows: [{id: 2}]}"),
            write("{rows: [{id: 3}]}"));

    for (int i = 0; i < messages.size(); i++) {
      upload.onNext(messages.get(i));
      if (i == after) {
        // More than one, so that whoever is asked for one gets the next too.
        upload.onNext(WriteRequest.getDefaultInstance());
        upload.onNext(WriteRequest.getDefaultInstance());
      }
    }
    upload.onCompleted();

    assertThat(answer.get().getRevision()).isEqualTo(head + 1);
    head++;
  }
}
