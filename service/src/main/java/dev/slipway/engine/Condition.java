package dev.slipway.engine;

import java.util.Map;
import java.util.Optional;

/**
 * What is wrong with an open database, as far as this process has noticed. Reads go on in any case.
 *
 * @param readOnly why nothing can be committed, if so: a log record can't be read or is refused, or
 *     storage takes no more writes
 * @param quarantined intents that need an operator, with why; they block nothing
 * @param checkpoint why there are no new checkpoints, if so
 */
public record Condition(
    Optional<String> readOnly,
    Map<String, String> quarantined,
    Optional<CheckpointFailure> checkpoint) {
  public Condition {
    quarantined = Map.copyOf(quarantined);
  }
}
