package dev.slipway.engine;

import java.util.List;

/** What became of a request id. */
public sealed interface Outcome {
  record Committed(long revision) implements Outcome {}

  record Aborted(long revision, ErrorReason reason, String message, List<Conflict> conflicts)
      implements Outcome {}

  record InProgress() implements Outcome {}

  record NotFound() implements Outcome {}
}
