package dev.slipway.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.slipway.engine.ErrorReason;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What a client sees of a failed call. */
final class Failures {
  private Failures() {}

  /** The call fails for the reason, with all that reason promises; answers its metadata. */
  static Map<String, String> assertFails(ErrorReason reason, String text, ThrowingCallable call) {
    StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(failure).as("the call should fail with %s", reason).isNotNull();
    return assertIs(reason, text, failure);
  }

  static Map<String, String> assertIs(
      ErrorReason reason, String text, StatusRuntimeException failure) {
    Status status = StatusProto.fromThrowable(failure);
    assertThat(status.getDetailsList()).as("details of %s", failure).isNotEmpty();
    ErrorInfo info = info(status);
    assertThat(info.getReason()).as("%s", failure).isEqualTo(reason.name());
    assertThat(info.getDomain()).isEqualTo(ErrorMapper.DOMAIN);
    assertThat(failure.getStatus().getCode())
        .isEqualTo(ReasonDetails.code(reason))
        .isNotIn(io.grpc.Status.Code.INTERNAL, io.grpc.Status.Code.UNKNOWN);
    assertThat(failure).hasMessageContaining(text);
    assertThat(status.getSerializedSize()).isLessThan(4 << 10);
    assertThat(status.getDetailsList())
        .extracting(Any::getTypeUrl)
        .as("details of %s", reason)
        .hasSize(1 + ReasonDetails.details(reason).size());
    return info.getMetadataMap();
  }

  static ErrorInfo info(Status status) {
    try {
      return status.getDetails(0).unpack(ErrorInfo.class);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
