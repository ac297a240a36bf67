package dev.slipway.engine.simulation;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.Database;
import dev.slipway.engine.Expectation;
import java.util.List;

/**
 * What a client asks for, as often as it likes, under one request id.
 *
 * @param steps what it does if it commits, in order
 * @param mayConflict whether a conflict is possible for another reason than {@code expectations}
 *     and exclusive writes: its table may be dropped, its staged write used by another
 */
record Request(
    String id, List<Step> steps, List<Expectation> expectations, boolean mayConflict, Call call) {

  /** How it is asked for. */
  interface Call {
    /**
     * @return the revision it was committed at
     */
    long make(Database database, CallContext context);
  }

  List<Step.Write> writes() {
    return steps.stream().filter(Step.Write.class::isInstance).map(Step.Write.class::cast).toList();
  }

  /** Whether it is refused if another changed one of its tables since it was staged. */
  boolean isExclusive() {
    return writes().stream().anyMatch(write -> write.writing().exclusive());
  }
}
