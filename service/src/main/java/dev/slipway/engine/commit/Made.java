package dev.slipway.engine.commit;

import dev.slipway.engine.log.Pin;
import dev.slipway.storage.VersionRef;
import org.jspecify.annotations.Nullable;

/**
 * A version made for an operation. After a lost race it is kept if its base hasn't moved and it was
 * made at or above the staged floor: older ones may have been reclaimed.
 *
 * @param base the version it was made from; null for a new table
 * @param at the revision of the state it was made for
 */
record Made(
    @Nullable VersionRef base, Pin pin, long added, long removed, boolean rebased, long at) {}
