package dev.slipway.storage;

import java.util.function.Function;

/** What came of moving a staged write onto another version. */
public sealed interface Rebase {

  /** It now applies to the new base. */
  record Moved(StagedWrite staged) implements Rebase {}

  /** It can't be moved; {@code reason} is a sentence for the person whose write it is. */
  record Refused(String reason) implements Rebase {}

  /** Takes the one branch that applies. */
  default <T> T fold(Function<Moved, T> moved, Function<Refused, T> refused) {
    if (this instanceof Moved m) {
      return moved.apply(m);
    }
    return refused.apply((Refused) this);
  }
}
