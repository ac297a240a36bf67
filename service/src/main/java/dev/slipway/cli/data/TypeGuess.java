package dev.slipway.cli.data;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.jspecify.annotations.Nullable;

/** What the values of one column have in common. */
final class TypeGuess {
  private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]{0,17})");
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,17})?([eE][+-]?[0-9]{1,3})?");

  private enum Kind {
    BOOL,
    INTEGER,
    NUMBER,
    DATE,
    TIME,
    INSTANT,
    TEXT,
    LIST,
    STRUCT
  }

  private final EnumSet<Kind> seen = EnumSet.noneOf(Kind.class);
  private @Nullable TypeGuess item;
  private final Map<String, TypeGuess> fields = new LinkedHashMap<>();

  void add(@Nullable Object value, boolean textual) {
    if (value instanceof List<?> list) {
      seen.add(Kind.LIST);
      TypeGuess items = item == null ? new TypeGuess() : item;
      item = items;
      list.forEach(each -> items.add(each, textual));
    } else if (value instanceof Map<?, ?> map) {
      seen.add(Kind.STRUCT);
      map.forEach(
          (name, each) ->
              fields
                  .computeIfAbsent(String.valueOf(name), any -> new TypeGuess())
                  .add(each, textual));
    } else if (value != null) {
      seen.add(scalar(value, textual));
    }
  }

  private Kind scalar(Object value, boolean textual) {
    if (value instanceof Boolean) {
      return Kind.BOOL;
    }
    if (value instanceof Long) {
      return Kind.INTEGER;
    }
    if (value instanceof BigDecimal) {
      return Kind.NUMBER;
    }
    // Once it's text it stays so: no need to look closer.
    return textual && !seen.contains(Kind.TEXT) ? written(value.toString()) : Kind.TEXT;
  }

  private static Kind written(String text) {
    if (text.equals("true") || text.equals("false")) {
      return Kind.BOOL;
    }
    if (text.isEmpty() || text.length() > 40 || !mayBeNumberOrTime(text.charAt(0))) {
      return Kind.TEXT;
    }
    if (INTEGER.matcher(text).matches()) {
      return Kind.INTEGER;
    }
    if (NUMBER.matcher(text).matches()) {
      return Kind.NUMBER;
    }
    if (text.length() == 10 && parses(text, LocalDate::parse)) {
      return Kind.DATE;
    }
    if (text.length() > 10 && (text.charAt(10) == ' ' || text.charAt(10) == 'T')) {
      String iso = text.substring(0, 10) + 'T' + text.substring(11);
      if (parses(iso, LocalDateTime::parse)) {
        return Kind.TIME;
      }
      if (parses(iso, OffsetDateTime::parse)) {
        return Kind.INSTANT;
      }
    }
    return Kind.TEXT;
  }

  private static boolean mayBeNumberOrTime(char first) {
    return first == '-' || (first >= '0' && first <= '9');
  }

  private interface Reading {
    Object read(String text);
  }

  private static boolean parses(String text, Reading reading) {
    try {
      reading.read(text);
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }

  Field field(Path path, String name) {
    boolean nested = seen.contains(Kind.LIST) || seen.contains(Kind.STRUCT);
    if (nested && seen.size() > 1) {
      throw new DataException(
          "%s: column '%s' holds arrays or objects in some rows and other values in others: %s"
              .formatted(path, name, seen));
    }
    List<Field> children = List.of();
    if (item != null) {
      children = List.of(item.field(path, "item"));
    } else if (seen.contains(Kind.STRUCT)) {
      children =
          fields.entrySet().stream()
              .<Field>map(each -> each.getValue().field(path, each.getKey()))
              .toList();
    }
    return new Field(name, FieldType.nullable(type()), children);
  }

  private ArrowType type() {
    if (seen.equals(EnumSet.of(Kind.INTEGER, Kind.NUMBER)) || only(Kind.NUMBER)) {
      return new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
    }
    if (only(Kind.INTEGER)) {
      return new ArrowType.Int(64, true);
    }
    if (only(Kind.BOOL)) {
      return ArrowType.Bool.INSTANCE;
    }
    if (only(Kind.DATE)) {
      return new ArrowType.Date(DateUnit.DAY);
    }
    if (only(Kind.TIME)) {
      return new ArrowType.Timestamp(TimeUnit.MICROSECOND, null);
    }
    if (only(Kind.INSTANT)) {
      return new ArrowType.Timestamp(TimeUnit.MICROSECOND, "UTC");
    }
    if (only(Kind.LIST)) {
      return ArrowType.List.INSTANCE;
    }
    return only(Kind.STRUCT) ? ArrowType.Struct.INSTANCE : ArrowType.Utf8.INSTANCE;
  }

  private boolean only(Kind kind) {
    return seen.equals(EnumSet.of(kind));
  }
}
