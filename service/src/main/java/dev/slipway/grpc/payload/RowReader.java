package dev.slipway.grpc.payload;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.storage.Text;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** JSON rows as batches of a table's schema: one batch for each piece. */
public final class RowReader extends PayloadReader {
  private final Schema table;
  private final boolean namedOnly;
  private final Pieces<List<Struct>> pieces;
  private final CellWriter.RowPosition position = new CellWriter.RowPosition();
  private @Nullable List<Struct> first;
  private Set<String> columns = Set.of();
  private long bytes;

  /**
   * @param table the table's columns: rows take their types from it
   * @param namedOnly read only the columns that a row of the first piece names, and refuse others
   *     later: what an upsert sets. Otherwise all, where a missing field is null
   */
  public RowReader(
      BufferAllocator allocator, Schema table, boolean namedOnly, Pieces<List<Struct>> pieces) {
    super(allocator);
    this.table = table;
    this.namedOnly = namedOnly;
    this.pieces = pieces;
  }

  @Override
  public long bytesRead() {
    return bytes;
  }

  @Override
  protected Schema schema() {
    Set<String> known = new HashSet<>();
    table.getFields().forEach(field -> known.add(field.getName()));
    columns = known;
    if (!namedOnly) {
      return table;
    }
    first = pieces.next();
    if (first == null) {
      return table;
    }
    Set<String> named = new HashSet<>();
    for (Struct row : first) {
      requireKnown(row, known, "the table");
      named.addAll(row.getFieldsMap().keySet());
      position.row++;
    }
    position.row = 0;
    columns = named;
    List<Field> fields =
        table.getFields().stream().filter(field -> named.contains(field.getName())).toList();
    return new Schema(fields);
  }

  @Override
  protected boolean load(VectorSchemaRoot root) {
    List<Struct> piece = first == null ? pieces.next() : first;
    first = null;
    if (piece == null) {
      return false;
    }
    List<CellWriter> writers = new ArrayList<>();
    for (FieldVector vector : root.getFieldVectors()) {
      vector.setInitialCapacity(piece.size());
      vector.allocateNew();
      writers.add(CellWriter.of(vector, vector.getName(), position));
    }
    for (int i = 0; i < piece.size(); i++) {
      Struct row = piece.get(i);
      requireKnown(row, columns, namedOnly ? "the first message of this upload" : "the table");
      write(row, i, root, writers);
      bytes += row.getSerializedSize();
      position.row++;
    }
    root.setRowCount(piece.size());
    return true;
  }

  private static void write(
      Struct row, int index, VectorSchemaRoot root, List<CellWriter> writers) {
    Map<String, Value> fields = row.getFieldsMap();
    for (int c = 0; c < writers.size(); c++) {
      writers.get(c).write(index, fields.getOrDefault(root.getVector(c).getName(), JsonRows.NULL));
    }
  }

  private void requireKnown(Struct row, Set<String> known, String where) {
    for (String name : row.getFieldsMap().keySet()) {
      if (!known.contains(name)) {
        throw SlipwayException.of(
                ErrorReason.ROW_INVALID,
                "row %d: there is no column %s in %s; it has %s",
                position.row,
                Text.quote(name),
                where,
                shown())
            .with("row", position.row)
            .with("column", name);
      }
    }
  }

  private List<String> shown() {
    List<String> names = new ArrayList<>();
    for (Field field : table.getFields()) {
      if (columns.contains(field.getName()) && names.size() < 20) {
        names.add(Text.quote(field.getName()));
      }
    }
    return names;
  }
}
