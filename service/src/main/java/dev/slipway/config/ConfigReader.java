package dev.slipway.config;

import dev.slipway.config.ConfigValues.ConfigText;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

/** Lays file, environment and flags over each other, in that order, and refuses unknown names. */
final class ConfigReader {
  private static final String PREFIX = "SLIPWAY_";

  /** Variables that aren't settings of the server. */
  private static final Set<String> OTHER_VARIABLES =
      Set.of("SLIPWAY_CONFIG", "SLIPWAY_JAVA_OPTS", "SLIPWAY_SERVER");

  private final Map<String, ConfigText> given = new LinkedHashMap<>();
  private final List<String> problems = new ArrayList<>();
  private final List<ConfigKey<?>> keys;

  ConfigReader(List<ConfigKey<?>> keys) {
    this.keys = keys;
  }

  ConfigReader file(Path path) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      problems.add("can't read the configuration file %s: %s".formatted(path, e));
      return this;
    }
    for (String name : new TreeSet<>(properties.stringPropertyNames())) {
      put(name, properties.getProperty(name), "file " + path);
    }
    return this;
  }

  ConfigReader environment(Map<String, String> environment) {
    for (String variable : new TreeSet<>(environment.keySet())) {
      if (!variable.startsWith(PREFIX) || OTHER_VARIABLES.contains(variable)) {
        continue;
      }
      Optional<ConfigKey<?>> key =
          keys.stream().filter(each -> each.variable().equals(variable)).findFirst();
      if (key.isPresent()) {
        given.put(
            key.get().name(),
            new ConfigText(environment.getOrDefault(variable, ""), "variable " + variable));
      } else {
        problems.add(
            unknown(
                "environment variable " + variable,
                variable,
                keys.stream().map(ConfigKey::variable).toList()));
      }
    }
    return this;
  }

  ConfigReader flags(Map<String, String> flags) {
    flags.forEach((name, value) -> put(name, value, "flag"));
    return this;
  }

  ConfigValues values() {
    return new ConfigValues(given, problems);
  }

  private void put(String name, String value, String origin) {
    if (keys.stream().anyMatch(key -> key.name().equals(name))) {
      given.put(name, new ConfigText(value, origin));
    } else {
      problems.add(
          unknown(
              "setting %s (%s)".formatted(name, origin),
              name,
              keys.stream().map(ConfigKey::name).toList()));
    }
  }

  private static String unknown(String what, String name, List<String> known) {
    String nearest =
        known.stream()
            .min(Comparator.comparingInt(each -> distance(each, name)))
            .filter(each -> distance(each, name) <= 2 + name.length() / 4)
            .map(each -> "; did you mean " + each + "?")
            .orElse("; docs/configuration.md lists all");
    return "unknown " + what + nearest;
  }

  /** Edits between two names, case aside. */
  private static int distance(String known, String found) {
    String left = known.toLowerCase(Locale.ROOT);
    String right = found.toLowerCase(Locale.ROOT);
    int[] previous = new int[right.length() + 1];
    for (int j = 0; j <= right.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= left.length(); i++) {
      int[] current = new int[right.length() + 1];
      current[0] = i;
      for (int j = 1; j <= right.length(); j++) {
        int swap = previous[j - 1] + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(swap, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[right.length()];
  }
}
