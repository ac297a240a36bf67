package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailureLineTest {
  @ParameterizedTest
  @CsvSource({
    "INCOMPATIBLE_SCHEMA, FAILED_PRECONDITION, 6",
    "NOT_EMPTY, FAILED_PRECONDITION, 5",
    "COMMIT_CONFLICT, ABORTED, 5",
    "TABLE_EXISTS, ALREADY_EXISTS, 5",
    "TABLE_NOT_FOUND, NOT_FOUND, 4",
    "REVISION_EXPIRED, OUT_OF_RANGE, 4",
    "REVISION_NOT_REACHED, OUT_OF_RANGE, 4",
    "OFFSET_GAP, OUT_OF_RANGE, 6",
    "ROW_INVALID, INVALID_ARGUMENT, 6",
    "DEADLINE, DEADLINE_EXCEEDED, 3",
    "SHUTTING_DOWN, UNAVAILABLE, 3",
    "INTERNAL, INTERNAL, 1"
  })
  void line_ofAReason_hasTheDocumentedExitCode(String reason, Code code, int exitCode) {
    Status status =
        Status.newBuilder()
            .setCode(code.getNumber())
            .setMessage("why")
            .addDetails(Any.pack(ErrorInfo.newBuilder().setReason(reason).build()))
            .build();

    assertThat(FailureLine.of(StatusProto.toStatusRuntimeException(status)))
        .contains(new FailureLine(exitCode, reason + ": why"));
  }

  @Test
  void line_ofAFailureOfAFile_namesTheFileAndNoClass() {
    IOException denied = new AccessDeniedException("x.csv");

    assertThat(FailureLine.of(denied))
        .contains(new FailureLine(ExitCode.FAILED, "x.csv: access is denied"));
    assertThat(FailureLine.of(new UncheckedIOException(denied))).isEqualTo(FailureLine.of(denied));
    assertThat(FailureLine.of(new IOException("Unexpected end")))
        .contains(new FailureLine(ExitCode.FAILED, "Unexpected end"));
  }
}
