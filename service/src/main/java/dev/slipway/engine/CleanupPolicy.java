package dev.slipway.engine;

import java.time.Duration;

/**
 * How much history a cleanup leaves.
 *
 * @param keepRevisions so many of the newest revisions stay readable at least; 1 or more. Default
 *     1,000
 * @param olderThan revisions younger than this stay readable. Default 7 days
 * @param grace uploads, staged writes and commits younger than this are left alone, whatever they
 *     wrote; neither floor is raised to anything younger. Default 24 hours
 */
public record CleanupPolicy(long keepRevisions, Duration olderThan, Duration grace) {
  public static final CleanupPolicy DEFAULT =
      new CleanupPolicy(1_000, Duration.ofDays(7), Duration.ofHours(24));

  /** Keeps the head alone and waits for nobody: what is under way is refused later. */
  public static final CleanupPolicy EVERYTHING = new CleanupPolicy(1, Duration.ZERO, Duration.ZERO);

  public CleanupPolicy {
    require(keepRevisions >= 1, "keep_revisions", "1 or more revisions", keepRevisions);
    require(!olderThan.isNegative(), "older_than", "0 s or more", olderThan);
    require(!grace.isNegative(), "grace", "0 s or more", grace);
  }

  private static void require(boolean holds, String field, String expected, Object found) {
    if (!holds) {
      throw SlipwayException.of(
              ErrorReason.ARGUMENT_INVALID, "expected %s, found %s", expected, found)
          .with("field", "policy." + field);
    }
  }
}
