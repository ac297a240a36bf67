package dev.slipway.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import dev.slipway.config.LogConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.slf4j.MDC;

/**
 * One event on one line, as logfmt or JSON, with what the thread knows of the call it works for:
 * {@code request} is the call's id.
 */
final class LogLine extends Formatter {
  // Escaped, what isn't ASCII survives any terminal's encoding, and no reader takes it for a line's
  // end.
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private final LogConfig.Format format;

  LogLine(LogConfig.Format format) {
    this.format = format;
  }

  @Override
  public String format(LogRecord event) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("time", event.getInstant().toString());
    fields.put("level", level(event.getLevel()));
    fields.put("logger", String.valueOf(event.getLoggerName()));
    Map<String, String> call = MDC.getCopyOfContextMap();
    if (call != null) {
      fields.putAll(call);
    }
    fields.put("message", formatMessage(event));
    if (event.getThrown() != null) {
      StringWriter trace = new StringWriter();
      event.getThrown().printStackTrace(new PrintWriter(trace));
      fields.put("trace", trace.toString());
    }
    return format == LogConfig.Format.JSON ? json(fields) : logfmt(fields);
  }

  private static String level(Level level) {
    if (level.intValue() >= Level.SEVERE.intValue()) {
      return "error";
    }
    if (level.intValue() >= Level.WARNING.intValue()) {
      return "warn";
    }
    return level.intValue() >= Level.INFO.intValue() ? "info" : "debug";
  }

  private static String json(Map<String, String> fields) {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(line)) {
      json.writeStartObject();
      for (Map.Entry<String, String> field : fields.entrySet()) {
        json.writeStringField(field.getKey(), field.getValue());
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return line.append('\n').toString();
  }

  private static String logfmt(Map<String, String> fields) {
    StringBuilder line = new StringBuilder();
    fields.forEach(
        (name, value) -> {
          line.append(line.isEmpty() ? "" : " ").append(name).append('=');
          quote(line, value);
        });
    return line.append('\n').toString();
  }

  private static void quote(StringBuilder line, String value) {
    boolean plain =
        !value.isEmpty()
            && value.chars().allMatch(c -> c > ' ' && c != '"' && c != '=' && !breaks((char) c));
    if (plain) {
      line.append(value);
      return;
    }
    line.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"', '\\' -> line.append('\\').append(c);
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        case '\t' -> line.append("\\t");
        default -> line.append(breaks(c) ? '?' : c);
      }
    }
    line.append('"');
  }

  /** What ends a line for somebody, or tells a terminal something. */
  private static boolean breaks(char c) {
    return Character.isISOControl(c) || c == '\u2028' || c == '\u2029';
  }
}
