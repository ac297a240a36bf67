package dev.slipway.cli.data;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** Rows of a text file as Arrow batches of given columns. */
final class RecordBatches extends ArrowReader {
  private static final long MAX_TEXT = 8 << 20;

  private final RecordReader records;
  private final Schema schema;
  private final int batchRows;

  /** Characters of text in the batch: long texts must not make it large. */
  private long text;

  RecordBatches(BufferAllocator allocator, RecordReader records, Schema schema, int batchRows) {
    super(allocator);
    this.records = records;
    this.schema = schema;
    this.batchRows = batchRows;
  }

  @Override
  protected Schema readSchema() {
    return schema;
  }

  @Override
  public boolean loadNextBatch() throws IOException {
    VectorSchemaRoot root = getVectorSchemaRoot();
    root.clear();
    List<FieldVector> vectors = root.getFieldVectors();
    Map<String, FieldVector> byName = new LinkedHashMap<>();
    for (FieldVector vector : vectors) {
      vector.setInitialCapacity(batchRows);
      byName.put(vector.getName(), vector);
    }
    int rows = 0;
    text = 0;
    while (rows < batchRows && text < MAX_TEXT && records.next()) {
      set(byName, rows);
      rows++;
    }
    root.setRowCount(rows);
    return rows > 0;
  }

  private void set(Map<String, FieldVector> vectors, int row) {
    Map<String, @Nullable Object> values = records.row();
    for (String name : values.keySet()) {
      if (!vectors.containsKey(name)) {
        throw new DataException(
            "%s: the table has no column '%s'; its columns are %s"
                .formatted(records.place(), name, vectors.keySet()));
      }
    }
    for (FieldVector vector : vectors.values()) {
      Object value = values.get(vector.getName());
      // A fresh vector is null everywhere, so nulls needn't be written.
      if (value != null) {
        set(vector, row, value);
        text += value instanceof String string ? string.length() : 0;
      } else if (!vector.getField().isNullable()) {
        throw new DataException(
            "%s: column '%s': expected %s, never null, found null"
                .formatted(records.place(), vector.getName(), TypeNames.of(vector.getField())));
      }
    }
  }

  private void set(FieldVector vector, int row, Object value) {
    try {
      ValueWriter.set(vector, row, nested(vector, value));
    } catch (Misfit e) {
      throw new DataException(
          "%s: column '%s%s': %s".formatted(records.place(), vector.getName(), e.path(), e.what()),
          e);
    }
  }

  /** Where all is text, lists and structs are written as JSON. */
  private Object nested(FieldVector vector, Object value) {
    if (vector.getField().getChildren().isEmpty()
        || !records.textual()
        || !(value instanceof String text)) {
      return value;
    }
    try {
      return JsonText.parse(text);
    } catch (IllegalArgumentException e) {
      throw Misfit.of(TypeNames.of(vector.getField()) + " as JSON", value, e);
    }
  }

  @Override
  public long bytesRead() {
    return 0;
  }

  @Override
  protected void closeReadSource() throws IOException {
    records.close();
  }
}
