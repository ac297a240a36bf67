package dev.slipway.cli.data;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
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
  private static final Pattern INTEGER = Pattern.compile("0|-?[1-9][0-9]{0,18}");
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]{0,19})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?");
  private static final long FLOAT64_WHOLE = 1L << 53;

  private enum Kind {
    BOOL("true or false"),
    INTEGER("a number"),
    NUMBER("a number"),
    SPECIAL("text"),
    DATE("a date"),
    TIME("a time"),
    INSTANT("a time"),
    TEXT("text"),
    LIST("an array"),
    STRUCT("an object");

    private final String named;

    Kind(String named) {
      this.named = named;
    }

    boolean isNested() {
      return this == LIST || this == STRUCT;
    }
  }

  private static final Set<Kind> NUMERIC = Set.of(Kind.INTEGER, Kind.NUMBER, Kind.SPECIAL);

  /** In the order of appearance, with the place of the first. */
  private final Map<Kind, String> seen = new LinkedHashMap<>();

  private @Nullable TypeGuess item;
  private final Map<String, TypeGuess> fields = new LinkedHashMap<>();
  private boolean fitsFloat64 = true;
  private boolean fitsMicros = true;
  private boolean fitsNanos = true;

  /**
   * @param textual whether the value is of a file that has text alone
   * @param place where the value is, for messages
   */
  void add(@Nullable Object value, boolean textual, Supplier<String> place) {
    if (value instanceof List<?> list) {
      saw(Kind.LIST, place);
      TypeGuess items = item == null ? new TypeGuess() : item;
      item = items;
      list.forEach(each -> items.add(each, textual, place));
    } else if (value instanceof Map<?, ?> map) {
      saw(Kind.STRUCT, place);
      map.forEach(
          (name, each) ->
              fields
                  .computeIfAbsent(String.valueOf(name), any -> new TypeGuess())
                  .add(each, textual, place));
    } else if (value != null) {
      saw(scalar(value, textual), place);
    }
  }

  private void saw(Kind kind, Supplier<String> place) {
    if (!seen.containsKey(kind)) {
      seen.put(kind, place.get());
    }
  }

  private Kind scalar(Object value, boolean textual) {
    if (value instanceof Boolean) {
      return Kind.BOOL;
    }
    if (value instanceof Long number) {
      return integer(number);
    }
    if (value instanceof JsonNumber number) {
      return number(number.text());
    }
    String text = value.toString();
    if (ValueWriter.isSpecial(text)) {
      return Kind.SPECIAL;
    }
    // Once it's text it stays so: no need to look closer.
    return textual && !seen.containsKey(Kind.TEXT) ? written(text) : Kind.TEXT;
  }

  private Kind integer(long number) {
    if (number > FLOAT64_WHOLE || number < -FLOAT64_WHOLE) {
      fitsFloat64 &= Floats.fitFloat64(Long.toString(number));
    }
    return Kind.INTEGER;
  }

  private Kind number(String text) {
    fitsFloat64 &= Floats.fitFloat64(text);
    return Kind.NUMBER;
  }

  private Kind written(String text) {
    if (text.equals("true") || text.equals("false")) {
      return Kind.BOOL;
    }
    if (text.isEmpty() || text.length() > 40 || !mayBeNumberOrTime(text.charAt(0))) {
      return Kind.TEXT;
    }
    if (INTEGER.matcher(text).matches()) {
      return writtenInteger(text);
    }
    if (NUMBER.matcher(text).matches()) {
      return number(text);
    }
    return writtenTime(text);
  }

  private Kind writtenInteger(String text) {
    try {
      return integer(Long.parseLong(text));
    } catch (NumberFormatException e) {
      // Larger than an int64 holds.
      return number(text);
    }
  }

  private Kind writtenTime(String text) {
    if (text.length() == 10 && parses(text, LocalDate::parse)) {
      return Kind.DATE;
    }
    if (text.length() > 10) {
      String iso = TimeText.iso(text);
      if (parses(iso, each -> time(LocalDateTime.parse(each).toInstant(ZoneOffset.UTC)))) {
        return Kind.TIME;
      }
      if (parses(iso, each -> time(OffsetDateTime.parse(each).toInstant()))) {
        return Kind.INSTANT;
      }
    }
    return Kind.TEXT;
  }

  private Instant time(Instant time) {
    fitsMicros &= time.getNano() % 1_000 == 0;
    long end = Long.MAX_VALUE / 1_000_000_000;
    fitsNanos &= time.getEpochSecond() > -end && time.getEpochSecond() < end;
    return time;
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

  /**
   * @param path the column's name, below its parents'
   */
  Field field(String name, String path) {
    checkNesting(path);
    List<Field> children = List.of();
    if (item != null) {
      children = List.of(item.field("item", path + "[]"));
    } else if (seen.containsKey(Kind.STRUCT)) {
      children =
          fields.entrySet().stream()
              .<Field>map(each -> each.getValue().field(each.getKey(), path + "." + each.getKey()))
              .toList();
    }
    return new Field(name, FieldType.nullable(type()), children);
  }

  private void checkNesting(String path) {
    Kind first = null;
    for (Kind kind : seen.keySet()) {
      if (first == null) {
        first = kind;
      } else if (kind.isNested() || first.isNested()) {
        throw new DataException(
            "%s: column '%s': expected %s as in %s, found %s"
                .formatted(seen.get(kind), path, first.named, seen.get(first), kind.named));
      }
    }
    if (first == Kind.STRUCT && fields.isEmpty()) {
      throw new DataException(
          ("%s: column '%s': expected a field in at least one of its objects, found {} alone;"
                  + " leave the column out")
              .formatted(seen.get(first), path));
    }
  }

  private ArrowType type() {
    if (only(Kind.INTEGER)) {
      return new ArrowType.Int(64, true);
    }
    if (NUMERIC.containsAll(seen.keySet()) && !only(Kind.SPECIAL) && !seen.isEmpty()) {
      return fitsFloat64
          ? new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE)
          : ArrowType.Utf8.INSTANCE;
    }
    if (only(Kind.BOOL)) {
      return ArrowType.Bool.INSTANCE;
    }
    if (only(Kind.DATE)) {
      return new ArrowType.Date(DateUnit.DAY);
    }
    if ((only(Kind.TIME) || only(Kind.INSTANT)) && (fitsMicros || fitsNanos)) {
      return new ArrowType.Timestamp(
          fitsMicros ? TimeUnit.MICROSECOND : TimeUnit.NANOSECOND, only(Kind.TIME) ? null : "UTC");
    }
    if (only(Kind.LIST)) {
      return ArrowType.List.INSTANCE;
    }
    return only(Kind.STRUCT) ? ArrowType.Struct.INSTANCE : ArrowType.Utf8.INSTANCE;
  }

  private boolean only(Kind kind) {
    return seen.size() == 1 && seen.containsKey(kind);
  }
}
