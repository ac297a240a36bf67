package dev.slipway.cli;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.slipway.OfflineRepairException;
import dev.slipway.ServerStartException;
import dev.slipway.cli.data.DataException;
import dev.slipway.config.ConfigException;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import java.util.Optional;

/**
 * A failure as its user sees it: what happened, in one line, and the exit code.
 *
 * @param exitCode one of {@link ExitCode}
 */
record FailureLine(int exitCode, String text) {

  /** Empty for what should never happen: the stack trace is of use then. */
  static Optional<FailureLine> of(Throwable failure) {
    Optional<ResultException> unwritten = unwritten(failure);
    if (unwritten.isPresent()) {
      int exitCode = unwritten.get().isReaderGone() ? ExitCode.OK : ExitCode.FAILED;
      return line(exitCode, String.valueOf(unwritten.get().getMessage()));
    }
    if (failure instanceof CommandException known) {
      return line(known.exitCode(), String.valueOf(known.getMessage()));
    }
    if (failure instanceof StatusRuntimeException || failure instanceof StatusException) {
      return Optional.of(status(failure));
    }
    if (failure instanceof DataException) {
      return line(ExitCode.BAD_DATA, String.valueOf(failure.getMessage()));
    }
    if (failure instanceof ConfigException) {
      return line(ExitCode.USAGE, "the configuration has mistakes:\n" + failure.getMessage());
    }
    if (failure instanceof ServerStartException) {
      return line(ExitCode.FAILED, "the server can't start: " + failure.getMessage());
    }
    if (failure instanceof OfflineRepairException refused) {
      return line(
          refused.reason().flatMap(FailureLine::exitCode).orElse(ExitCode.FAILED),
          String.valueOf(refused.getMessage()));
    }
    if (failure instanceof NoSuchFileException) {
      return line(ExitCode.BAD_DATA, "there is no file " + failure.getMessage());
    }
    if (failure instanceof UncheckedIOException unchecked) {
      return of(Objects.requireNonNull(unchecked.getCause()));
    }
    if (failure instanceof IOException known) {
      return line(ExitCode.FAILED, FileTrouble.line(known));
    }
    return Optional.empty();
  }

  /** Those who write formats wrap what they get. */
  private static Optional<ResultException> unwritten(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof ResultException found) {
        return Optional.of(found);
      }
    }
    return Optional.empty();
  }

  /** The reason that the server gives with a failed call, {@code TABLE_NOT_FOUND} for instance. */
  static Optional<String> reason(Throwable failure) {
    return Optional.ofNullable(StatusProto.fromThrowable(failure))
        .flatMap(
            status ->
                status.getDetailsList().stream()
                    .filter(detail -> detail.is(ErrorInfo.class))
                    .findFirst())
        .map(FailureLine::unpack)
        .map(ErrorInfo::getReason);
  }

  private static ErrorInfo unpack(Any detail) {
    try {
      return detail.unpack(ErrorInfo.class);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a server sent a malformed ErrorInfo", e);
    }
  }

  private static FailureLine status(Throwable failure) {
    Status status = Status.fromThrowable(failure);
    Optional<String> reason = reason(failure);
    String text =
        Optional.ofNullable(status.getDescription()).orElse("the server gave no explanation");
    int exitCode =
        reason.flatMap(FailureLine::exitCode).orElseGet(() -> exitCode(status.getCode()));
    // Without a reason it comes from the connection, which has said it all.
    boolean plain = reason.isEmpty() && exitCode == ExitCode.UNAVAILABLE;
    return new FailureLine(
        exitCode, plain ? text : reason.orElse(status.getCode().name()) + ": " + text);
  }

  /** For reasons that mean something else here than their status does to programs. */
  private static Optional<Integer> exitCode(String reason) {
    return switch (reason) {
      case "INCOMPATIBLE_SCHEMA" -> Optional.of(ExitCode.BAD_DATA);
      case "DATABASE_NOT_FOUND", "REVISION_EXPIRED", "REVISION_NOT_REACHED" ->
          Optional.of(ExitCode.NOT_FOUND);
      default -> Optional.empty();
    };
  }

  private static int exitCode(Status.Code code) {
    return switch (code) {
      case UNAVAILABLE, DEADLINE_EXCEEDED -> ExitCode.UNAVAILABLE;
      case NOT_FOUND -> ExitCode.NOT_FOUND;
      case ABORTED, ALREADY_EXISTS, FAILED_PRECONDITION -> ExitCode.CONFLICT;
      case INVALID_ARGUMENT, OUT_OF_RANGE -> ExitCode.BAD_DATA;
      default -> ExitCode.FAILED;
    };
  }

  private static Optional<FailureLine> line(int exitCode, String text) {
    return Optional.of(new FailureLine(exitCode, text));
  }
}
