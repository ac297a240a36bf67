package dev.slipway.engine.simulation;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;

/** A call that may fail while things go wrong, but only with what a call may fail with. */
final class Attempt {
  /** What a read or a question may fail with while things go wrong. */
  static final Set<ErrorReason> EXCUSES =
      EnumSet.of(
          ErrorReason.BACKEND_UNAVAILABLE,
          ErrorReason.OUTCOME_UNKNOWN,
          ErrorReason.CANCELLED,
          ErrorReason.SHUTTING_DOWN,
          ErrorReason.OVERLOADED);

  private Attempt() {}

  /** Whether a call was told that its database is gone, and it is. */
  static boolean isGone(Incarnation incarnation, ErrorReason reason) {
    return reason == ErrorReason.DATABASE_NOT_FOUND && incarnation.isDeleted();
  }

  /**
   * @param excused what it may fail with besides
   */
  static void of(String who, EngineProcess process, Runnable call, Predicate<ErrorReason> excused) {
    try {
      process.call(
          () -> {
            call.run();
            return true;
          });
    } catch (SlipwayException e) {
      boolean fits =
          process.life().isOver() || EXCUSES.contains(e.reason()) || excused.test(e.reason());
      if (!fits) {
        throw new AssertionError(who + " was told " + e.reason() + ": " + e.getMessage(), e);
      }
    } catch (RuntimeException e) {
      if (!process.life().isOver()) {
        throw new AssertionError("a call fails with SlipwayException and nothing else", e);
      }
    }
  }
}
