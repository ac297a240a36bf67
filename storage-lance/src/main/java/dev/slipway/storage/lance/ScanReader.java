package dev.slipway.storage.lance;

import dev.slipway.storage.ScanRequest;
import dev.slipway.storage.SchemaRules;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.TransferPair;
import org.jspecify.annotations.Nullable;
import org.lance.ipc.LanceScanner;
import org.lance.ipc.ScanOptions;

/**
 * One scan: native scans over groups of fragments, one after the other, as one reader. Looks at the
 * cancellation between batches, gives no empty batch and none larger than asked for.
 */
final class ScanReader extends ArrowReader {
  private final OpenVersions.Lease lease;
  private final ScanRequest request;
  private final Iterator<Optional<List<Integer>>> groups;
  private final String doing;

  /** A single native scan skips and stops by itself; over several we count. */
  private final boolean pushed;

  private long toSkip;
  private long left;
  private @Nullable NativeBatches group;
  private @Nullable VectorSchemaRoot pending;
  private int pendingFrom;

  ScanReader(
      OpenVersions.Lease lease,
      ScanRequest request,
      List<Optional<List<Integer>>> groups,
      BufferAllocator allocator) {
    super(allocator);
    this.lease = lease;
    this.request = request;
    this.groups = groups.iterator();
    this.doing = "scan table " + lease.version().table();
    this.pushed = groups.size() == 1;
    this.toSkip = pushed ? 0 : request.offset();
    this.left = request.limit().orElse(Long.MAX_VALUE);
  }

  @Override
  public boolean loadNextBatch() throws IOException {
    ensureInitialized();
    VectorSchemaRoot target = getVectorSchemaRoot();
    target.clear();
    while (left > 0) {
      request.cancellation().check();
      VectorSchemaRoot source = pending;
      if (source == null) {
        source = next();
        if (source == null) {
          return false;
        }
        pendingFrom = 0;
      }
      int rows = source.getRowCount();
      int skipped = (int) Math.min(toSkip, rows - pendingFrom);
      toSkip -= skipped;
      pendingFrom += skipped;
      int taken = (int) Math.min(Math.min(left, request.batchRows()), rows - pendingFrom);
      if (taken > 0) {
        move(source, pendingFrom, taken, target);
        pendingFrom += taken;
        left -= taken;
      }
      pending = pendingFrom < rows ? source : null;
      if (taken > 0) {
        return true;
      }
    }
    return false;
  }

  @Override
  public long bytesRead() {
    return 0;
  }

  @Override
  protected void closeReadSource() {
    try {
      closeGroup();
    } finally {
      lease.close();
    }
  }

  @Override
  protected Schema readSchema() {
    Schema schema = lease.version().schema();
    return request
        .columns()
        .map(
            columns ->
                new Schema(columns.stream().map(c -> SchemaRules.column(schema, c)).toList()))
        .orElse(schema);
  }

  private static void move(VectorSchemaRoot from, int start, int rows, VectorSchemaRoot to) {
    boolean whole = start == 0 && rows == from.getRowCount();
    for (int i = 0; i < to.getFieldVectors().size(); i++) {
      FieldVector source = from.getVector(i);
      TransferPair pair = source.makeTransferPair(to.getVector(i));
      if (whole) {
        pair.transfer();
      } else {
        pair.splitAndTransfer(start, rows);
      }
    }
    to.setRowCount(rows);
  }

  /** The next native batch, or null at the end of the last group. */
  private @Nullable VectorSchemaRoot next() {
    while (true) {
      NativeBatches current = group;
      if (current == null) {
        if (!groups.hasNext()) {
          return null;
        }
        current = openGroup(groups.next());
        group = current;
      }
      VectorSchemaRoot batch = current.next();
      if (batch != null) {
        return batch;
      }
      closeGroup();
    }
  }

  private NativeBatches openGroup(Optional<List<Integer>> fragments) {
    OpenVersion version = lease.version();
    ScanOptions.Builder options = new ScanOptions.Builder().batchSize(request.batchRows());
    request.columns().ifPresent(options::columns);
    request
        .filter()
        .ifPresent(
            filter ->
                options.filter(
                    SqlFilter.render(filter, version.schema(), readSchema().getFields())));
    fragments.ifPresent(options::fragmentIds);
    if (pushed) {
      request.limit().ifPresent(options::limit);
      if (request.offset() > 0) {
        options.offset(request.offset());
      }
    } else if (request.limit().isPresent()) {
      options.limit(Math.addExact(toSkip, left));
    }
    return NativeBatches.open(
        doing, () -> version.dataset().newScan(options.build()), LanceScanner::scanBatches);
  }

  private void closeGroup() {
    pending = null;
    NativeBatches current = group;
    group = null;
    if (current != null) {
      current.close();
    }
  }
}
