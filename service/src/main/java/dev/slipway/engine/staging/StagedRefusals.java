package dev.slipway.engine.staging;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;

/** Why a staged write can't be used, in the same words wherever that is found out. */
public final class StagedRefusals {
  private StagedRefusals() {}

  /**
   * @param revision that used it up
   */
  public static SlipwayException committed(String id, long revision) {
    return SlipwayException.of(
            ErrorReason.STAGED_WRITE_COMMITTED,
            "staged write %s is committed already, at revision %d",
            id,
            revision)
        .with("resource", id)
        .with("revision", revision);
  }

  /** By an earlier commit of the same batch: its revision isn't known yet. */
  public static SlipwayException committed(String id) {
    return SlipwayException.of(
            ErrorReason.STAGED_WRITE_COMMITTED, "staged write %s is committed already", id)
        .with("resource", id);
  }

  public static SlipwayException notFound(String id) {
    return SlipwayException.of(
            ErrorReason.STAGED_WRITE_NOT_FOUND,
            "no staged write %s: it expired, was discarded, or never was",
            id)
        .with("resource", id);
  }
}
