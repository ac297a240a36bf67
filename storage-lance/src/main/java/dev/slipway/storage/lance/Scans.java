package dev.slipway.storage.lance;

import dev.slipway.storage.Cancellation;
import dev.slipway.storage.ScanRequest;
import dev.slipway.storage.SchemaRules;
import dev.slipway.storage.predicate.Predicate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.lance.ipc.LanceScanner;
import org.lance.ipc.ScanOptions;

/**
 * Reads rows of open versions. What has a filter runs over groups of fragments, one native call
 * each, because a filter that matches nothing would otherwise keep one call busy for as long as the
 * table is large, and nothing can interrupt it.
 */
final class Scans {
  /** Rows that one native call may have to look through before it gives a batch. */
  static final long GROUP_ROWS = 4_000_000;

  private final BufferAllocator allocator;

  Scans(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /** The reader holds the lease, and gives it back when it is closed. */
  ArrowReader scan(OpenVersions.Lease lease, ScanRequest request) {
    try {
      OpenVersion version = lease.version();
      int rows = BatchRows.of(version, columns(version, request), request.batchRows());
      return new ScanReader(
          lease, request.withBatchRows(rows), groups(version, request), allocator);
    } catch (RuntimeException e) {
      lease.close();
      throw e;
    }
  }

  private static List<Field> columns(OpenVersion version, ScanRequest request) {
    Schema schema = version.schema();
    return request
        .columns()
        .map(names -> names.stream().map(name -> SchemaRules.column(schema, name)).toList())
        .orElse(schema.getFields());
  }

  private static List<Optional<List<Integer>>> groups(OpenVersion version, ScanRequest request) {
    if (request.limit().isPresent() && request.limit().getAsLong() == 0) {
      return List.of();
    }
    return request.filter().isEmpty() ? List.of(Optional.empty()) : groups(version);
  }

  long count(OpenVersion version, Predicate filter, Cancellation cancellation) {
    String sql = SqlFilter.render(filter, version.schema());
    long count = 0;
    for (Optional<List<Integer>> group : groups(version)) {
      cancellation.check();
      ScanOptions.Builder options =
          new ScanOptions.Builder().filter(sql).columns(List.of()).withRowAddress(true);
      group.ifPresent(options::fragmentIds);
      count +=
          LanceErrors.run(
              "count rows of table " + version.table(),
              () -> {
                LanceScanner scanner = version.dataset().newScan(options.build());
                try {
                  return scanner.countRows();
                } finally {
                  scanner.close();
                }
              });
    }
    return count;
  }

  /** Fragments in order, in groups of some millions of rows; one group for all names none. */
  static List<Optional<List<Integer>>> groups(OpenVersion version) {
    List<List<Integer>> groups = groups(version.fragments());
    return groups.size() == 1
        ? List.of(Optional.empty())
        : groups.stream().map(Optional::of).toList();
  }

  /** Their ids in order, in groups of some millions of rows. */
  static List<List<Integer>> groups(List<StoredFragment> fragments) {
    List<List<Integer>> groups = new ArrayList<>();
    List<Integer> group = new ArrayList<>();
    long rows = 0;
    for (StoredFragment fragment : fragments) {
      if (!group.isEmpty() && rows + fragment.physicalRows() > GROUP_ROWS) {
        groups.add(group);
        group = new ArrayList<>();
        rows = 0;
      }
      group.add(fragment.id());
      rows += fragment.physicalRows();
    }
    if (!group.isEmpty()) {
      groups.add(group);
    }
    return groups;
  }
}
