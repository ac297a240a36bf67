package dev.slipway.cli.data;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** The narrowest columns that hold every row seen; all nullable. */
final class SchemaGuess {
  private final Map<String, TypeGuess> columns = new LinkedHashMap<>();

  void columns(List<String> names) {
    names.forEach(name -> columns.computeIfAbsent(name, any -> new TypeGuess()));
  }

  /** The row that the reader is at. */
  void add(RecordReader records) {
    records
        .row()
        .forEach(
            (name, value) ->
                columns
                    .computeIfAbsent(name, any -> new TypeGuess())
                    .add(value, records.textual(), records::place));
  }

  Schema schema(Path path) {
    if (columns.isEmpty()) {
      throw new DataException(path + ": expected at least one row to learn the columns from");
    }
    return new Schema(
        columns.entrySet().stream()
            .<Field>map(column -> column.getValue().field(column.getKey(), column.getKey()))
            .toList());
  }
}
