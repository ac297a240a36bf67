package dev.slipway.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.QuotaFailure;
import com.google.rpc.ResourceInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.StorageErrors;
import dev.slipway.storage.StorageException;
import dev.slipway.v1.CommitConflicts;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where a failure becomes a gRPC status. Everything a client gets fits an HTTP/2
 * header block: a longer one would reach it as INTERNAL, whatever it was.
 */
public final class ErrorMapper {
  public static final String DOMAIN = "slipway.dev";

  static final int MAX_MESSAGE_BYTES = 1_000;
  static final int MAX_VALUE_CHARACTERS = 127;
  static final int MAX_STATUS_BYTES = 4_000;

  private static final Logger LOG = LoggerFactory.getLogger(ErrorMapper.class);

  /**
   * @param correlationId names the call in logs
   * @param requestId the client's request id, or empty
   */
  public StatusRuntimeException map(Throwable failure, String correlationId, String requestId) {
    SlipwayException known = known(failure, correlationId);
    Status status = status(known, requestId);
    if (status.getSerializedSize() > MAX_STATUS_BYTES) {
      status = shortened(status);
    }
    return StatusProto.toStatusRuntimeException(status);
  }

  private static SlipwayException known(Throwable failure, String correlationId) {
    SlipwayException known;
    if (failure instanceof SlipwayException own) {
      known = own;
    } else if (failure instanceof StorageException storage) {
      known = StorageErrors.translate(storage);
    } else {
      known = SlipwayException.of(ErrorReason.INTERNAL, "an unexpected failure").causedBy(failure);
    }
    switch (known.reason().kind()) {
      case INTERNAL -> {
        LOG.error("call {} failed", correlationId, failure);
        // What went wrong inside is for the log; the client gets what finds it there.
        return SlipwayException.of(
                ErrorReason.INTERNAL,
                "an unexpected failure; the server's log has it under %s",
                correlationId)
            .with("correlation_id", correlationId);
      }
      case DATA_LOSS -> LOG.error("call {} found damage", correlationId, failure);
      case UNAVAILABLE -> LOG.warn("call {}: {}", correlationId, known.getMessage(), failure);
      default -> LOG.debug("call {}: {}", correlationId, known.getMessage());
    }
    return known;
  }

  private static Status status(SlipwayException failure, String requestId) {
    ErrorReason reason = failure.reason();
    String message = Shortened.message(String.valueOf(failure.getMessage()), MAX_MESSAGE_BYTES);
    Map<String, String> metadata = new TreeMap<>(failure.metadata());
    boolean undecided =
        switch (reason.kind()) {
          case DEADLINE, CANCELLED, UNAVAILABLE -> true;
          default -> false;
        };
    if (undecided && !requestId.isEmpty()) {
      metadata.put("request_id", requestId);
    }
    metadata.replaceAll((key, value) -> Shortened.value(value, MAX_VALUE_CHARACTERS));
    Status.Builder status =
        Status.newBuilder()
            .setCode(ReasonDetails.code(reason).value())
            .setMessage(message)
            .addDetails(
                Any.pack(
                    ErrorInfo.newBuilder()
                        .setReason(reason.name())
                        .setDomain(DOMAIN)
                        .putAllMetadata(metadata)
                        .build()));
    for (Class<? extends Message> type : ReasonDetails.details(reason)) {
      status.addDetails(Any.pack(detail(type, failure, metadata)));
    }
    return status.build();
  }

  private static Message detail(
      Class<? extends Message> type, SlipwayException failure, Map<String, String> metadata) {
    ErrorReason reason = failure.reason();
    // The message has it all already; here it stands once more for programs that show a field's.
    String description = Shortened.message(String.valueOf(failure.getMessage()), 200);
    String resource = metadata.getOrDefault("resource", "");
    String resourceType = ReasonDetails.resourceType(reason).orElse("");
    if (type == BadRequest.class) {
      String field = metadata.getOrDefault("field", metadata.getOrDefault("column", ""));
      return BadRequest.newBuilder()
          .addFieldViolations(
              BadRequest.FieldViolation.newBuilder()
                  .setField(field)
                  .setReason(reason.name())
                  .setDescription(description))
          .build();
    }
    if (type == ResourceInfo.class) {
      return ResourceInfo.newBuilder()
          .setResourceType(resourceType)
          .setResourceName(resource)
          .setDescription(description)
          .build();
    }
    if (type == PreconditionFailure.class) {
      return PreconditionFailure.newBuilder()
          .addViolations(
              PreconditionFailure.Violation.newBuilder()
                  .setType(reason.name())
                  .setSubject(resourceType + (resource.isEmpty() ? "" : ":" + resource))
                  .setDescription(description))
          .build();
    }
    if (type == QuotaFailure.class) {
      return QuotaFailure.newBuilder()
          .addViolations(
              QuotaFailure.Violation.newBuilder()
                  .setSubject(metadata.getOrDefault("field", "server"))
                  .setDescription(description))
          .build();
    }
    if (type == CommitConflicts.class) {
      return CommitMessages.conflicts(failure.conflicts());
    }
    Duration delay = failure.retryAfter().orElseGet(() -> ReasonDetails.retryDelay(reason));
    return RetryInfo.newBuilder().setRetryDelay(Durations.fromNanos(delay.toNanos())).build();
  }

  /** Keeps the status, its ErrorInfo and as many of the other details as fit. */
  private static Status shortened(Status status) {
    Status.Builder kept = status.toBuilder().clearDetails();
    for (Any detail : status.getDetailsList()) {
      int room = MAX_STATUS_BYTES - kept.build().getSerializedSize() - 16;
      Any fitting =
          detail.getSerializedSize() <= room ? detail : CommitMessages.fitted(detail, room);
      if (fitting.getSerializedSize() <= room) {
        kept.addDetails(fitting);
      }
    }
    return kept.build();
  }
}
