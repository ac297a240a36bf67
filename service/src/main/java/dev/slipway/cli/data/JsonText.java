package dev.slipway.cli.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** JSON values as {@link RecordReader} has them. */
final class JsonText {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(64).build())
          .build();

  /** Advice to programmers, and what tells nothing about the text. */
  private static final Pattern NOISE =
      Pattern.compile(
          "(: enable `[^`]*` to allow)|(, from `[^`]*`)"
              + "|(\\(start marker at \\[Source: .*\\)$)|(\\s+at \\[Source: .*$)",
          Pattern.DOTALL);

  private JsonText() {}

  static JsonParser parser(InputStream in) throws IOException {
    return JSON.createParser(in);
  }

  /**
   * One value as text.
   *
   * @throws IllegalArgumentException if it isn't one
   */
  static Object parse(String text) {
    try (JsonParser parser = JSON.createParser(text)) {
      parser.nextToken();
      Object value = parser.currentToken() == null ? null : value(parser);
      if (value == null || parser.nextToken() != null) {
        throw new IllegalArgumentException("one JSON value");
      }
      return value;
    } catch (IOException e) {
      throw new IllegalArgumentException("one JSON value", e);
    }
  }

  /** The object at whose start the parser is. */
  static Map<String, @Nullable Object> object(JsonParser parser) throws IOException {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      values.put(name, value(parser));
    }
    return values;
  }

  private static @Nullable Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_NULL -> null;
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser);
      case START_OBJECT -> object(parser);
      case START_ARRAY -> {
        List<@Nullable Object> values = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          values.add(value(parser));
        }
        yield values;
      }
      default -> throw new IllegalStateException("a value begins with " + parser.currentToken());
    };
  }

  private static Object number(JsonParser parser) throws IOException {
    JsonParser.NumberType type = parser.getNumberType();
    if (type == JsonParser.NumberType.INT || type == JsonParser.NumberType.LONG) {
      long number = parser.getLongValue();
      // A long has no -0.
      if (number != 0 || !parser.getText().startsWith("-")) {
        return number;
      }
    }
    return new JsonNumber(parser.getText());
  }

  /** What the parser found, in words. */
  static String named(JsonToken token) {
    return switch (token) {
      case START_ARRAY -> "an array";
      case START_OBJECT -> "an object";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      case VALUE_TRUE, VALUE_FALSE -> "true or false";
      case VALUE_NULL -> "null";
      default -> "something else";
    };
  }

  /**
   * Why a text isn't JSON; empty if the failure is of another kind, that of a disk for instance.
   */
  static @Nullable String problem(IOException failure) {
    if (failure instanceof JsonProcessingException malformed) {
      return NOISE.matcher(malformed.getOriginalMessage()).replaceAll("").strip();
    }
    return failure instanceof CharConversionException
        ? "expected text in UTF-8, found other bytes"
        : null;
  }
}
