package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.config.LogConfig;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.MDC;

class LogLineTest {
  private static final String NASTY = "\n\r\t\0\"\\= {}':,\u001b\u007f\u0085\u2028\u2029äß漢é";
  private static final String FORGED = "x\ntime=2026 level=error message=forged";

  @ParameterizedTest
  @EnumSource
  void format_ofTextFromAnywhere_isOneLineThatReadsBack(LogConfig.Format format) {
    Random random = new Random(7);
    LogLine line = new LogLine(format);
    for (int i = 0; i < 5_000; i++) {
      String request = text(random, 12);
      String message = i == 0 ? FORGED : text(random, 40);

      Map<String, String> fields = one(format, line, request, new LogRecord(Level.INFO, message));

      assertThat(fields.get("request")).isEqualTo(expected(format, request));
      assertThat(fields.get("message")).isEqualTo(expected(format, message));
      assertThat(fields.get("level")).isEqualTo("info");
    }
  }

  @ParameterizedTest
  @EnumSource
  void format_ofAFailure_keepsItsTraceOnTheLine(LogConfig.Format format) {
    LogRecord event = new LogRecord(Level.WARNING, "broken");
    event.setThrown(new IllegalStateException(FORGED));

    Map<String, String> fields = one(format, new LogLine(format), "call-1", event);

    assertThat(fields.get("level")).isEqualTo("warn");
    assertThat(fields.get("trace"))
        .startsWith("java.lang.IllegalStateException: " + FORGED + "\n\tat dev.slipway.cli.");
  }

  /** The one event that is written while a call is answered. */
  private static Map<String, String> one(
      LogConfig.Format format, LogLine line, String request, LogRecord event) {
    event.setLoggerName("dev.slipway.Test");
    MDC.put("request", request);
    try {
      List<Map<String, String>> events = LogText.events(format, line.format(event));
      assertThat(events).hasSize(1);
      return events.get(0);
    } finally {
      MDC.remove("request");
    }
  }

  /** JSON can say everything; of logfmt nobody could rely on more escapes than these. */
  private static String expected(LogConfig.Format format, String text) {
    return format == LogConfig.Format.JSON
        ? text
        : text.replaceAll("[\\u0000-\\u0008\\u000b\\u001b\\u007f-\\u009f\\u2028\\u2029]", "?");
  }

  private static String text(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(length); i > 0; i--) {
      boolean nasty = random.nextInt(3) == 0;
      text.append(
          nasty ? NASTY.charAt(random.nextInt(NASTY.length())) : (char) ('a' + random.nextInt(26)));
    }
    return text.toString();
  }
}
