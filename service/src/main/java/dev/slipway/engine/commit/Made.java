package dev.slipway.engine.commit;

import dev.slipway.engine.log.Pin;
import dev.slipway.storage.VersionRef;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A version made for an operation. After a lost race it is kept if its base hasn't moved and it was
 * made at or above the staged floor: older ones may have been reclaimed.
 *
 * @param base the version it was made from; null for a new table
 * @param at the revision of the state it was made for
 */
record Made(
    @Nullable VersionRef base, Pin pin, long added, long removed, boolean rebased, long at) {

  /** A version as the commit names and numbers it. */
  static Pin pin(Pin content, Plan.Touch touch) {
    return content.as(Objects.requireNonNull(touch.nameAfter()), touch.versionBefore() + 1);
  }

  /** The same version for a commit that was validated anew. */
  Made as(Plan.Touch touch) {
    return new Made(base, pin(pin, touch), added, removed, rebased, at);
  }
}
