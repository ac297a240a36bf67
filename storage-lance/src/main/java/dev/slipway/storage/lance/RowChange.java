package dev.slipway.storage.lance;

import dev.slipway.storage.SchemaRules;
import dev.slipway.storage.StagedFacts;
import java.util.List;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * What an upsert, delete or update does to one base.
 *
 * @param added fragments to add, as written
 * @param removed what goes
 * @param rowsAdded rows in {@code added}
 * @param redo how to do it again on another base
 */
record RowChange(
    List<StoredFragment> added, RowRemoval.Removed removed, long rowsAdded, Redo redo) {

  StagedFacts facts(Schema schema) {
    return new StagedFacts(
        rowsAdded,
        removed.rows(),
        bytes(added) + removed.bytesWritten() + uploadedBytes(),
        SchemaRules.fingerprint(schema));
  }

  LanceStagedState state() {
    return new LanceStagedState(
        added,
        removed.updated(),
        removed.removed(),
        bytes(added) + removed.bytesWritten() - removed.bytesFreed(),
        redo);
  }

  private long uploadedBytes() {
    return redo instanceof Redo.Upsert upsert ? bytes(upsert.source()) : 0;
  }

  private static long bytes(List<StoredFragment> fragments) {
    return fragments.stream().mapToLong(StoredFragment::dataBytes).sum();
  }
}
