package dev.slipway.storage;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** Which schemas a table may have. Every backend stores all of these, and nothing else. */
public final class SchemaRules {
  public static final int MAX_COLUMNS = 1_000;
  public static final int MAX_DEPTH = 16;
  public static final int MAX_NAME_BYTES = 128;

  /**
   * Elements of a fixed-size list, bytes of a fixed-size binary. Every row takes them, nulls too,
   * and readers make room for them before there is a row.
   */
  public static final int MAX_FIXED_LENGTH = 65_536;

  private static final Pattern OFFSET = Pattern.compile("[+-](0[0-9]|1[0-4])[0-5][0-9]");

  private SchemaRules() {}

  /**
   * @throws StorageException {@code SCHEMA_MISMATCH} naming the first column that breaks a rule
   */
  public static void check(Schema schema) {
    List<Field> fields = schema.getFields();
    if (fields.isEmpty() || fields.size() > MAX_COLUMNS) {
      throw refused("a table has 1 to %d columns, found %d", MAX_COLUMNS, fields.size());
    }
    checkNames(fields, "");
    fields.forEach(field -> checkField(field, field.getName(), 1));
  }

  /**
   * The column of that name.
   *
   * @throws StorageException {@code COLUMN_NOT_FOUND}
   */
  public static Field column(Schema schema, String name) {
    for (Field field : schema.getFields()) {
      if (field.getName().equals(name)) {
        return field;
      }
    }
    List<String> known = schema.getFields().stream().limit(20).map(Field::getName).toList();
    throw StorageException.of(
            StorageErrorCode.COLUMN_NOT_FOUND,
            "no column %s; the table has %s%s",
            Text.quote(name),
            known.stream().map(Text::quote).toList(),
            schema.getFields().size() > 20 ? " and more" : "")
        .with(StorageException.Detail.COLUMN, name);
  }

  /** Refuses a type that can't identify a row: lists, structs. */
  public static void requireKeyType(Field field) {
    boolean fits =
        switch (field.getType().getTypeID()) {
          case Int,
              Utf8,
              LargeUtf8,
              Bool,
              Binary,
              LargeBinary,
              FixedSizeBinary,
              Date,
              Time,
              Timestamp,
              Decimal,
              FloatingPoint ->
              true;
          default -> false;
        };
    if (!fits) {
      throw StorageException.of(
              StorageErrorCode.SCHEMA_MISMATCH,
              "column %s of type %s can't be a key",
              Text.quote(field.getName()),
              field.getType())
          .with(StorageException.Detail.COLUMN, field.getName());
    }
  }

  /** 16 hex digits over names, types and nullability, in order; metadata doesn't count. */
  public static String fingerprint(Schema schema) {
    StringBuilder canonical = new StringBuilder();
    schema.getFields().forEach(field -> describe(field, canonical));
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(canonical.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static void describe(Field field, StringBuilder out) {
    String name = field.getName();
    out.append(name.length()).append(':').append(name).append(' ').append(field.getType());
    out.append(field.isNullable() ? "?" : "!").append('[');
    field.getChildren().forEach(child -> describe(child, out));
    out.append(']');
  }

  private static void checkNames(List<Field> fields, String parent) {
    Set<String> seen = new HashSet<>();
    for (Field field : fields) {
      checkName(field.getName(), parent);
      if (!seen.add(field.getName().toLowerCase(Locale.ROOT))) {
        throw refused(
            "column names must be unique ignoring case, found %s twice",
            Text.quote(parent + field.getName()));
      }
    }
  }

  private static void checkName(String name, String parent) {
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    boolean fits = bytes >= 1 && bytes <= MAX_NAME_BYTES;
    for (int i = 0; fits && i < name.length(); i++) {
      char c = name.charAt(i);
      fits =
          !Character.isISOControl(c)
              && !Character.isSurrogate(c)
              && c != '`'
              && c != '.'
              && c != '"'
              && c != '\\';
    }
    fits = fits && name.strip().equals(name) && !name.startsWith("_");
    if (!fits) {
      throw refused(
          "a column name has 1 to %d bytes, no control characters, none beyond U+FFFF, none of . `"
              + " \" \\, no space at its ends and no leading _; found %s",
          MAX_NAME_BYTES, Text.quote(parent + name));
    }
  }

  private static void checkField(Field field, String path, int depth) {
    if (depth > MAX_DEPTH) {
      throw refused("columns nest at most %d deep, found more in %s", MAX_DEPTH, Text.quote(path));
    }
    if (field.getDictionary() != null) {
      throw refused("column %s is dictionary-encoded; give its plain type", Text.quote(path));
    }
    if (!supported(field.getType())) {
      throw refused(
          "column %s has type %s, which isn't supported (a fixed length is 1 to %d)",
          Text.quote(path), field.getType(), MAX_FIXED_LENGTH);
    }
    int children = field.getChildren().size();
    switch (field.getType().getTypeID()) {
      case List, LargeList, FixedSizeList -> {
        if (children != 1) {
          throw refused("list %s needs one child, found %d", Text.quote(path), children);
        }
        if (field.getType() instanceof ArrowType.FixedSizeList) {
          checkElement(field.getChildren().get(0), path);
        }
        checkField(field.getChildren().get(0), path + "[]", depth + 1);
      }
      case Struct -> {
        if (children == 0) {
          throw refused("struct %s needs at least one child", Text.quote(path));
        }
        checkNames(field.getChildren(), path + "/");
        for (Field child : field.getChildren()) {
          checkField(child, path + "/" + child.getName(), depth + 1);
        }
      }
      default -> {
        if (children != 0) {
          throw refused("column %s of type %s has children", Text.quote(path), field.getType());
        }
      }
    }
  }

  /** What the file format can hold in lists of one length, and gives back as it was. */
  private static void checkElement(Field element, String list) {
    boolean flat =
        switch (element.getType().getTypeID()) {
          case Int, FloatingPoint, Bool, Decimal, Date, Time, Timestamp, Duration -> true;
          default -> false;
        };
    if (!flat || !element.isNullable() || !element.getName().equals("item")) {
      throw refused(
          "the elements of the fixed-size list %s must be nullable numbers, booleans or times and"
              + " be named item, found %s",
          Text.quote(list), element);
    }
  }

  /** A zone's name, or an offset without a colon, which the file format can't hold. */
  private static boolean supported(@Nullable String zone) {
    return zone == null
        || OFFSET.matcher(zone).matches()
        || (!zone.startsWith("SystemV/") && ZoneId.getAvailableZoneIds().contains(zone));
  }

  private static boolean supported(ArrowType type) {
    return switch (type.getTypeID()) {
      case Int,
          Utf8,
          LargeUtf8,
          Bool,
          Binary,
          LargeBinary,
          Date,
          Time,
          Duration,
          List,
          LargeList,
          Struct ->
          true;
      case FloatingPoint -> true;
      case Timestamp -> supported(((ArrowType.Timestamp) type).getTimezone());
      case Decimal -> ((ArrowType.Decimal) type).getBitWidth() == 128;
      case FixedSizeBinary -> fits(((ArrowType.FixedSizeBinary) type).getByteWidth());
      case FixedSizeList -> fits(((ArrowType.FixedSizeList) type).getListSize());
      default -> false;
    };
  }

  private static boolean fits(int fixedLength) {
    return fixedLength > 0 && fixedLength <= MAX_FIXED_LENGTH;
  }

  private static StorageException refused(String format, Object... args) {
    return StorageException.of(StorageErrorCode.SCHEMA_MISMATCH, format, args);
  }
}
