package dev.slipway.grpc;

import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.QuotaFailure;
import com.google.rpc.ResourceInfo;
import com.google.rpc.RetryInfo;
import dev.slipway.engine.ErrorReason;
import dev.slipway.v1.CommitConflicts;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The error table: which status each reason has, and which details besides ErrorInfo. */
final class ReasonDetails {
  private ReasonDetails() {}

  static Status.Code code(ErrorReason reason) {
    return switch (reason.kind()) {
      case CONFLICT -> Status.Code.ABORTED;
      case PRECONDITION -> Status.Code.FAILED_PRECONDITION;
      case EXISTS -> Status.Code.ALREADY_EXISTS;
      case NOT_FOUND -> Status.Code.NOT_FOUND;
      case ARGUMENT -> Status.Code.INVALID_ARGUMENT;
      case RANGE -> Status.Code.OUT_OF_RANGE;
      case UNSUPPORTED -> Status.Code.UNIMPLEMENTED;
      case EXHAUSTED -> Status.Code.RESOURCE_EXHAUSTED;
      case DEADLINE -> Status.Code.DEADLINE_EXCEEDED;
      case CANCELLED -> Status.Code.CANCELLED;
      case UNAVAILABLE -> Status.Code.UNAVAILABLE;
      case DATA_LOSS -> Status.Code.DATA_LOSS;
      case INTERNAL -> Status.Code.INTERNAL;
    };
  }

  static List<Class<? extends Message>> details(ErrorReason reason) {
    return switch (reason.kind()) {
      case CONFLICT -> List.of(CommitConflicts.class, RetryInfo.class);
      case PRECONDITION -> List.of(PreconditionFailure.class);
      case EXISTS, NOT_FOUND, DATA_LOSS -> List.of(ResourceInfo.class);
      case ARGUMENT -> List.of(BadRequest.class);
      case EXHAUSTED ->
          reason == ErrorReason.OVERLOADED
              ? List.of(QuotaFailure.class, RetryInfo.class)
              : List.of(QuotaFailure.class);
      case UNAVAILABLE -> List.of(RetryInfo.class);
      case RANGE, UNSUPPORTED, DEADLINE, CANCELLED, INTERNAL -> List.of();
    };
  }

  /** When to try again, if the failure itself doesn't say. */
  static Duration retryDelay(ErrorReason reason) {
    return switch (reason) {
      case COMMIT_CONFLICT -> Duration.ZERO;
      case OUTCOME_UNKNOWN -> Duration.ofMillis(200);
      default -> Duration.ofSeconds(1);
    };
  }

  /** What kind of thing a reason is about; empty if it varies. */
  static Optional<String> resourceType(ErrorReason reason) {
    return Optional.ofNullable(
        switch (reason) {
          case DATABASE_EXISTS, DATABASE_NOT_FOUND, NOT_EMPTY -> "database";
          case TABLE_EXISTS, TABLE_NOT_FOUND, INCOMPATIBLE_SCHEMA -> "table";
          case BRANCH_NOT_FOUND -> "branch";
          case STAGED_WRITE_EXISTS,
              STAGED_WRITE_NOT_FOUND,
              STAGED_WRITE_COMMITTED,
              STAGED_WRITE_EXPIRED ->
              "staged write";
          case REVISION_NOT_FOUND -> "revision";
          case COLUMN_NOT_FOUND -> "column";
          case CORRUPT_RECORD -> "record";
          case MISSING_FILE -> "file";
          default -> null;
        });
  }
}
