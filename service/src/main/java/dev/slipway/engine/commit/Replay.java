package dev.slipway.engine.commit;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.log.LogEntry;
import org.jspecify.annotations.Nullable;

/** Answers again what the log has decided. */
public final class Replay {
  private Replay() {}

  /** The failure that an abort in the log stands for. */
  public static SlipwayException failure(LogEntry.Abort abort) {
    ErrorReason reason = ErrorReason.valueOf(abort.reason());
    return reason == ErrorReason.COMMIT_CONFLICT
        ? SlipwayException.conflict(abort.message(), abort.conflicts())
        : SlipwayException.of(reason, "%s", abort.message());
  }

  static SlipwayException reused(@Nullable String request) {
    return SlipwayException.of(
            ErrorReason.REQUEST_ID_REUSED,
            "request id %s was used with other content; use a new one",
            String.valueOf(request))
        .with("field", "request_id");
  }
}
