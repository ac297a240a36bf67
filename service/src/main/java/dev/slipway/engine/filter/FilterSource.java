package dev.slipway.engine.filter;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.storage.Text;
import java.nio.charset.StandardCharsets;

/**
 * A text to parse, and what is said when it can't be.
 *
 * @param field the argument it came in: {@code filter} or {@code set}
 */
record FilterSource(String field, String text) {
  static final int MAX_BYTES = 16 * 1024;

  FilterSource {
    // A character takes at most three bytes, so short texts needn't be counted.
    if (text.length() > MAX_BYTES / 3 && text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      throw SlipwayException.of(
              ErrorReason.FILTER_INVALID,
              "the %s is too long: expected at most %d bytes, found %d",
              field,
              MAX_BYTES,
              text.getBytes(StandardCharsets.UTF_8).length)
          .with("field", field)
          .with("position", 1)
          .with("limit", MAX_BYTES);
    }
  }

  /**
   * @param index in the text; its end is allowed
   */
  SlipwayException invalid(int index, String why) {
    int position = text.codePointCount(0, index) + 1;
    return SlipwayException.of(
            ErrorReason.FILTER_INVALID,
            "the %s isn't understood at character %d: %s",
            field,
            position,
            why)
        .with("field", field)
        .with("position", position);
  }

  SlipwayException expected(String expected, FilterToken found) {
    String shown = found.kind() == FilterToken.Kind.END ? "the end" : Text.quote(found.text());
    return invalid(found.start(), "expected " + expected + ", found " + shown);
  }
}
