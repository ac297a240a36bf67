package dev.slipway.cli.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON objects one after another, usually one a line. */
final class NdjsonRecords implements RecordReader {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(64).build())
          .build();

  private final Path path;
  private final JsonParser parser;
  private Map<String, @Nullable Object> row = Map.of();
  private long line = 1;

  NdjsonRecords(Path path, InputStream in) throws IOException {
    this.path = path;
    this.parser = JSON.createParser(in);
  }

  @Override
  public List<String> columns() {
    return List.of();
  }

  @Override
  public boolean next() throws IOException {
    try {
      JsonToken token = parser.nextToken();
      if (token == null) {
        return false;
      }
      line = parser.currentTokenLocation().getLineNr();
      if (token != JsonToken.START_OBJECT) {
        throw new DataException(place() + ": expected a JSON object, found " + token);
      }
      row = object();
      return true;
    } catch (JsonProcessingException e) {
      throw new DataException(place() + ": not readable as JSON: " + e.getOriginalMessage(), e);
    }
  }

  private Map<String, @Nullable Object> object() throws IOException {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      values.put(name, value());
    }
    return values;
  }

  private @Nullable Object value() throws IOException {
    JsonToken token = parser.currentToken();
    return switch (token) {
      case VALUE_NULL -> null;
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number();
      case START_OBJECT -> object();
      case START_ARRAY -> {
        List<@Nullable Object> values = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          values.add(value());
        }
        yield values;
      }
      default -> throw new DataException(place() + ": expected a JSON value, found " + token);
    };
  }

  private Object number() throws IOException {
    JsonParser.NumberType type = parser.getNumberType();
    if (type == JsonParser.NumberType.INT || type == JsonParser.NumberType.LONG) {
      return parser.getLongValue();
    }
    return new BigDecimal(parser.getText());
  }

  @Override
  public Map<String, @Nullable Object> row() {
    return row;
  }

  @Override
  public String place() {
    return path + " line " + line;
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
