package dev.slipway.cli.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Types are guessed so that every value is kept. */
class GuessedTypesTest {
  @TempDir private Path folder;
  private final BufferAllocator allocator = new RootAllocator();

  @AfterEach
  void closeAllocator() {
    allocator.close();
  }

  @Test
  void numbers_thatFloat64Changes_stayTextAsWritten() throws IOException {
    for (String number :
        List.of(
            "18446744073709551615",
            "1e400",
            "-1E400",
            "1e-400",
            "9007199254740993.5",
            "1.2345e-320",
            "1e99999999999")) {
      assertThat(ndjson("1", number, "0.5"))
          .isEqualTo("utf8 [\"1\", \"%s\", \"0.5\"]".formatted(number));
    }
    assertThat(ndjson("9007199254740993", "0.5")).startsWith("utf8 [\"9007199254740993\"");
    assertThat(ndjson("123456789012345678", "0.1")).startsWith("utf8 [\"123456789012345678\"");
    assertThat(csv("9007199254740993", "0.5")).startsWith("utf8 [\"9007199254740993\"");
    assertThat(csv("1", "18446744073709551615")).startsWith("utf8 ");
    assertThat(csv("1", "1e400")).isEqualTo("utf8 [\"1\", \"1e400\"]");
  }

  @Test
  void numbers_thatFloat64Keeps_areFloat64() throws IOException {
    assertThat(ndjson("1", "9007199254740992", "-0.0", "4.9E-324", "0.1"))
        .isEqualTo("float64 [1.0, 9.007199254740992E15, -0.0, 4.9E-324, 0.1]");
    assertThat(ndjson("1e23", "8.41E21", "9223372036854775808")).startsWith("float64 ");
    assertThat(ndjson("-0", "3.14159265358979323846"))
        .isEqualTo("float64 [-0.0, 3.141592653589793]");
    assertThat(csv("-0", "1.7976931348623157E308", "0.0012345678901234567"))
        .isEqualTo("float64 [-0.0, 1.7976931348623157E308, 0.0012345678901234567]");
  }

  @Test
  void numbersBesideNaNAndInfinities_areFloat64() throws IOException {
    assertThat(ndjson("\"NaN\"", "1.5", "\"-Infinity\"", "4.9E-324"))
        .isEqualTo("float64 [\"NaN\", 1.5, \"-Infinity\", 4.9E-324]");
    assertThat(csv("NaN", "1", "Infinity")).isEqualTo("float64 [\"NaN\", 1.0, \"Infinity\"]");
    assertThat(ndjson("\"NaN\"", "\"x\"", "1")).isEqualTo("utf8 [\"NaN\", \"x\", \"1\"]");
    assertThat(ndjson("\"NaN\"")).isEqualTo("utf8 [\"NaN\"]");
  }

  @Test
  void wholeNumbers_upToTheLastOfInt64_areInt64() throws IOException {
    assertThat(csv("-9223372036854775808", "9223372036854775807"))
        .isEqualTo("int64 [-9223372036854775808, 9223372036854775807]");
    assertThat(csv("9223372036854775809")).isEqualTo("utf8 [\"9223372036854775809\"]");
  }

  @Test
  void times_areAsFineAsTheFinest() throws IOException {
    assertThat(csv("2024-01-31T12:00:00.123456789", "2024-01-31 12:00:00"))
        .isEqualTo("timestamp[ns] [\"2024-01-31T12:00:00.123456789\", \"2024-01-31T12:00:00\"]");
    assertThat(csv("2024-01-31T12:00:00.123456789Z")).startsWith("timestamp[ns,UTC] ");
    assertThat(csv("2024-01-31T12:00:00.123456")).startsWith("timestamp[us] ");
    assertThat(csv("2024-01-31T12:00:00.123456789", "9999-12-31T00:00:00"))
        .isEqualTo("utf8 [\"2024-01-31T12:00:00.123456789\", \"9999-12-31T00:00:00\"]");
  }

  @Test
  void arraysAndObjectsBesideOthers_areRefusedWhereTheyAre() {
    String text = "{\"c\":{\"d\":1}}\n{\"c\":{\"d\":{\"x\":1}}}\n";
    refused(text, "m.ndjson line 2: column 'c.d': expected a number as in ", "found an object");
    refused("{\"l\":[[1],2]}\n", "m.ndjson line 1: column 'l[]': expected an array as in ");
    refused("{\"a\":1}\n{\"a\":{}}\n", "line 2: column 'a': expected a number");
  }

  @Test
  void objectsWithoutFields_areRefusedWhereTheyAre() throws IOException {
    refused("{\"b\":1}\n{\"a\":[{}]}\n", "m.ndjson line 2: column 'a[]': expected a field");
    assertThat(ndjson("{}", "{\"x\":1}")).isEqualTo("struct<x:int64> [{\"x\":null}, {\"x\":1}]");
  }

  @Test
  void malformedJson_isRefusedInPlainWords() {
    refused("{\"a\":1}\n{\"a\":NaN}\n", "m.ndjson line 2: ", "Non-standard token 'NaN'");
    refused("{\"a\":[1,\n", "m.ndjson line ", "end-of-input");
    refused("[1]\n", "m.ndjson line 1: expected a JSON object, found an array");
    refused("{\"a\":" + "[".repeat(70), "nesting depth");
    refused("{\"a\":\n" + "1".repeat(2000) + "}", "m.ndjson line 2: ", "Number");
  }

  private void refused(String text, String... messages) {
    assertThatThrownBy(() -> kept("m.ndjson", text))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll(messages)
        .hasMessageNotContainingAny("StreamRead", "JsonRead", "[Source", "START_", "`");
  }

  private String ndjson(String... values) throws IOException {
    return kept("k.ndjson", "{\"v\":" + String.join("}\n{\"v\":", values) + "}\n");
  }

  private String csv(String... values) throws IOException {
    return kept("k.csv", "v\n" + String.join("\n", values) + "\n");
  }

  /** The type and the values as they come back. */
  private String kept(String name, String text) throws IOException {
    Path path = Files.writeString(folder.resolve(name), text);
    DataFile file = new DataFile(path, DataFormat.of(path), Set.of(""));
    Schema schema = DataFile.schema(List.of(file), allocator, bytes -> {});
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ArrowReader rows = file.open(schema, 100, allocator, bytes -> {});
        RowOutput output = RowOutput.to(out, DataFormat.NDJSON, rows)) {
      while (rows.loadNextBatch()) {
        output.write(rows);
      }
    }
    List<String> values =
        out.toString(UTF_8).lines().map(row -> row.substring(5, row.length() - 1)).toList();
    return TypeNames.of(schema.getFields().get(0)) + " " + values;
  }
}
