package dev.slipway.storage;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.types.pojo.ArrowType.ArrowTypeID;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Which column of an upload feeds which column of a table. Columns match by exact name and equal
 * type; nullability, metadata and the names of list children don't count.
 */
final class SourceColumns {
  private final Schema schema;
  private final int[] positions;

  private SourceColumns(List<Field> fields, List<Integer> positions) {
    this.schema = new Schema(fields);
    this.positions = positions.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The table's columns; nullable ones may be absent from the upload. */
  static SourceColumns filled(Schema upload, Schema table) {
    Map<String, Integer> found = found(upload, table);
    List<Integer> positions = new ArrayList<>();
    for (Field field : table.getFields()) {
      if (!found.containsKey(field.getName()) && !field.isNullable()) {
        throw missing(field, "which is required");
      }
      positions.add(found.getOrDefault(field.getName(), -1));
    }
    return new SourceColumns(table.getFields(), positions);
  }

  /** The table's columns, none absent. */
  static SourceColumns complete(Schema upload, Schema table) {
    Map<String, Integer> found = found(upload, table);
    for (Field field : table.getFields()) {
      if (!found.containsKey(field.getName())) {
        throw missing(field, "and only a partial upsert may leave columns out");
      }
    }
    return filled(upload, table);
  }

  /** Those of the table's columns that the upload has: all required ones and the keys. */
  static SourceColumns subset(Schema upload, Schema table, List<String> keys) {
    Map<String, Integer> found = found(upload, table);
    List<Field> fields = new ArrayList<>();
    List<Integer> positions = new ArrayList<>();
    for (Field field : table.getFields()) {
      Integer position = found.get(field.getName());
      if (position != null) {
        fields.add(field);
        positions.add(position);
      } else if (keys.contains(field.getName())) {
        throw missing(field, "which is a key column");
      } else if (!field.isNullable()) {
        throw missing(field, "which is required");
      }
    }
    return new SourceColumns(fields, positions);
  }

  /** What the fitted batches look like. */
  Schema schema() {
    return schema;
  }

  int size() {
    return positions.length;
  }

  /** The upload's position of the fitted column, or -1 if it is to be null. */
  int position(int column) {
    return positions[column];
  }

  private static Map<String, Integer> found(Schema upload, Schema table) {
    Map<String, Field> expected = new HashMap<>();
    table.getFields().forEach(field -> expected.put(field.getName(), field));
    Map<String, Integer> found = new HashMap<>();
    for (int i = 0; i < upload.getFields().size(); i++) {
      Field given = upload.getFields().get(i);
      String name = String.valueOf(given.getName());
      Field field = expected.get(name);
      if (field == null) {
        throw refused(
            name,
            "the upload has a column %s, which the table lacks; it has %s",
            Text.quote(name),
            shown(table));
      }
      if (found.put(name, i) != null) {
        throw refused(name, "the upload has column %s twice", Text.quote(name));
      }
      if (given.getDictionary() != null) {
        throw refused(
            name,
            "column %s is dictionary-encoded; expected plain %s",
            Text.quote(name),
            field.getType());
      }
      if (!sameType(given, field)) {
        throw refused(
            name,
            "column %s: expected type %s, found %s",
            Text.quote(name),
            Text.quote(type(field)),
            Text.quote(type(given)));
      }
    }
    return found;
  }

  private static boolean sameType(Field given, Field expected) {
    List<Field> left = given.getChildren();
    List<Field> right = expected.getChildren();
    if (!given.getType().equals(expected.getType())
        || given.getDictionary() != null
        || left.size() != right.size()) {
      return false;
    }
    boolean named = expected.getType().getTypeID() == ArrowTypeID.Struct;
    for (int i = 0; i < left.size(); i++) {
      if (named && !left.get(i).getName().equals(right.get(i).getName())) {
        return false;
      }
      if (!sameType(left.get(i), right.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static String type(Field field) {
    if (field.getChildren().isEmpty()) {
      return field.getType().toString();
    }
    List<String> children =
        field.getChildren().stream().map(child -> child.getName() + ": " + type(child)).toList();
    return field.getType() + "<" + String.join(", ", children) + ">";
  }

  private static String shown(Schema table) {
    List<String> names =
        table.getFields().stream().limit(20).map(field -> Text.quote(field.getName())).toList();
    return String.join(", ", names) + (table.getFields().size() > 20 ? " and more" : "");
  }

  private static StorageException missing(Field field, String why) {
    return refused(
        field.getName(),
        "the upload lacks column %s (%s), %s",
        Text.quote(field.getName()),
        field.getType(),
        why);
  }

  private static StorageException refused(String column, String format, Object... args) {
    return StorageException.of(StorageErrorCode.SCHEMA_MISMATCH, format, args)
        .with(StorageException.Detail.COLUMN, column);
  }
}
