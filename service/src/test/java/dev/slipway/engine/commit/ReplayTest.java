package dev.slipway.engine.commit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.log.EntryHeader;
import dev.slipway.engine.log.LogEntry;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Aborts in the log, answered again. */
final class ReplayTest {
  @Test
  void failure_ofAReasonOfANewerRelease_isNoInternalErrorAndNamesIt() {
    SlipwayException failure = Replay.failure(abort("QUOTA_OF_TOMORROW", "no room"));

    assertThat(failure.reason()).isEqualTo(ErrorReason.UNSUPPORTED);
    assertThat(failure).hasMessage("QUOTA_OF_TOMORROW: no room");
  }

  @Test
  void failure_ofAMissingBranch_namesItAgain() {
    SlipwayException failure = Replay.failure(abort("BRANCH_NOT_FOUND", "no branch dev"));

    assertThat(failure.reason()).isEqualTo(ErrorReason.BRANCH_NOT_FOUND);
    assertThat(failure.metadata()).containsEntry("resource", "dev");
    assertThat(failure).hasMessage("no branch dev");
  }

  private static LogEntry.Abort abort(String reason, String message) {
    return new LogEntry.Abort(
        new EntryHeader("op", "r", "digest", "tester", 0, 0),
        "dev",
        reason,
        message,
        List.of(),
        true,
        null);
  }
}
