package dev.slipway.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The texts given, by name, and the mistakes found in them so far. */
final class ConfigValues {
  private final Map<String, ConfigText> given;
  private final List<String> problems;

  ConfigValues(Map<String, ConfigText> given, List<String> problems) {
    this.given = given;
    this.problems = new ArrayList<>(problems);
  }

  /** The value given, or the default; also the default if the one given is mistaken. */
  <T> T of(ConfigKey<T> key) {
    ConfigText text = given.get(key.name());
    if (text != null) {
      Optional<T> value = read(key, text);
      if (value.isPresent()) {
        return value.get();
      }
    }
    return key.reader().apply(key.fallback());
  }

  private <T> Optional<T> read(ConfigKey<T> key, ConfigText text) {
    try {
      return Optional.of(key.reader().apply(text.value().strip()));
    } catch (IllegalArgumentException e) {
      problems.add(
          "%s (%s): expected %s, found '%s'"
              .formatted(key.name(), text.origin(), key.values(), key.shown(text.value())));
      return Optional.empty();
    }
  }

  List<String> problems() {
    return problems;
  }

  /**
   * @param origin who says so: a flag, a variable, a file
   */
  record ConfigText(String value, String origin) {}
}
