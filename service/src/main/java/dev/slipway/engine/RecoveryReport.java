package dev.slipway.engine;

import java.util.Map;

/**
 * What a pass of recovery did.
 *
 * @param resolved how many intents it completed, rolled back or found decided
 * @param pending intents left for another pass, with why
 * @param quarantined intents that block nothing and need an operator, with why
 */
public record RecoveryReport(
    int resolved, Map<String, String> pending, Map<String, String> quarantined) {
  public RecoveryReport {
    pending = Map.copyOf(pending);
    quarantined = Map.copyOf(quarantined);
  }
}
