package dev.slipway.engine;

import java.util.List;
import java.util.Map;

/**
 * What became of the folders of databases that no name means any more: dropped ones, and what a
 * creation that broke off left.
 *
 * @param dryRun whether nothing was changed
 * @param reclaimed ids of the incarnations whose files are gone; their log keys stay
 * @param candidates ids that a later call reclaims, once nobody can be creating them any more
 * @param failed ids that had to be left, with why; another call comes back to them
 */
public record ReclaimReport(
    boolean dryRun, List<String> reclaimed, List<String> candidates, Map<String, String> failed) {
  public ReclaimReport {
    reclaimed = List.copyOf(reclaimed);
    candidates = List.copyOf(candidates);
    failed = Map.copyOf(failed);
  }
}
