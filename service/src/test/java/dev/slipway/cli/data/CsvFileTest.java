package dev.slipway.cli.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvFileTest {
  @TempDir private Path folder;
  private final BufferAllocator allocator = new RootAllocator();

  @AfterEach
  void closeAllocator() {
    allocator.close();
  }

  @Test
  void open_ofOneColumn_takesEmptyLinesAsRows() throws IOException {
    assertThat(rows("note\na\n\n\nb\n")).isEqualTo("{\"note\":\"a\"}\n{}\n{}\n{\"note\":\"b\"}\n");
    assertThat(rows("note\n\n\n")).isEqualTo("{}\n{}\n");
    assertThat(rows("note\r\na\r\n\r\nb")).hasLineCount(3);
    assertThat(rows("note\n\n\n", "NA")).isEqualTo("{\"note\":\"\"}\n{\"note\":\"\"}\n");
  }

  @Test
  void open_ofSeveralColumns_passesOverEmptyLines() throws IOException {
    assertThat(rows("\na,b\n\n1,2\n\n")).isEqualTo("{\"a\":1,\"b\":2}\n");
  }

  @Test
  void open_ofAQuoteThatNeverEnds_saysWhereItBegins() throws IOException {
    refused("a,b\n1,\"unterminated\n2,3\n", "line 2: column 'b': expected a quote that closes");
    refused("a,b\n1,2\n3,\"", "line 3: column 'b': expected a quote that closes");
    refused("a,\"b\n1,2\n", "line 1: column 2: expected a quote that closes");
    refused("a\n\"x\"\"\n", "line 2: column 'a': expected a quote that closes");
    refused("a,b\n\"1\n\",2\n\"3\"4,5\n", "line 4: column 'a': expected a comma or the line's end");
  }

  @Test
  void open_ofQuotesThatEnd_readsThem() throws IOException {
    assertThat(rows("\uFEFF\"a\",b\r\n\"x\"\"y\n\",5\" disk\r\n\"\",\"z\""))
        .isEqualTo("{\"a\":\"x\\\"y\\n\",\"b\":\"5\\\" disk\"}\n{\"b\":\"z\"}\n");
  }

  @Test
  void open_ofANameLessColumn_saysWhichItIs() throws IOException {
    refused("a,,c\n1,2,3\n", "line 1: expected a name for column 2, found none");
  }

  @Test
  void open_ofOtherBytesThanText_saysSoInPlainWords() throws IOException {
    Path path = Files.write(folder.resolve("x.csv"), new byte[] {'a', '\n', (byte) 0xFF, '\n'});
    assertThatThrownBy(() -> schema(new DataFile(path, DataFormat.CSV, Set.of(""))))
        .isInstanceOf(DataException.class)
        .hasMessageEndingWith("after line 1: expected text in UTF-8, found other bytes");
  }

  @Test
  void open_ofAGzipFileThatIsCutOff_namesTheFile() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write("a\n1\n2\n".getBytes(UTF_8));
    }
    for (DataFormat format : DataFormat.values()) {
      Path path = folder.resolve(format + ".gz");
      Files.write(path, Arrays.copyOf(bytes.toByteArray(), bytes.size() - 9));
      assertThatThrownBy(() -> schema(new DataFile(path, format, Set.of(""))))
          .isInstanceOf(DataException.class)
          .hasMessageContaining(path.toString());
    }
  }

  @Test
  void open_ofNestedColumns_readsThemAsJson() throws IOException {
    Schema schema = schema(file("s.ndjson", "{\"s\":{\"x\":1},\"l\":[0.5,null]}\n"));
    DataFile file = file("s.csv", "s,l\n\"{\"\"x\"\":7}\",\"[1.5,null]\"\n,\n");
    assertThat(written(file, schema)).isEqualTo("{\"s\":{\"x\":7},\"l\":[1.5,null]}\n{}\n");

    DataFile bad = file("bad.csv", "s,l\n,\"[1,\"\n");
    assertThatThrownBy(() -> written(bad, schema))
        .hasMessageEndingWith("line 2: column 'l': expected list<float64> as JSON, found '[1,'");
    DataFile other = file("other.csv", "s,l\n\"{\"\"x\"\":\"\"y\"\"}\",\n");
    assertThatThrownBy(() -> written(other, schema))
        .hasMessageEndingWith("line 2: column 's.x': expected int64, found 'y'");
  }

  private String rows(String text) throws IOException {
    return rows(text, "");
  }

  private String rows(String text, String nullText) throws IOException {
    Path path = Files.writeString(folder.resolve("rows.csv"), text);
    DataFile file = new DataFile(path, DataFormat.CSV, Set.of(nullText));
    return written(file, schema(file));
  }

  private void refused(String text, String message) throws IOException {
    DataFile file = file("refused.csv", text);
    assertThatThrownBy(() -> schema(file))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("refused.csv " + message);
  }

  private Schema schema(DataFile file) throws IOException {
    return DataFile.schema(List.of(file), allocator, bytes -> {});
  }

  private String written(DataFile file, Schema schema) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ArrowReader rows = file.open(schema, 100, allocator, bytes -> {});
        RowOutput output = RowOutput.to(out, DataFormat.NDJSON, rows)) {
      while (rows.loadNextBatch()) {
        output.write(rows);
      }
    }
    return out.toString(UTF_8);
  }

  private DataFile file(String name, String text) throws IOException {
    Path path = Files.writeString(folder.resolve(name), text);
    return new DataFile(path, DataFormat.of(path), Set.of(""));
  }
}
