package dev.slipway.grpc.payload;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;

/** Column types as text a person can write, {@code timestamp[us,UTC]} for instance. */
public final class TypeText {
  /** Every type there is, for messages. */
  public static final String KNOWN =
      "bool, int8 to int64, uint8 to uint64, float16, float32, float64, utf8, large_utf8, binary,"
          + " large_binary, fixed_size_binary[N], date32, date64, time32[s|ms], time64[us|ns],"
          + " timestamp[s|ms|us|ns], timestamp[us,UTC], duration[s|ms|us|ns],"
          + " decimal128[precision,scale], list, large_list, fixed_size_list[N], struct";

  private static final Pattern FORM = Pattern.compile("([a-z0-9_]+)(?:\\[([^\\[\\]]{1,80})])?");
  private static final Pattern SIZE = Pattern.compile("[1-9][0-9]{0,8}");
  private static final Pattern ZONE = Pattern.compile("[A-Za-z0-9_+\\-/:]{1,64}");
  private static final Pattern DECIMAL =
      Pattern.compile("([1-9][0-9]?)\\s*,\\s*([0-9]|[1-9][0-9])");
  private static final Pattern WORD_START = Pattern.compile("(?<=[a-z])(?=[A-Z])");
  private static final int MAX_LENGTH = 128;
  private static final int MAX_PRECISION = 38;

  private TypeText() {}

  /** The type, or empty if the text isn't one. */
  public static Optional<ArrowType> parse(String text) {
    if (text.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    Matcher form = FORM.matcher(text.strip());
    if (!form.matches()) {
      return Optional.empty();
    }
    String name = form.group(1);
    String argument = form.group(2);
    return argument == null ? plain(name) : parameterized(name, argument.strip());
  }

  /** The text, or empty if it isn't a type that a table may have. */
  public static Optional<String> format(ArrowType type) {
    return Optional.ofNullable(text(type)).filter(text -> parse(text).equals(Optional.of(type)));
  }

  private static Optional<ArrowType> plain(String name) {
    return Optional.ofNullable(
        switch (name) {
          case "bool" -> ArrowType.Bool.INSTANCE;
          case "int8" -> new ArrowType.Int(8, true);
          case "int16" -> new ArrowType.Int(16, true);
          case "int32" -> new ArrowType.Int(32, true);
          case "int64" -> new ArrowType.Int(64, true);
          case "uint8" -> new ArrowType.Int(8, false);
          case "uint16" -> new ArrowType.Int(16, false);
          case "uint32" -> new ArrowType.Int(32, false);
          case "uint64" -> new ArrowType.Int(64, false);
          case "float16" -> new ArrowType.FloatingPoint(FloatingPointPrecision.HALF);
          case "float32" -> new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
          case "float64" -> new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
          case "utf8" -> ArrowType.Utf8.INSTANCE;
          case "large_utf8" -> ArrowType.LargeUtf8.INSTANCE;
          case "binary" -> ArrowType.Binary.INSTANCE;
          case "large_binary" -> ArrowType.LargeBinary.INSTANCE;
          case "date32" -> new ArrowType.Date(DateUnit.DAY);
          case "date64" -> new ArrowType.Date(DateUnit.MILLISECOND);
          case "list" -> ArrowType.List.INSTANCE;
          case "large_list" -> ArrowType.LargeList.INSTANCE;
          case "struct" -> ArrowType.Struct.INSTANCE;
          default -> null;
        });
  }

  private static Optional<ArrowType> parameterized(String name, String argument) {
    return switch (name) {
      case "fixed_size_binary" -> size(argument).map(ArrowType.FixedSizeBinary::new);
      case "fixed_size_list" -> size(argument).map(ArrowType.FixedSizeList::new);
      case "time32" ->
          unit(argument)
              .filter(unit -> unit == TimeUnit.SECOND || unit == TimeUnit.MILLISECOND)
              .map(unit -> new ArrowType.Time(unit, 32));
      case "time64" ->
          unit(argument)
              .filter(unit -> unit == TimeUnit.MICROSECOND || unit == TimeUnit.NANOSECOND)
              .map(unit -> new ArrowType.Time(unit, 64));
      case "duration" -> unit(argument).map(ArrowType.Duration::new);
      case "timestamp" -> timestamp(argument);
      case "decimal128" -> decimal(argument);
      default -> Optional.empty();
    };
  }

  private static Optional<ArrowType> timestamp(String argument) {
    int comma = argument.indexOf(',');
    if (comma < 0) {
      return unit(argument).map(unit -> new ArrowType.Timestamp(unit, null));
    }
    String zone = argument.substring(comma + 1).strip();
    if (!ZONE.matcher(zone).matches()) {
      return Optional.empty();
    }
    return unit(argument.substring(0, comma).strip())
        .map(unit -> new ArrowType.Timestamp(unit, zone));
  }

  private static Optional<ArrowType> decimal(String argument) {
    Matcher matcher = DECIMAL.matcher(argument);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int precision = Integer.parseInt(matcher.group(1));
    int scale = Integer.parseInt(matcher.group(2));
    return precision <= MAX_PRECISION && scale <= precision
        ? Optional.of(new ArrowType.Decimal(precision, scale, 128))
        : Optional.empty();
  }

  private static Optional<Integer> size(String argument) {
    return SIZE.matcher(argument).matches()
        ? Optional.of(Integer.valueOf(argument))
        : Optional.empty();
  }

  private static Optional<TimeUnit> unit(String argument) {
    return Optional.ofNullable(
        switch (argument) {
          case "s" -> TimeUnit.SECOND;
          case "ms" -> TimeUnit.MILLISECOND;
          case "us" -> TimeUnit.MICROSECOND;
          case "ns" -> TimeUnit.NANOSECOND;
          default -> null;
        });
  }

  private static String unit(TimeUnit unit) {
    return switch (unit) {
      case SECOND -> "s";
      case MILLISECOND -> "ms";
      case MICROSECOND -> "us";
      case NANOSECOND -> "ns";
    };
  }

  private static @Nullable String text(ArrowType type) {
    return switch (type.getTypeID()) {
      case Bool -> "bool";
      case Int -> {
        ArrowType.Int integer = (ArrowType.Int) type;
        yield (integer.getIsSigned() ? "int" : "uint") + integer.getBitWidth();
      }
      case FloatingPoint ->
          switch (((ArrowType.FloatingPoint) type).getPrecision()) {
            case HALF -> "float16";
            case SINGLE -> "float32";
            case DOUBLE -> "float64";
          };
      case Utf8, LargeUtf8, Binary, LargeBinary, List, LargeList, Struct ->
          WORD_START.matcher(type.getTypeID().name()).replaceAll("_").toLowerCase(Locale.ROOT);
      case FixedSizeBinary ->
          "fixed_size_binary[" + ((ArrowType.FixedSizeBinary) type).getByteWidth() + "]";
      case FixedSizeList ->
          "fixed_size_list[" + ((ArrowType.FixedSizeList) type).getListSize() + "]";
      case Date -> ((ArrowType.Date) type).getUnit() == DateUnit.DAY ? "date32" : "date64";
      case Time -> {
        ArrowType.Time time = (ArrowType.Time) type;
        yield "time" + time.getBitWidth() + "[" + unit(time.getUnit()) + "]";
      }
      case Timestamp -> {
        ArrowType.Timestamp timestamp = (ArrowType.Timestamp) type;
        String zone = timestamp.getTimezone();
        yield "timestamp[" + unit(timestamp.getUnit()) + (zone == null ? "" : "," + zone) + "]";
      }
      case Duration -> "duration[" + unit(((ArrowType.Duration) type).getUnit()) + "]";
      case Decimal -> {
        ArrowType.Decimal decimal = (ArrowType.Decimal) type;
        yield "decimal128[" + decimal.getPrecision() + "," + decimal.getScale() + "]";
      }
      default -> null;
    };
  }
}
