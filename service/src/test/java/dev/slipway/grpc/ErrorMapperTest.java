package dev.slipway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.QuotaFailure;
import com.google.rpc.ResourceInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.slipway.engine.Conflict;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.v1.CommitConflicts;
import dev.slipway.v1.ConflictKind;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ErrorMapperTest {
  private final ErrorMapper mapper = new ErrorMapper();

  @ParameterizedTest
  @EnumSource(ErrorReason.class)
  void map_ofEveryReason_carriesItsStatusAndDetails(ErrorReason reason)
      throws InvalidProtocolBufferException {
    SlipwayException failure =
        reason == ErrorReason.COMMIT_CONFLICT
            ? SlipwayException.conflict("lost", List.of())
            : SlipwayException.of(reason, "it went wrong")
                .with("field", "at.revision")
                .with("resource", "crm");

    StatusRuntimeException mapped = mapper.map(failure, "call-7", "req-1");

    Status status = StatusProto.fromThrowable(mapped);
    assertThat(mapped.getStatus().getCode()).isEqualTo(ReasonDetails.code(reason));
    ErrorInfo info = status.getDetails(0).unpack(ErrorInfo.class);
    assertThat(info.getReason()).isEqualTo(reason.name());
    assertThat(info.getDomain()).isEqualTo("slipway.dev");
    assertThat(status.getDetailsList().subList(1, status.getDetailsCount()))
        .extracting(detail -> detail.getTypeUrl().replaceAll(".*\\.", ""))
        .isEqualTo(ReasonDetails.details(reason).stream().map(Class::getSimpleName).toList());
    for (Any detail : status.getDetailsList()) {
      checkDetail(reason, detail);
    }
  }

  private static void checkDetail(ErrorReason reason, Any detail)
      throws InvalidProtocolBufferException {
    if (detail.is(BadRequest.class)) {
      assertThat(detail.unpack(BadRequest.class).getFieldViolations(0).getField())
          .isEqualTo("at.revision");
    } else if (detail.is(ResourceInfo.class)) {
      assertThat(detail.unpack(ResourceInfo.class).getResourceName()).isEqualTo("crm");
      assertThat(detail.unpack(ResourceInfo.class).getResourceType()).isNotEmpty();
    } else if (detail.is(PreconditionFailure.class)) {
      assertThat(detail.unpack(PreconditionFailure.class).getViolations(0).getType())
          .isEqualTo(reason.name());
    } else if (detail.is(QuotaFailure.class)) {
      assertThat(detail.unpack(QuotaFailure.class).getViolations(0).getDescription())
          .isEqualTo("it went wrong");
    } else if (detail.is(RetryInfo.class)) {
      assertThat(detail.unpack(RetryInfo.class).hasRetryDelay()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ErrorReason.class,
      names = {"DEADLINE", "CANCELLED", "BACKEND_UNAVAILABLE", "SHUTTING_DOWN", "OUTCOME_UNKNOWN"})
  void map_ofAnOpenOutcome_namesTheRequestId(ErrorReason reason) {
    StatusRuntimeException mapped =
        mapper.map(SlipwayException.of(reason, "later"), "call-7", "req-1");

    assertThat(Failures.info(StatusProto.fromThrowable(mapped)).getMetadataMap())
        .containsEntry("request_id", "req-1");
  }

  @Test
  void map_ofManyConflicts_showsTheFirstTenAndTheirTotal() throws InvalidProtocolBufferException {
    List<Conflict> conflicts =
        IntStream.range(0, 25)
            .mapToObj(
                i ->
                    new Conflict("t" + i, Conflict.Kind.TABLE_CHANGED, "version 1", "version 2", 7))
            .toList();

    Status status =
        StatusProto.fromThrowable(
            mapper.map(SlipwayException.conflict("lost", conflicts), "call-7", ""));

    CommitConflicts detail = status.getDetails(1).unpack(CommitConflicts.class);
    assertThat(detail.getTotal()).isEqualTo(25);
    assertThat(detail.getConflictsList()).hasSize(10);
    assertThat(detail.getConflicts(0).getKind())
        .isEqualTo(ConflictKind.CONFLICT_KIND_TABLE_CHANGED);
    assertThat(detail.getConflicts(0).getWinnerRevision()).isEqualTo(7);
  }

  @Test
  void map_ofConflictsThatAreTooLong_keepsThoseThatFit() throws InvalidProtocolBufferException {
    List<Conflict> conflicts =
        IntStream.range(0, 10)
            .mapToObj(
                i ->
                    new Conflict(
                        "\u20ac".repeat(200),
                        Conflict.Kind.EXPECTATION,
                        "\u20ac".repeat(200),
                        "\u20ac".repeat(200),
                        7))
            .toList();

    Status status =
        StatusProto.fromThrowable(
            mapper.map(SlipwayException.conflict("lost", conflicts), "call-7", ""));

    CommitConflicts detail = status.getDetails(1).unpack(CommitConflicts.class);
    assertThat(detail.getConflictsCount()).isBetween(1, 5);
    assertThat(detail.getTotal()).isEqualTo(10);
    assertThat(status.getDetails(2).is(RetryInfo.class)).isTrue();
    assertThat(status.getSerializedSize()).isLessThan(4 << 10);
  }

  @Test
  void map_ofAnythingHuge_fitsAHeaderBlock() {
    for (String character : List.of("a", "%", "\n", "\u00e9", "\u20ac", "\ud83d\udea2")) {
      String huge = character.repeat(100_000);
      SlipwayException failure =
          SlipwayException.of(ErrorReason.NAME_INVALID, "found %s", huge)
              .with("field", huge)
              .with("resource", huge)
              .with("column", huge)
              .with("position", huge);

      StatusRuntimeException mapped = mapper.map(failure, "call-7", huge);

      Status status = StatusProto.fromThrowable(mapped);
      int header =
          percentEncoded(String.valueOf(mapped.getStatus().getDescription()))
              + status.getSerializedSize() * 4 / 3;
      assertThat(header).as(character).isLessThan(7_500);
      assertThat(status.getMessage().getBytes(StandardCharsets.UTF_8).length)
          .isLessThanOrEqualTo(1 << 10);
      Failures.info(status)
          .getMetadataMap()
          .values()
          .forEach(value -> assertThat(value.length()).isLessThan(128));
    }
  }

  private static int percentEncoded(String text) {
    int length = 0;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      length += b >= 0x20 && b < 0x7F && b != '%' ? 1 : 3;
    }
    return length;
  }

  @Test
  void map_ofARetryDelay_passesItOn() throws InvalidProtocolBufferException {
    StatusRuntimeException mapped =
        mapper.map(
            SlipwayException.of(ErrorReason.OVERLOADED, "full")
                .retryAfter(Duration.ofMillis(1_500)),
            "call-7",
            "");

    RetryInfo retry = StatusProto.fromThrowable(mapped).getDetails(2).unpack(RetryInfo.class);
    assertThat(retry.getRetryDelay().getSeconds()).isOne();
    assertThat(retry.getRetryDelay().getNanos()).isEqualTo(500_000_000);
  }

  @Test
  void map_ofAnUnexpectedException_saysWhereTheLogHasItAndNothingElse() {
    StatusRuntimeException mapped =
        mapper.map(new IllegalStateException("secret /var/path"), "call-7", "req-1");

    assertThat(mapped.getStatus().getCode()).isEqualTo(io.grpc.Status.Code.INTERNAL);
    assertThat(mapped).hasMessageContaining("call-7");
    assertThat(mapped.getMessage()).doesNotContain("secret");
    assertThat(Failures.info(StatusProto.fromThrowable(mapped)).getMetadataMap())
        .containsEntry("correlation_id", "call-7");
  }

  @Test
  void map_ofAStorageExceptionWithDetails_passesThemOn() throws InvalidProtocolBufferException {
    Status row =
        StatusProto.fromThrowable(
            mapper.map(
                StorageException.of(StorageErrorCode.ROW_INVALID, "no")
                    .with(StorageException.Detail.ROW, 7)
                    .with(StorageException.Detail.COLUMN, "age"),
                "call-7",
                ""));
    assertThat(Failures.info(row).getMetadataMap())
        .containsEntry("row", "7")
        .containsEntry("column", "age");
    assertThat(row.getDetails(1).unpack(BadRequest.class).getFieldViolations(0).getField())
        .isEqualTo("age");

    Status file =
        StatusProto.fromThrowable(
            mapper.map(
                StorageException.of(StorageErrorCode.MISSING_FILE, "gone")
                    .with(StorageException.Detail.RESOURCE, "data/1.lance"),
                "call-7",
                ""));
    assertThat(file.getDetails(1).unpack(ResourceInfo.class).getResourceName())
        .isEqualTo("data/1.lance");
  }

  @Test
  void map_ofWhatIsTooLarge_namesTheLimitAndNoTimeToRetry() {
    StatusRuntimeException mapped =
        mapper.map(
            StorageException.of(StorageErrorCode.TOO_LARGE, "more than 5 rows")
                .with(StorageException.Detail.LIMIT, 5),
            "call-7",
            "");

    assertThat(Failures.assertIs(ErrorReason.TOO_LARGE, "5 rows", mapped))
        .containsEntry("limit", "5");
    assertThat(StatusProto.fromThrowable(mapped).getDetailsList())
        .noneMatch(detail -> detail.is(RetryInfo.class));
  }

  @ParameterizedTest
  @EnumSource(StorageErrorCode.class)
  void map_ofAStorageException_hasAReason(StorageErrorCode code) {
    StatusRuntimeException mapped =
        mapper.map(StorageException.of(code, "storage says no"), "call-7", "");

    boolean internal = code == StorageErrorCode.INTERNAL;
    assertThat(mapped.getStatus().getCode() == io.grpc.Status.Code.INTERNAL).isEqualTo(internal);
    assertThat(ErrorReason.values())
        .extracting(Enum::name)
        .contains(Failures.info(StatusProto.fromThrowable(mapped)).getReason());
  }
}
