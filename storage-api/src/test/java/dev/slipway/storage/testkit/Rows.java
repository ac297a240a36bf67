package dev.slipway.storage.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** Rows as maps from column name to {@linkplain Values value}, to Arrow and back. */
public final class Rows {
  private Rows() {}

  /** A row from alternating names and values; a value may be null. */
  public static Map<String, @Nullable Object> row(@Nullable Object... namesAndValues) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      row.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
    }
    return row;
  }

  /** One batch; the caller closes it. Columns that a row lacks are null. */
  public static VectorSchemaRoot root(
      BufferAllocator allocator, Schema schema, List<Map<String, @Nullable Object>> rows) {
    VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
    fill(root, rows);
    return root;
  }

  /** All rows in one batch, or none if there are none; the caller closes it. */
  public static ArrowReader reader(
      BufferAllocator allocator, Schema schema, List<Map<String, @Nullable Object>> rows) {
    return reader(allocator, schema, rows, Math.max(1, rows.size()));
  }

  /** Batches of so many rows; the caller closes it. */
  public static ArrowReader reader(
      BufferAllocator allocator,
      Schema schema,
      List<Map<String, @Nullable Object>> rows,
      int batchRows) {
    List<List<Map<String, @Nullable Object>>> batches = new ArrayList<>();
    for (int start = 0; start < rows.size(); start += batchRows) {
      batches.add(rows.subList(start, Math.min(rows.size(), start + batchRows)));
    }
    return new BatchReader(
        allocator, schema, batches.size(), (root, i) -> fill(root, batches.get(i)));
  }

  /** Reads to the end and closes the reader. */
  public static List<Map<String, @Nullable Object>> read(ArrowReader reader) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    readBatches(reader).forEach(rows::addAll);
    return rows;
  }

  /** Reads to the end, batch by batch, and closes the reader. */
  public static List<List<Map<String, @Nullable Object>>> readBatches(ArrowReader reader) {
    List<List<Map<String, @Nullable Object>>> batches = new ArrayList<>();
    try (reader) {
      while (reader.loadNextBatch()) {
        batches.add(read(reader.getVectorSchemaRoot()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return batches;
  }

  public static List<Map<String, @Nullable Object>> read(VectorSchemaRoot root) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (int i = 0; i < root.getRowCount(); i++) {
      Map<String, @Nullable Object> row = new LinkedHashMap<>();
      for (FieldVector vector : root.getFieldVectors()) {
        row.put(vector.getName(), Values.read(vector, i));
      }
      rows.add(row);
    }
    return rows;
  }

  /** Fills an empty batch. */
  public static void fill(VectorSchemaRoot root, List<Map<String, @Nullable Object>> rows) {
    for (FieldVector vector : root.getFieldVectors()) {
      vector.setInitialCapacity(rows.size());
      vector.allocateNew();
      for (int i = 0; i < rows.size(); i++) {
        Values.write(vector, i, rows.get(i).get(vector.getName()));
      }
      vector.setValueCount(rows.size());
    }
    root.setRowCount(rows.size());
  }
}
