package dev.slipway.engine.commit;

import dev.slipway.engine.Conflict;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.staging.StagedRecord;
import dev.slipway.storage.WriteKind;
import java.util.Optional;

/** Which writes a table may have moved on under since they were staged. */
public final class MovedTable {
  private MovedTable() {}

  /**
   * Whether a write can be fitted to a version other than the one it was staged on.
   *
   * @throws SlipwayException {@code COMMIT_CONFLICT}
   */
  public static void check(StagedRecord write, Pin pin) {
    check(write, new TableView(pin, false));
  }

  static void check(StagedRecord write, TableView table) {
    Pin pin = table.pin();
    if (pin.schemaRevision() != write.schemaRevision()) {
      throw SlipwayException.conflict(
          new Conflict(
              pin.name(),
              Conflict.Kind.SCHEMA_CHANGED,
              "the schema of revision " + write.schemaRevision(),
              "that of revision " + pin.schemaRevision(),
              pin.schemaRevision()));
    }
    if (write.kind() == WriteKind.OVERWRITE || write.unique()) {
      throw SlipwayException.conflict(
          new Conflict(
              pin.name(),
              Conflict.Kind.TABLE_CHANGED,
              "the table at storage version " + write.base().storageVersion(),
              TableView.describe(Optional.of(table)),
              pin.changed()));
    }
  }
}
