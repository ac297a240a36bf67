package dev.slipway.storage.lance;

import dev.slipway.storage.Cancellation;
import dev.slipway.storage.SchemaRules;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Field;
import org.lance.ipc.LanceScanner;
import org.lance.ipc.ScanOptions;

/** Passes over rows of a version with their addresses, in groups of fragments. */
final class RowScan {
  private RowScan() {}

  /**
   * @param fragments to look at
   * @param columns to read besides the address, in this order
   * @param filter in Lance's SQL
   */
  static void each(
      OpenVersion version,
      List<StoredFragment> fragments,
      List<String> columns,
      Optional<String> filter,
      Cancellation cancellation,
      Consumer<VectorSchemaRoot> batches) {
    for (List<Integer> group : Scans.groups(fragments)) {
      cancellation.check();
      try (NativeBatches found = open(version, columns, filter, Optional.of(group), 0)) {
        for (VectorSchemaRoot batch = found.next(); batch != null; batch = found.next()) {
          cancellation.check();
          batches.accept(batch);
        }
      }
    }
  }

  /**
   * @param fragments to look at; all, if empty
   * @param beside bytes that each row takes on top, once it is read
   */
  static NativeBatches open(
      OpenVersion version,
      List<String> columns,
      Optional<String> filter,
      Optional<List<Integer>> fragments,
      long beside) {
    List<Field> fields =
        columns.stream().map(name -> SchemaRules.column(version.schema(), name)).toList();
    ScanOptions.Builder options =
        new ScanOptions.Builder()
            .columns(columns)
            .withRowAddress(true)
            .batchSize(BatchRows.of(version, fields, beside, BatchRows.DEFAULT));
    filter.ifPresent(options::filter);
    fragments.ifPresent(options::fragmentIds);
    return NativeBatches.open(
        "scan table " + version.table(),
        () -> version.dataset().newScan(options.build()),
        LanceScanner::scanBatches);
  }
}
