package dev.slipway.engine;

import java.util.List;

/**
 * Some recoveries, newest first.
 *
 * @param next where to go on: revisions less than this; 0 if there are no more
 */
public record RecoveryPage(List<RecoveryInfo> recoveries, long next) {
  public RecoveryPage {
    recoveries = List.copyOf(recoveries);
  }
}
