package dev.slipway.cli.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON objects one after another, usually one a line. */
final class NdjsonRecords implements RecordReader {
  private final Path path;
  private final JsonParser parser;
  private Map<String, @Nullable Object> row = Map.of();
  private long line = 1;

  NdjsonRecords(Path path, InputStream in) throws IOException {
    this.path = path;
    this.parser = JsonText.parser(in);
  }

  @Override
  public List<String> columns() {
    return List.of();
  }

  @Override
  public boolean textual() {
    return false;
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
        throw new DataException(
            place() + ": expected a JSON object, found " + JsonText.named(token));
      }
      row = JsonText.object(parser);
      return true;
    } catch (IOException e) {
      String problem = JsonText.problem(e);
      if (problem == null) {
        throw e;
      }
      line = Math.max(line, parser.currentLocation().getLineNr());
      throw new DataException(place() + ": not readable as JSON: " + problem, e);
    }
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
