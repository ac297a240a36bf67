package dev.slipway.engine;

import java.util.List;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * A table's columns and keys.
 *
 * @param columns the columns
 * @param keyColumns columns that identify a row; empty for none
 */
public record TableSchema(Schema columns, List<String> keyColumns) {
  public TableSchema {
    keyColumns = List.copyOf(keyColumns);
  }
}
