package dev.slipway.cli.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
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

/**
 * A CSV file in UTF-8 whose first line names the columns. Empty lines count for nothing, unless
 * there is one column: then such a line is a row.
 */
final class CsvRecords implements RecordReader {
  private final Path path;
  private final Set<String> nullTexts;
  private final CsvQuotes quotes;
  private final CsvReader<CsvRecord> reader;
  private final Iterator<CsvRecord> records;
  private List<String> columns = List.of();
  private Map<String, @Nullable Object> row = Map.of();
  private long line = 1;

  CsvRecords(Path path, InputStream in, Set<String> nullTexts) throws IOException {
    this.path = path;
    this.nullTexts = nullTexts;
    this.quotes =
        new CsvQuotes(
            new InputStreamReader(
                in,
                StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)));
    this.reader =
        CsvReader.builder().skipEmptyLines(false).acceptCharsAfterQuotes(false).ofCsvRecord(quotes);
    this.records = reader.iterator();
    this.columns = header();
  }

  private List<String> header() throws IOException {
    CsvRecord first = nextRecord();
    while (first != null && isEmptyLine(first)) {
      first = nextRecord();
    }
    if (first == null) {
      throw new DataException(path + ": expected a first line with the columns' names");
    }
    if (quotes.mistake().filter(mistake -> mistake.line() == line).isPresent()) {
      checkQuotes(List.of());
    }
    List<String> names = first.getFields().stream().map(String::strip).toList();
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (name.isEmpty()) {
        throw new DataException(
            "%s: expected a name for column %d, found none".formatted(place(), seen.size() + 1));
      }
      if (!seen.add(name)) {
        throw new DataException(
            "%s: expected each column once, found '%s' twice".formatted(place(), name));
      }
    }
    checkQuotes(names);
    return names;
  }

  private static boolean isEmptyLine(CsvRecord record) {
    return record.getFieldCount() == 1 && record.getField(0).isEmpty();
  }

  @Override
  public List<String> columns() {
    return columns;
  }

  @Override
  public boolean textual() {
    return true;
  }

  @Override
  public boolean next() throws IOException {
    CsvRecord next = nextRecord();
    // Before the record is used: its last field may be one that never ends.
    checkQuotes(columns);
    while (next != null && columns.size() > 1 && isEmptyLine(next)) {
      next = nextRecord();
      checkQuotes(columns);
    }
    if (next == null) {
      return false;
    }
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

  private @Nullable CsvRecord nextRecord() throws IOException {
    CsvRecord next;
    try {
      next = records.hasNext() ? records.next() : null;
    } catch (CsvParseException | UncheckedIOException e) {
      checkQuotes(columns);
      throw new DataException(
          "%s: not readable as CSV after line %d: %s".formatted(path, line, reason(e)), e);
    }
    if (next != null) {
      line = next.getStartingLineNumber();
    }
    return next;
  }

  private void checkQuotes(List<String> names) {
    quotes
        .mistake()
        .ifPresent(
            mistake -> {
              throw new DataException(
                  "%s line %d: column %s: %s"
                      .formatted(
                          path,
                          mistake.line(),
                          mistake.field() <= names.size()
                              ? "'" + names.get(mistake.field() - 1) + "'"
                              : mistake.field(),
                          mistake.text()));
            });
  }

  private static String reason(Exception failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof CharacterCodingException
        ? "expected text in UTF-8, found other bytes"
        : String.valueOf(cause.getMessage());
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
