package dev.slipway.engine.commit;

import dev.slipway.engine.log.Pin;

/**
 * A table as a batch under validation sees it.
 *
 * @param pin its pin; if {@code pending}, storage version and counts aren't known yet
 * @param pending an earlier operation of this batch changes it
 */
record TableView(Pin pin, boolean pending) {}
