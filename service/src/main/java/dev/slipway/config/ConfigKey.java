package dev.slipway.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One setting.
 *
 * @param name dotted, in lower case: {@code storage.fsync}
 * @param values what it takes, for people
 * @param fallback its default, as one would write it
 * @param about what it does, in a sentence
 * @param secret whether its value is never shown
 * @param reader makes the value of a text, or throws {@link IllegalArgumentException} with what was
 *     expected
 */
record ConfigKey<T>(
    String name,
    String values,
    String fallback,
    String about,
    boolean secret,
    Function<String, T> reader) {

  private static final Pattern QUANTITY = Pattern.compile("([0-9]{1,18}) *([A-Za-z]*)");
  private static final Map<String, Duration> TIMES =
      Map.of(
          "ms", Duration.ofMillis(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1));
  private static final Map<String, Long> SIZES =
      Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30, "TiB", 1L << 40);

  static ConfigKey<Boolean> flag(String name, boolean fallback, String about) {
    return of(
        name,
        "true, false",
        String.valueOf(fallback),
        about,
        text ->
            switch (text) {
              case "true" -> true;
              case "false" -> false;
              default -> throw new IllegalArgumentException("true or false");
            });
  }

  static ConfigKey<String> text(String name, String values, String fallback, String about) {
    return of(
        name,
        values,
        fallback,
        about,
        text -> {
          if (text.isBlank()) {
            throw new IllegalArgumentException(values);
          }
          return text;
        });
  }

  static ConfigKey<Path> folder(String name, String fallback, String about) {
    ConfigKey<String> text = text(name, "a folder", fallback, about);
    return of(name, text.values, fallback, about, text.reader.andThen(Path::of));
  }

  static ConfigKey<Long> number(String name, long least, long most, long fallback, String about) {
    String values = least + " to " + most;
    return of(
        name,
        values,
        String.valueOf(fallback),
        about,
        text -> within(values, least, most, Long.parseLong(text)));
  }

  static ConfigKey<Integer> count(String name, int least, int most, int fallback, String about) {
    ConfigKey<Long> wide = number(name, least, most, fallback, about);
    return of(name, wide.values, wide.fallback, about, wide.reader.andThen(Math::toIntExact));
  }

  static ConfigKey<Duration> time(
      String name, String least, String most, String fallback, String about) {
    String values = "duration (ms, s, m, h, d), " + least + " to " + most;
    long low = time(values, least).toMillis();
    long high = time(values, most).toMillis();
    return of(
        name,
        values,
        fallback,
        about,
        text -> Duration.ofMillis(within(values, low, high, time(values, text).toMillis())));
  }

  static ConfigKey<Long> size(
      String name, String least, String most, String fallback, String about) {
    String values = "size (B, KiB, MiB, GiB, TiB), " + least + " to " + most;
    long low = size(values, least);
    long high = size(values, most);
    return of(name, values, fallback, about, text -> within(values, low, high, size(values, text)));
  }

  /** A size that fits an int. */
  static ConfigKey<Integer> bytes(
      String name, String least, String most, String fallback, String about) {
    ConfigKey<Long> wide = size(name, least, most, fallback, about);
    return of(name, wide.values, fallback, about, wide.reader.andThen(Math::toIntExact));
  }

  static <E extends Enum<E>> ConfigKey<E> choice(
      String name, Class<E> kind, E fallback, String about) {
    String values =
        Arrays.stream(kind.getEnumConstants())
            .map(ConfigKey::written)
            .collect(Collectors.joining(", "));
    return of(
        name,
        values,
        written(fallback),
        about,
        text ->
            Arrays.stream(kind.getEnumConstants())
                .filter(each -> written(each).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("one of " + values)));
  }

  private static <T> ConfigKey<T> of(
      String name, String values, String fallback, String about, Function<String, T> reader) {
    return new ConfigKey<>(name, values, fallback, about, false, reader);
  }

  /** The same, its value never shown. */
  ConfigKey<T> asSecret() {
    return new ConfigKey<>(name, values, fallback, about, true, reader);
  }

  /** The environment variable that sets it: {@code SLIPWAY_STORAGE_FSYNC}. */
  String variable() {
    return "SLIPWAY_" + name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** A value for people. */
  String shown(String text) {
    return secret && !text.isEmpty() ? "(secret)" : text;
  }

  private static String written(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static long within(String values, long least, long most, long value) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(values);
    }
    return value;
  }

  private static Duration time(String values, String text) {
    Matcher matcher = QUANTITY.matcher(text);
    if (!matcher.matches() || !TIMES.containsKey(matcher.group(2))) {
      throw new IllegalArgumentException(values);
    }
    try {
      return TIMES.get(matcher.group(2)).multipliedBy(Long.parseLong(matcher.group(1)));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(values, e);
    }
  }

  private static long size(String values, String text) {
    Matcher matcher = QUANTITY.matcher(text);
    if (!matcher.matches() || !SIZES.containsKey(matcher.group(2))) {
      throw new IllegalArgumentException(values);
    }
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), SIZES.get(matcher.group(2)));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(values, e);
    }
  }
}
