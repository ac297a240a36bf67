package dev.slipway.cli.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.grpc.payload.TypeText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values of text files in columns whose type is given. */
class TypedValuesTest {
  @TempDir private Path folder;
  private final BufferAllocator allocator = new RootAllocator();

  @AfterEach
  void closeAllocator() {
    allocator.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "time32[s]|12:34:56|45296",
        "time32[ms]|12:34:56.789|1970-01-01T12:34:56.789",
        "time64[us]|23:59:59.999999|86399999999",
        "time64[ns]|23:59:59.999999999|86399999999999",
        "duration[ms]|PT1H0.5S|PT1H0.5S",
        "timestamp[ns]|1677-09-21T00:12:43.145224193|1677-09-21T00:12:43.145224193",
        "float32|16777216|1.6777216E7",
        "float32|0.1|0.1",
        "float32|1.4E-45|1.4E-45",
        "float64|123456789012345680|1.2345678901234568E17",
        "large_utf8|x|x",
        "uint64|18446744073709551615|-1",
      })
  void set_ofAValueOfTheType_keepsIt(String type, String text, String kept) throws IOException {
    assertThat(read(type, text)).isEqualTo(kept);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "time32[ms]|12:34:56.7891|time32[ms] like 12:34:56",
        "time64[ns]|24:00:00|time64[ns] like 12:34:56",
        "duration[s]|PT0.5S|duration[s] like PT1H30M",
        "timestamp[us]|2024-01-31T12:00:00.1234567|timestamp[us] like 2026-01-31T12:34:56",
        "timestamp[us,UTC]|2024-01-31T12:00:00|timestamp[us,UTC] like 2026-01-31T12:34:56Z",
        "date32|2026-02-30|date32 like 2026-01-31",
        "float16|65536|float16",
        "float16|2049|float16",
        "float32|1e39|float32",
        "float32|16777217|float32",
        "float64|1e400|float64",
        "float64|9007199254740993|float64",
        "float64|1d|float64",
        "float64|0x1p3|float64",
        "int64|9223372036854775808|int64",
        "int8|1.5|int8",
        "decimal128[3,1]|1.25|decimal128[3,1]",
        "fixed_size_binary[2]|AQID|2 bytes in base64 (3 are given)",
        "binary|?|binary in base64",
        "bool|1|bool, true or false",
      })
  void set_ofAnotherValue_saysWhatWasExpected(String type, String text, String expected) {
    assertThatThrownBy(() -> read(type, text))
        .isInstanceOf(DataException.class)
        .hasMessageEndingWith(
            "v.csv line 2: column 'v': expected %s, found '%s'".formatted(expected, text));
  }

  @Test
  void set_ofNestedValues_saysWhereInTheColumnTheMisfitIs() throws IOException {
    Field x = new Field("x", FieldType.notNullable(new ArrowType.Int(64, true)), null);
    Field item = new Field("item", FieldType.nullable(ArrowType.Struct.INSTANCE), List.of(x));
    Field v = new Field("v", FieldType.nullable(new ArrowType.LargeList()), List.of(item));

    assertThat(read(v, "v.ndjson", "{\"v\":[{\"x\":1},null]}")).isEqualTo("[{\"x\":1},null]");
    refused(v, "[{\"x\":1},{\"x\":\"a\"}]", "column 'v[1].x': expected int64, found 'a'");
    refused(v, "[{}]", "column 'v[0].x': expected int64, never null, found null");
    refused(
        v, "[{\"x\":1,\"y\":2}]", "column 'v[0]': expected struct<x:int64!>, which has no field");
    refused(v, "7", "column 'v': expected an array for large_list<struct<x:int64!>>, found 7");
  }

  private void refused(Field field, String json, String message) {
    assertThatThrownBy(() -> read(field, "v.ndjson", "{\"v\":" + json + "}"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("v.ndjson line 1: " + message);
  }

  private String read(String type, String text) throws IOException {
    ArrowType arrow = TypeText.parse(type).orElseThrow();
    return read(new Field("v", FieldType.nullable(arrow), null), "v.csv", "v\n" + text + "\n");
  }

  private String read(Field field, String name, String text) throws IOException {
    Path path = Files.writeString(folder.resolve(name), text, UTF_8);
    DataFile file = new DataFile(path, DataFormat.of(path), Set.of(""));
    try (ArrowReader rows = file.open(new Schema(List.of(field)), 10, allocator, bytes -> {})) {
      assertThat(rows.loadNextBatch()).isTrue();
      FieldVector vector = rows.getVectorSchemaRoot().getVector(0);
      return String.valueOf(vector.getObject(0));
    }
  }
}
