package dev.slipway.cli.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFileTest {
  private static final String TYPES =
      """
      {"b":true,"i":9007199254740993,"f":-1.5,"t":"ä\\n\\"x\\"","l":[1,null,3],"s":{"x":1,"y":"z"}}
      {"i":-1,"f":2,"t":"","l":[]}
      {"b":null,"s":{"x":null,"y":"w"}}
      """;

  @TempDir private Path folder;
  private final BufferAllocator allocator = new RootAllocator();

  @AfterEach
  void closeAllocator() {
    allocator.close();
  }

  @Test
  void schema_ofNdjson_findsTheNarrowestTypes() throws IOException {
    DataFile file = file("types.ndjson", TYPES);

    assertThat(schema(file).toString())
        .isEqualTo(
            "Schema<b: Bool, i: Int(64, true), f: FloatingPoint(DOUBLE), t: Utf8, "
                + "l: List<item: Int(64, true)>, s: Struct<x: Int(64, true), y: Utf8>>");
  }

  @Test
  void schema_ofCsv_findsTheNarrowestTypes() throws IOException {
    DataFile file =
        file(
            "types.csv",
            """
            b,i,f,d,ts,tz,zip,mixed,empty
            true,1,1,2026-01-31,2026-01-31 12:00:00,2026-01-31T12:00:00.5+01:00,01234,1,
            false,-20,2.5e3,2024-02-29,2026-01-31T12:00:00.25,2026-01-31T12:00:00Z,2,x,
            """);

    assertThat(schema(file).toString())
        .isEqualTo(
            "Schema<b: Bool, i: Int(64, true), f: FloatingPoint(DOUBLE), d: Date(DAY), "
                + "ts: Timestamp(MICROSECOND, null), tz: Timestamp(MICROSECOND, UTC), zip: Utf8, "
                + "mixed: Utf8, empty: Utf8>");
  }

  @Test
  void open_ofNdjson_readsWhatNdjsonOutputWrites() throws IOException {
    DataFile file = file("types.ndjson", TYPES);

    assertThat(written(file, DataFormat.NDJSON))
        .isEqualTo(
            """
            {"b":true,"i":9007199254740993,"f":-1.5,"t":"ä\\n\\"x\\"","l":[1,null,3],"s":{"x":1,"y":"z"}}
            {"i":-1,"f":2.0,"t":"","l":[]}
            {"s":{"x":null,"y":"w"}}
            """);
  }

  @Test
  void open_ofCsv_readsWhatCsvOutputWrites() throws IOException {
    String text =
        """
        id,name,day,at
        1,"a ""b"", c",2026-01-31,2026-01-31T12:00:00.25
        2,,,
        3,"two
        lines",2024-02-29,2026-01-31T12:00:00
        """;

    assertThat(written(file("rows.csv", text), DataFormat.CSV)).isEqualTo(text);
  }

  @Test
  void open_ofArrowFileAndStream_readsTheSameRows() throws IOException {
    DataFile source = file("types.ndjson", TYPES);
    Path stream = folder.resolve("types.arrows");
    Path random = folder.resolve("types.arrow");
    try (OutputStream out = Files.newOutputStream(stream)) {
      write(source, DataFormat.ARROW, out);
    }
    try (ArrowReader rows = source.open(schema(source), 2, allocator, bytes -> {});
        OutputStream out = Files.newOutputStream(random);
        ArrowFileWriter writer =
            new ArrowFileWriter(rows.getVectorSchemaRoot(), rows, Channels.newChannel(out))) {
      while (rows.loadNextBatch()) {
        writer.writeBatch();
      }
      writer.end();
    }

    String expected = written(source, DataFormat.NDJSON);
    for (Path path : List.of(stream, random)) {
      DataFile file = new DataFile(path, DataFormat.of(path), Set.of());
      assertThat(schema(file)).isEqualTo(schema(source));
      assertThat(written(file, DataFormat.NDJSON)).isEqualTo(expected);
    }
  }

  @Test
  void open_ofAGzipFile_readsItsContentAndCountsItsBytes() throws IOException {
    Path path = folder.resolve("rows.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(path))) {
      out.write("a\n1\n2\n".getBytes(UTF_8));
    }
    DataFile file = new DataFile(path, DataFormat.of(path), Set.of(""));
    AtomicLong bytes = new AtomicLong();

    Schema schema = DataFile.schema(List.of(file), allocator, bytes::addAndGet);

    assertThat(written(file, DataFormat.NDJSON)).isEqualTo("{\"a\":1}\n{\"a\":2}\n");
    assertThat(schema.getFields()).hasSize(1);
    assertThat(bytes).hasValue(Files.size(path));
  }

  @Test
  void open_withOtherTextsForNull_readsThemAsNull() throws IOException {
    Path path = Files.writeString(folder.resolve("na.csv"), "a,b\n1,NA\nNA,x\n");
    DataFile file = new DataFile(path, DataFormat.CSV, Set.of("NA"));

    assertThat(written(file, DataFormat.NDJSON)).isEqualTo("{\"a\":1}\n{\"b\":\"x\"}\n");
  }

  @Test
  void open_ofLongTexts_keepsBatchesSmall() throws IOException {
    String row = "{\"t\":\"" + "x".repeat(1 << 20) + "\"}\n";
    DataFile file = file("long.ndjson", row.repeat(40));
    int batches = 0;
    try (ArrowReader rows = file.open(schema(file), 8192, allocator, bytes -> {})) {
      while (rows.loadNextBatch()) {
        batches++;
        assertThat(rows.getVectorSchemaRoot().getRowCount()).isLessThanOrEqualTo(8);
      }
    }
    assertThat(batches).isEqualTo(5);
  }

  @Test
  void open_ofBadFiles_saysWhereAndWhatWasExpected() throws IOException {
    refused(
        "twice.csv", "a,a\n1,2\n", "twice.csv line 1: expected each column once, found 'a' twice");
    refused("short.csv", "a,b\n1,2\n3\n", "short.csv line 3: expected 2 fields, found 1");
    refused("empty.csv", "", "expected a first line with the columns' names");
    refused("quote.csv", "a\n\"x\"y\n", "quote.csv line 2: column 'a': expected a comma or the");
    refused("array.ndjson", "{\"a\":1}\n[1]\n", "array.ndjson line 2: expected a JSON object");
    refused("cut.ndjson", "{\"a\":1}\n{\"a\":", "cut.ndjson line 2: not readable as JSON");
    refused("twice.ndjson", "{\"a\":1,\"a\":2}\n", "Duplicate field 'a'");
    refused(
        "both.ndjson",
        "{\"a\":1}\n{\"a\":[1]}\n",
        "both.ndjson line 2: column 'a': expected a number as in");
    refused("none.ndjson", "", "expected at least one row");
  }

  @Test
  void open_ofInvalidUtf8_isRefused() throws IOException {
    for (String name : List.of("x.csv", "x.ndjson")) {
      Path path =
          Files.write(
              folder.resolve(name),
              "{\"a\":\"\u00ff\"}\n{\"a\":\"\u00ff\"}\n".getBytes(StandardCharsets.ISO_8859_1));
      DataFile file = new DataFile(path, DataFormat.of(path), Set.of());
      assertThatThrownBy(() -> schema(file)).isInstanceOf(DataException.class);
    }
  }

  @Test
  void open_ofRowsThatDoNotFit_saysWhereAndWhatWasExpected() throws IOException {
    Schema ints = schema(file("ints.csv", "a\n1\n"));
    DataFile text = file("text.csv", "a\n1\nx\n");
    DataFile other = file("other.ndjson", "{\"b\":1}\n");
    DataFile fraction = file("fraction.ndjson", "{\"a\":1.5}\n");
    DataFile large = file("large.ndjson", "{\"a\":9223372036854775808}\n");

    assertThatThrownBy(() -> read(text, ints))
        .hasMessageEndingWith("text.csv line 3: column 'a': expected int64, found 'x'");
    assertThatThrownBy(() -> read(other, ints))
        .hasMessageEndingWith(
            "other.ndjson line 1: the table has no column 'b'; its columns are [a]");
    assertThatThrownBy(() -> read(fraction, ints))
        .hasMessageEndingWith("column 'a': expected int64, found 1.5");
    assertThatThrownBy(() -> read(large, ints))
        .hasMessageEndingWith("column 'a': expected int64, found 9223372036854775808");
  }

  @Test
  void formatOf_anUnknownName_isRefused() {
    assertThatThrownBy(() -> DataFormat.of(Path.of("x.parquet")))
        .hasMessageContaining("expected a name that ends in .csv");
    assertThat(DataFormat.of(Path.of("A.JSONL.GZ"))).isEqualTo(DataFormat.NDJSON);
  }

  private void refused(String name, String text, String message) throws IOException {
    DataFile file = file(name, text);
    assertThatThrownBy(() -> schema(file))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(message);
  }

  private void read(DataFile file, Schema schema) throws IOException {
    try (ArrowReader rows = file.open(schema, 10, allocator, bytes -> {})) {
      assertThat(rows.loadNextBatch()).isTrue();
    }
  }

  private Schema schema(DataFile file) throws IOException {
    return DataFile.schema(List.of(file), allocator, bytes -> {});
  }

  private String written(DataFile file, DataFormat format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(file, format, out);
    return out.toString(UTF_8);
  }

  private void write(DataFile file, DataFormat format, OutputStream out) throws IOException {
    try (ArrowReader rows = file.open(schema(file), 2, allocator, bytes -> {});
        RowOutput output = RowOutput.to(out, format, rows)) {
      while (rows.loadNextBatch()) {
        output.write(rows);
      }
    }
  }

  private DataFile file(String name, String text) throws IOException {
    Path path = Files.writeString(folder.resolve(name), text);
    return new DataFile(path, DataFormat.of(path), Set.of(""));
  }
}
