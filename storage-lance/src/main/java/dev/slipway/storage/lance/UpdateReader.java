package dev.slipway.storage.lance;

import dev.slipway.storage.Assignment;
import dev.slipway.storage.Cancellation;
import dev.slipway.storage.predicate.Operand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** The rows of a version that an update changes, as they will be; remembers where they were. */
final class UpdateReader extends ArrowReader {
  private final OpenVersion base;
  private final Map<String, Operand> assignments = new HashMap<>();
  private final List<String> columns;
  private final Optional<String> filter;
  private final RowAddresses rows;
  private final Cancellation cancellation;
  private final Iterator<Optional<List<Integer>>> groups;
  private @Nullable NativeBatches group;

  /**
   * @param assignments bound
   * @param filter in Lance's SQL
   * @param rows takes in the addresses of the rows read
   */
  UpdateReader(
      OpenVersion base,
      List<Assignment> assignments,
      Optional<String> filter,
      RowAddresses rows,
      Cancellation cancellation,
      BufferAllocator allocator) {
    super(allocator);
    this.base = base;
    this.filter = filter;
    this.rows = rows;
    this.cancellation = cancellation;
    this.columns = base.schema().getFields().stream().map(Field::getName).toList();
    this.groups = Scans.groups(base).iterator();
    assignments.forEach(a -> this.assignments.put(a.column(), a.value()));
  }

  @Override
  public boolean loadNextBatch() throws IOException {
    prepareLoadNextBatch();
    VectorSchemaRoot target = getVectorSchemaRoot();
    target.clear();
    while (true) {
      cancellation.check();
      NativeBatches current = group;
      if (current == null) {
        if (!groups.hasNext()) {
          return false;
        }
        current = RowScan.open(base, columns, filter, groups.next(), textBytes());
        group = current;
      }
      VectorSchemaRoot batch = current.next();
      if (batch != null) {
        rows.addAll(batch);
        assign(batch, target);
        return true;
      }
      closeReadSource();
    }
  }

  @Override
  public long bytesRead() {
    return 0;
  }

  @Override
  protected void closeReadSource() {
    NativeBatches current = group;
    group = null;
    if (current != null) {
      current.close();
    }
  }

  @Override
  protected Schema readSchema() {
    return base.schema();
  }

  /** What texts that are set add to each row: they may be far larger than what they replace. */
  private long textBytes() {
    return assignments.values().stream()
        .mapToLong(
            value ->
                value instanceof Operand.StringLiteral text
                    ? text.value().getBytes(StandardCharsets.UTF_8).length
                    : 0)
        .sum();
  }

  private void assign(VectorSchemaRoot from, VectorSchemaRoot to) {
    int count = from.getRowCount();
    for (FieldVector target : to.getFieldVectors()) {
      Operand value = assignments.get(target.getName());
      if (value instanceof Operand.Literal literal) {
        ConstantColumn.fill(target, literal, count);
      } else {
        String source = value instanceof Operand.Column column ? column.name() : target.getName();
        // Shares the buffers, so a column can go to several.
        from.getVector(source).makeTransferPair(target).splitAndTransfer(0, count);
      }
    }
    to.setRowCount(count);
  }
}
