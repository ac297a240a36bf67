package dev.slipway.cli.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A CSV file in UTF-8 whose first line names the columns. */
final class CsvRecords implements RecordReader {
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final Path path;
  private final Set<String> nullTexts;
  private final CsvReader<CsvRecord> reader;
  private final Iterator<CsvRecord> records;
  private final List<String> columns;
  private Map<String, @Nullable Object> row = Map.of();
  private long line = 1;

  CsvRecords(Path path, InputStream in, Set<String> nullTexts) throws IOException {
    this.path = path;
    this.nullTexts = nullTexts;
    Reader text =
        new InputStreamReader(
            in,
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT));
    this.reader =
        CsvReader.builder().skipEmptyLines(true).acceptCharsAfterQuotes(false).ofCsvRecord(text);
    this.records = reader.iterator();
    this.columns = header();
  }

  private List<String> header() throws IOException {
    if (!hasNext()) {
      throw new DataException(path + ": expected a first line with the columns' names");
    }
    List<String> names =
        records.next().getFields().stream()
            .map(CsvRecords::withoutMark)
            .map(String::strip)
            .toList();
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw new DataException(path + ": the first line names column '" + name + "' twice");
      }
    }
    return names;
  }

  private static String withoutMark(String name) {
    return !name.isEmpty() && name.charAt(0) == BYTE_ORDER_MARK ? name.substring(1) : name;
  }

  @Override
  public List<String> columns() {
    return columns;
  }

  @Override
  public boolean next() throws IOException {
    if (!hasNext()) {
      return false;
    }
    CsvRecord next = records.next();
    line = next.getStartingLineNumber();
    if (next.getFieldCount() != columns.size()) {
      throw new DataException(
          "%s: expected %d fields, found %d"
              .formatted(place(), columns.size(), next.getFieldCount()));
    }
    Map<String, @Nullable Object> values = new LinkedHashMap<>(columns.size() * 2);
    for (int i = 0; i < columns.size(); i++) {
      String value = next.getField(i);
      values.put(columns.get(i), nullTexts.contains(value) ? null : value);
    }
    row = values;
    return true;
  }

  private boolean hasNext() throws IOException {
    try {
      return records.hasNext();
    } catch (CsvParseException | UncheckedIOException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new DataException(
          "%s: not readable as CSV in UTF-8 after line %d: %s".formatted(path, line, cause), e);
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
    reader.close();
  }
}
