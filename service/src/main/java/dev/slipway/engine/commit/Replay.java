package dev.slipway.engine.commit;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.log.LogEntry;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Answers again what the log has decided. */
public final class Replay {
  private Replay() {}

  /** The failure that an abort in the log stands for. */
  public static SlipwayException failure(LogEntry.Abort abort) {
    ErrorReason reason = reason(abort);
    String message = message(abort);
    return switch (reason) {
      case COMMIT_CONFLICT -> SlipwayException.conflict(message, abort.conflicts());
      case BRANCH_NOT_FOUND ->
          SlipwayException.of(reason, "%s", message).with("resource", abort.branch());
      default -> SlipwayException.of(reason, "%s", message);
    };
  }

  /** Why it was aborted; UNSUPPORTED if a newer release had a reason that this one lacks. */
  public static ErrorReason reason(LogEntry.Abort abort) {
    return known(abort).orElse(ErrorReason.UNSUPPORTED);
  }

  /** Why in words, with the reason's name if this release lacks it. */
  public static String message(LogEntry.Abort abort) {
    return known(abort).isPresent() ? abort.message() : abort.reason() + ": " + abort.message();
  }

  private static Optional<ErrorReason> known(LogEntry.Abort abort) {
    return Arrays.stream(ErrorReason.values())
        .filter(reason -> reason.name().equals(abort.reason()))
        .findFirst();
  }

  /** A request id that stands for something else. */
  public static SlipwayException reused(@Nullable String request) {
    return SlipwayException.of(
            ErrorReason.REQUEST_ID_REUSED,
            "request id %s was used with other content; use a new one",
            String.valueOf(request))
        .with("field", "request_id");
  }
}
