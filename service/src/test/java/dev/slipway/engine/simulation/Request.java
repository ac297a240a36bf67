package dev.slipway.engine.simulation;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.Database;
import dev.slipway.engine.Expectation;
import java.util.List;

/**
 * What a client asks for, as often as it likes, under one request id.
 *
 * @param steps what it does if it commits, in order
 */
record Request(String id, List<Step> steps, List<Expectation> expectations, Call call) {

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
}
