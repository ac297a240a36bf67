package dev.slipway.storage.lance;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.lance.ipc.LanceScanner;
import org.lance.ipc.ScanOptions;

/** Passes over rows of a version with their addresses, in groups of fragments. */
final class RowScan {
  private static final int BATCH_ROWS = 8_192;

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
      Consumer<VectorSchemaRoot> batches) {
    for (List<Integer> group : Scans.groups(fragments)) {
      LanceErrors.run(
          "scan table " + version.table(),
          () -> {
            LanceScanner scanner =
                version.dataset().newScan(options(columns, filter, Optional.of(group)));
            try (ArrowReader reader = scanner.scanBatches()) {
              while (reader.loadNextBatch()) {
                batches.accept(reader.getVectorSchemaRoot());
              }
            } finally {
              scanner.close();
            }
            return true;
          });
    }
  }

  static ScanOptions options(
      List<String> columns, Optional<String> filter, Optional<List<Integer>> fragments) {
    ScanOptions.Builder options =
        new ScanOptions.Builder().columns(columns).withRowAddress(true).batchSize(BATCH_ROWS);
    filter.ifPresent(options::filter);
    fragments.ifPresent(options::fragmentIds);
    return options.build();
  }
}
