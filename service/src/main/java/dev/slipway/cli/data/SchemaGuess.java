package dev.slipway.cli.data;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** The narrowest columns that hold every row seen; all nullable. */
final class SchemaGuess {
  private final boolean textual;
  private final Map<String, TypeGuess> columns = new LinkedHashMap<>();

  /**
   * @param textual whether the file has text alone, so that {@code 1} is a number written as text
   */
  SchemaGuess(boolean textual) {
    this.textual = textual;
  }

  void columns(List<String> names) {
    names.forEach(name -> columns.computeIfAbsent(name, any -> new TypeGuess()));
  }

  void add(Map<String, @Nullable Object> row) {
    row.forEach(
        (name, value) -> columns.computeIfAbsent(name, any -> new TypeGuess()).add(value, textual));
  }

  Schema schema(Path path) {
    if (columns.isEmpty()) {
      throw new DataException(path + ": expected at least one row to learn the columns from");
    }
    return new Schema(
        columns.entrySet().stream()
            .<Field>map(column -> column.getValue().field(path, column.getKey()))
            .toList());
  }
}
