package dev.slipway.engine.simulation;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.Database;
import dev.slipway.engine.Expectation;
import dev.slipway.engine.matrix.Model;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What a client asks for, as often as it likes, under one request id.
 *
 * @param effect what it does if it commits
 * @param onlyOn tables that must be as they were when they were written to, and the staged write in
 *     question (empty: the one of the call)
 * @param mayConflict whether a conflict is possible for another reason than {@code expectations}
 *     and {@code onlyOn}: its table may be dropped, its staged write used by another
 */
record Request(
    String id,
    UnaryOperator<Model> effect,
    List<Expectation> expectations,
    Map<String, String> onlyOn,
    boolean mayConflict,
    Call call) {

  /** How it is asked for. */
  interface Call {
    /**
     * @return the revision it was committed at
     */
    long make(Database database, CallContext context);
  }
}
