package dev.slipway.cli;

import dev.slipway.cli.data.DataException;
import dev.slipway.cli.data.DataFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * A file and where it goes.
 *
 * @param columns those of the table that it fills
 * @param partial whether the others are left as they are
 */
record LoadTarget(String table, DataFile file, Schema columns, boolean partial) {

  /** Rows that are new have every column, those that the file lacks as null. */
  static List<LoadTarget> adding(String table, List<DataFile> files, Schema columns) {
    return files.stream().map(file -> new LoadTarget(table, file, columns, false)).toList();
  }

  /**
   * Rows that may be there already: what a file doesn't have must stay as it is.
   *
   * @param key columns that each file must have
   */
  static List<LoadTarget> upserting(
      String table,
      List<DataFile> files,
      Schema columns,
      List<String> key,
      BufferAllocator allocator,
      LongConsumer consumed)
      throws IOException {
    List<LoadTarget> targets = new ArrayList<>();
    for (DataFile file : files) {
      Set<String> given = file.columns(allocator, consumed);
      if (!given.containsAll(key)) {
        throw new DataException(
            "%s: expected the key's columns %s, which an upsert finds rows by; found %s"
                .formatted(file.path(), key, given.stream().sorted().toList()));
      }
      List<Field> filled =
          columns.getFields().stream().filter(field -> given.contains(field.getName())).toList();
      // With one that the table hasn't, reading the rows says where it is.
      boolean partial = filled.size() == given.size() && filled.size() < columns.getFields().size();
      targets.add(new LoadTarget(table, file, partial ? new Schema(filled) : columns, partial));
    }
    return targets;
  }
}
