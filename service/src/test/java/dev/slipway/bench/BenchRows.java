package dev.slipway.bench;

import dev.slipway.storage.testkit.BatchReader;
import dev.slipway.storage.testkit.Columns;
import java.nio.charset.StandardCharsets;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Schema;

/** The rows that are measured: an int64, a float64 and a short string. */
final class BenchRows {
  static final Schema SCHEMA =
      Columns.schema(
          Columns.int64("id"),
          Columns.column("value", new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE)),
          Columns.utf8("name"));

  private BenchRows() {}

  static ArrowReader reader(BufferAllocator allocator, int rows, int batchRows) {
    int batches = (rows + batchRows - 1) / batchRows;
    return new BatchReader(
        allocator,
        SCHEMA,
        batches,
        (root, batch) ->
            fill(root, batch * batchRows, Math.min(batchRows, rows - batch * batchRows)));
  }

  static void fill(VectorSchemaRoot root, int from, int rows) {
    BigIntVector ids = (BigIntVector) root.getVector("id");
    Float8Vector values = (Float8Vector) root.getVector("value");
    VarCharVector names = (VarCharVector) root.getVector("name");
    ids.allocateNew(rows);
    values.allocateNew(rows);
    names.allocateNew(rows * 10L, rows);
    for (int i = 0; i < rows; i++) {
      ids.set(i, from + i);
      values.set(i, (from + i) * 0.5);
      names.setSafe(i, ("name-" + (from + i) % 1_000).getBytes(StandardCharsets.US_ASCII));
    }
    root.setRowCount(rows);
  }
}
