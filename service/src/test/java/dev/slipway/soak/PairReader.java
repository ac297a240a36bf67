package dev.slipway.soak;

import dev.slipway.engine.ErrorReason;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** A client that reads: what was acknowledged is there, and no commit is half there. */
final class PairReader {
  private final Caller caller;
  private final Witness witness;

  PairReader(Caller caller, Witness witness) {
    this.caller = caller;
    this.witness = witness;
  }

  void readWhile(BooleanSupplier goesOn) {
    while (goesOn.getAsBoolean()) {
      try {
        read();
      } catch (StatusRuntimeException e) {
        // Killed servers kept it from reading on for so long that its revision expired.
        if (!Session.reason(e).equals(Optional.of(ErrorReason.REVISION_EXPIRED))) {
          throw new AssertionError("a read must be possible", e);
        }
      }
    }
  }

  private void read() {
    long acknowledged = witness.newest();
    Session.Ids left = caller.untilAnswered(session -> session.ids(Writer.PAIR.get(0), 0));
    if (left.revision() < acknowledged) {
      throw new AssertionError(
          "revision %d was acknowledged, and then %d was read as the newest"
              .formatted(acknowledged, left.revision()));
    }
    Session.Ids right =
        caller.untilAnswered(session -> session.ids(Writer.PAIR.get(1), left.revision()));
    if (!left.equals(right)) {
      throw new AssertionError("a commit is half there: left %s, right %s".formatted(left, right));
    }
  }
}
