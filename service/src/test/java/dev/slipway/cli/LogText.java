package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.slipway.config.LogConfig;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the server logs, read as a log collector does: strictly, line by line. */
final class LogText {
  /** Whatever anybody might take for the end of a line, or a terminal for a command. */
  private static final Pattern UNPRINTABLE =
      Pattern.compile("[\\u0000-\\u0009\\u000b-\\u001f\\u0080-\\u009f\\u2028\\u2029]");

  private static final Pattern FIELD =
      Pattern.compile("([a-z_]+)=(?:([^\\s\"=]+)|\"((?:[^\"\\\\]++|\\\\[\"\\\\nrt])*+)\")( |$)");

  private LogText() {}

  /** The fields of each event; fails if a line isn't one event. */
  static List<Map<String, String>> events(LogConfig.Format format, String text) {
    assertThat(UNPRINTABLE.matcher(text).results().map(each -> (int) each.group().charAt(0)))
        .as("unprintable characters in the log")
        .isEmpty();
    assertThat(text).endsWith("\n");
    return text.lines().map(line -> event(format, line)).toList();
  }

  private static Map<String, String> event(LogConfig.Format format, String line) {
    Map<String, String> fields = format == LogConfig.Format.JSON ? json(line) : logfmt(line);
    assertThat(fields).as(line).containsKeys("time", "level", "logger", "message");
    assertThat(fields.get("level")).as(line).isIn("error", "warn", "info", "debug");
    return fields;
  }

  private static Map<String, String> json(String line) {
    Map<String, String> fields = new LinkedHashMap<>();
    try (JsonReader reader = new JsonReader(new StringReader(line))) {
      reader.setStrictness(Strictness.STRICT);
      reader.beginObject();
      while (reader.hasNext()) {
        String name = reader.nextName();
        assertThat(reader.peek()).as(line).isEqualTo(JsonToken.STRING);
        assertThat(fields.put(name, reader.nextString())).as("%s twice: %s", name, line).isNull();
      }
      reader.endObject();
      assertThat(reader.peek()).as(line).isEqualTo(JsonToken.END_DOCUMENT);
    } catch (IOException e) {
      throw new UncheckedIOException(line, e);
    }
    return fields;
  }

  private static Map<String, String> logfmt(String line) {
    Map<String, String> fields = new LinkedHashMap<>();
    Matcher field = FIELD.matcher(line);
    int at = 0;
    while (at < line.length()) {
      assertThat(field.find(at) && field.start() == at).as("a field at %d: %s", at, line).isTrue();
      String plain = field.group(2);
      String value = plain != null ? plain : unquoted(field.group(3));
      assertThat(fields.put(field.group(1), value)).as("twice: %s", line).isNull();
      at = field.end();
    }
    return fields;
  }

  private static String unquoted(String text) {
    StringBuilder value = new StringBuilder();
    boolean escaped = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && !escaped) {
        escaped = true;
        continue;
      }
      value.append(escaped ? meant(c) : c);
      escaped = false;
    }
    return value.toString();
  }

  private static char meant(char escaped) {
    return switch (escaped) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      default -> escaped;
    };
  }
}
