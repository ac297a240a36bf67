package dev.slipway.engine.commit;

import dev.slipway.engine.log.Pin;
import java.util.Optional;

/**
 * A table as a batch under validation sees it.
 *
 * @param pin its pin; if {@code pending}, storage version and counts aren't known yet
 * @param pending an earlier operation of this batch changes it
 */
record TableView(Pin pin, boolean pending) {

  /** What was found where a commit wanted a table. */
  static String describe(Optional<TableView> found) {
    return found.map(TableView::describe).orElse("no such table");
  }

  private String describe() {
    return pending
        ? "changed by an earlier commit of the same batch"
        : "table "
            + pin.table()
            + " at storage version "
            + pin.storage()
            + ", changed at revision "
            + pin.changed();
  }
}
