package dev.slipway.engine.matrix;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.fault.Life;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/**
 * What clients asked for and what they were told: the oracle's one witness beside the log. Safe for
 * use by many threads.
 */
public final class Ledger {
  private final Map<String, Asked> asked = new ConcurrentSkipListMap<>();

  /** What a client was told. */
  public sealed interface Answer {
    record Acknowledged(long revision) implements Answer {}

    record Refused(ErrorReason reason, String message) implements Answer {}

    /** It may have happened and may not. */
    record Unknown(String why) implements Answer {}
  }

  /** A request, what it does if it commits, and all answers to it. */
  public record Asked(String request, UnaryOperator<Model> effect, List<Answer> answers) {}

  public Map<String, Asked> all() {
    return asked;
  }

  /**
   * Makes a call and notes its answer.
   *
   * @param request its request id; the same one may be asked again
   * @param life the process that is called: of one that ended there is no answer
   * @param call gives the commit's revision
   */
  public Answer ask(String request, UnaryOperator<Model> effect, Life life, LongSupplier call) {
    Asked entry =
        asked.computeIfAbsent(request, id -> new Asked(id, effect, new CopyOnWriteArrayList<>()));
    Answer answer = answer(life, call);
    entry.answers().add(answer);
    return answer;
  }

  private static Answer answer(Life life, LongSupplier call) {
    try {
      long revision = call.getAsLong();
      return life.isOver()
          ? new Answer.Unknown("the process ended before it answered")
          : new Answer.Acknowledged(revision);
    } catch (SlipwayException e) {
      return life.isOver() || leavesOpen(e.reason())
          ? new Answer.Unknown(e.reason() + ": " + e.getMessage())
          : new Answer.Refused(e.reason(), String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      if (life.isOver()) {
        return new Answer.Unknown(e.toString());
      }
      throw new AssertionError("a call fails with SlipwayException and nothing else", e);
    }
  }

  private static boolean leavesOpen(ErrorReason reason) {
    return reason == ErrorReason.OUTCOME_UNKNOWN
        || reason == ErrorReason.CANCELLED
        || reason == ErrorReason.DEADLINE;
  }
}
