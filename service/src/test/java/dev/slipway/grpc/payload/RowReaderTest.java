package dev.slipway.grpc.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.testkit.EveryType;
import dev.slipway.storage.testkit.Rows;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RowReaderTest {
  private final BufferAllocator allocator = new RootAllocator();

  @AfterEach
  void closeAllocator() {
    allocator.close();
  }

  @Test
  void read_ofRowsOfEveryType_givesBackWhatWasWritten() {
    List<Map<String, @Nullable Object>> rows = EveryType.rows(300);
    List<Struct> json = new ArrayList<>();
    try (VectorSchemaRoot root = Rows.root(allocator, EveryType.SCHEMA, rows)) {
      for (int i = 0; i < rows.size(); i++) {
        json.add(JsonRows.row(root, i));
      }
    }

    assertThat(read(EveryType.SCHEMA, json)).isEqualTo(rows);
    assertThat(json.get(0).getFieldsMap().keySet())
        .containsExactlyElementsOf(
            EveryType.SCHEMA.getFields().stream().map(Field::getName).toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "int64 | 9007199254740991 | `9007199254740991`",
        "int64 | \"9223372036854775807\" | `9223372036854775807`",
        "int64 | \"-9223372036854775808\" | `-9223372036854775808`",
        "uint64 | \"18446744073709551615\" | `18446744073709551615`",
        "int8 | -128 | -128.0",
        "uint8 | 255 | 255.0",
        "uint32 | 4294967295 | 4294967295",
        "float64 | 1e300 | 1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
        "float64 | \"NaN\" | `NaN`",
        "float64 | \"-Infinity\" | `-Infinity`",
        "float64 | \"0.1\" | 0.1",
        "float32 | 0.1 | 0.1",
        "float32 | 3.4028235e38 | 340282350000000000000000000000000000000",
        "float32 | \"Infinity\" | `Infinity`",
        "float16 | 0.1 | 0.1",
        "float16 | 65504 | 65504.0",
        "decimal128[10,2] | \"12345678.9\" | `12345678.90`",
        "decimal128[10,2] | 0.1 | `0.10`",
        "decimal128[38,0] | \"1e37\" | `10000000000000000000000000000000000000`",
        "bool | true | true",
        "utf8 | \"Zürich\" | `Zürich`",
        "binary | \"AP8=\" | `AP8=`",
        "fixed_size_binary[2] | \"AP8=\" | `AP8=`",
        "date32 | \"2024-02-29\" | `2024-02-29`",
        "date64 | \"1969-12-31\" | `1969-12-31`",
        "date64 | \"1\" | `1`",
        "time32[s] | \"23:59:59\" | `23:59:59`",
        "time64[ns] | \"00:00:00.000000001\" | `00:00:00.000000001`",
        "timestamp[s] | \"2024-01-31T12:00:00\" | `2024-01-31T12:00:00`",
        "timestamp[ns] | \"-9223372036854775808\" | `1677-09-21T00:12:43.145224192`",
        "timestamp[ns] | \"1677-09-21T00:12:43.145224192\" | `1677-09-21T00:12:43.145224192`",
        "timestamp[us,UTC] | \"2024-01-31T14:00:00+02:00\" | `2024-01-31T12:00:00Z`",
        "timestamp[s] | \"9223372036854775807\" | `9223372036854775807`",
        "duration[ms] | \"PT-1.5S\" | `PT-1.5S`",
        "duration[s] | \"PT1H\" | `PT1H`",
      })
  void read_ofAValueThatFits_leavesAsItsPlainForm(String type, String given, String shown)
      throws InvalidProtocolBufferException {
    Schema schema = schema(type);
    try (BufferAllocator child = allocator.newChildAllocator("upload", 0, 1 << 20);
        RowReader reader =
            new RowReader(
                child, schema, false, IpcStreams.of(List.of(rows("{\"v\":" + given + "}"))))) {
      assertThat(reader.loadNextBatch()).isTrue();
      Value back = JsonRows.row(reader.getVectorSchemaRoot(), 0).getFieldsOrThrow("v");
      assertThat(shown(back)).isEqualTo(shown);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "int64 | 9007199254740992 | beyond 2^53-1",
        "int64 | -1e300 | beyond 2^53-1",
        "decimal128[38,0] | 9007199254740993 | beyond 2^53-1",
        "int64 | 1.5 | integer of 64 bits",
        "int64 | \"1.5\" | integer of 64 bits",
        "int64 | \"9223372036854775808\" | integer of 64 bits",
        "int64 | \" 1\" | integer of 64 bits",
        "int64 | true | integer of 64 bits",
        "int64 | \"\" | integer of 64 bits",
        "int8 | 128 | a signed integer of 8 bits",
        "uint8 | -1 | an unsigned integer of 8 bits",
        "uint64 | \"18446744073709551616\" | an unsigned integer",
        "float64 | \"1e999\" | width",
        "float64 | \"0x1p3\" | a number",
        "float32 | 1e39 | width",
        "float16 | 65520 | width",
        "float64 | null | required",
        "decimal128[10,2] | \"0.001\" | 2 of them after the point",
        "decimal128[10,2] | \"123456789\" | at most 10 digits",
        "decimal128[10,2] | \"1e999\" | at most 10 digits",
        "decimal128[10,2] | \"1e999999999\" | a decimal",
        "decimal128[38,20] | 0.12345678901234567 | at most 15 digits",
        "bool | 1 | true or false",
        "bool | \"true\" | true or false",
        "utf8 | 1 | a string",
        "binary | \"***\" | base64",
        "fixed_size_binary[3] | \"AP8=\" | 3 bytes as base64",
        "date32 | \"2024-02-30\" | a date like",
        "date32 | \"+999999999-01-01\" | a date",
        "time32[s] | \"12:00:00.5\" | whole seconds",
        "time32[s] | \"24:00:00\" | a time like",
        "timestamp[us] | \"2024-01-31T12:00:00Z\" | without zone",
        "timestamp[us,UTC] | \"2024-01-31T12:00:00\" | with zone",
        "timestamp[ns] | \"9999-01-01T00:00:00\" | a timestamp",
        "timestamp[ms] | \"2024-01-31T12:00:00.0001\" | at most 3 decimals",
        "duration[s] | \"1 hour\" | a duration like",
        "int64 | {} | integer of 64 bits",
        "int64 | [1] | integer of 64 bits",
      })
  void read_ofAValueThatDoesNotFit_namesRowAndColumn(String type, String given, String expected)
      throws InvalidProtocolBufferException {
    Schema required = new Schema(List.of(field("v", type, false)));

    SlipwayException refused =
        refused(
            required, false, List.of(rows("{\"v\":" + good(type) + "}", "{\"v\":" + given + "}")));

    assertThat(refused.reason()).isEqualTo(ErrorReason.ROW_INVALID);
    assertThat(refused).hasMessageContaining(expected).hasMessageContaining("row 1, column 'v'");
    assertThat(refused.metadata()).containsEntry("row", "1").containsEntry("column", "v");
  }

  @Test
  void read_ofAMissingField_isNull() throws InvalidProtocolBufferException {
    Schema schema = new Schema(List.of(field("a", "int64", true), field("b", "utf8", true)));

    assertThat(read(schema, rows("{\"b\":\"x\"}", "{}")))
        .containsExactly(Rows.row("a", null, "b", "x"), Rows.row("a", null, "b", null));
  }

  @Test
  void read_ofAnUnknownField_isRefused() throws InvalidProtocolBufferException {
    SlipwayException refused = refused(schema("int64"), false, List.of(rows("{\"w\":1}")));

    assertThat(refused).hasMessageContaining("no column 'w'").hasMessageContaining("'v'");
  }

  @Test
  void read_ofAnUnknownFieldInsideAStruct_isRefused() throws InvalidProtocolBufferException {
    Field struct =
        new Field(
            "v", FieldType.nullable(ArrowType.Struct.INSTANCE), List.of(field("x", "int64", true)));

    SlipwayException refused =
        refused(new Schema(List.of(struct)), false, List.of(rows("{\"v\":{\"y\":1}}")));

    assertThat(refused).hasMessageContaining("no field 'y'");
  }

  @Test
  void read_ofAFixedListOfTheWrongSize_isRefused() throws InvalidProtocolBufferException {
    Field vector =
        new Field(
            "v",
            FieldType.nullable(new ArrowType.FixedSizeList(2)),
            List.of(field("x", "float32", true)));

    SlipwayException refused =
        refused(new Schema(List.of(vector)), false, List.of(rows("{\"v\":[1,2,3]}")));

    assertThat(refused).hasMessageContaining("a list of 2");
  }

  @Test
  void read_ofNamedColumnsOnly_takesThoseOfTheFirstPiece() throws Exception {
    Schema schema =
        new Schema(
            List.of(field("a", "int64", true), field("b", "utf8", true), field("c", "bool", true)));

    try (RowReader reader =
        new RowReader(
            allocator,
            schema,
            true,
            IpcStreams.of(List.of(rows("{\"c\":true}", "{\"a\":1}"), rows("{\"a\":2}"))))) {
      assertThat(reader.getVectorSchemaRoot().getSchema().getFields())
          .extracting(Field::getName)
          .containsExactly("a", "c");
      assertThat(reader.loadNextBatch()).isTrue();
      assertThat(reader.loadNextBatch()).isTrue();
      assertThat(reader.loadNextBatch()).isFalse();
    }
  }

  @Test
  void read_ofNamedColumnsOnly_refusesOthersLater() throws InvalidProtocolBufferException {
    Schema schema = new Schema(List.of(field("a", "int64", true), field("b", "utf8", true)));

    SlipwayException refused =
        refused(schema, true, List.of(rows("{\"a\":1}"), rows("{\"a\":2,\"b\":\"x\"}")));

    assertThat(refused).hasMessageContaining("row 1").hasMessageContaining("the first message");
  }

  @Test
  void shortest_ofEveryHalfFloat_readsBack() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = org.apache.arrow.memory.util.Float16.toFloat((short) bits);
      if (Float.isFinite(value)) {
        double shown = RowNumbers.shortestHalf((short) bits);
        assertThat(org.apache.arrow.memory.util.Float16.toFloat16((float) shown))
            .isEqualTo((short) bits);
      }
    }
    assertThat(RowNumbers.shortest(0.1f)).isEqualTo(0.1);
    assertThat(RowNumbers.shortest(Float.MIN_VALUE)).isEqualTo(1.0E-45);
    assertThat(RowNumbers.floating(FloatingPointPrecision.SINGLE, JsonRows.number(0.1)))
        .isEqualTo(0.1);
  }

  private static String shown(Value value) {
    return switch (value.getKindCase()) {
      case STRING_VALUE -> value.getStringValue();
      case NUMBER_VALUE -> BigDecimal.valueOf(value.getNumberValue()).toPlainString();
      default -> String.valueOf(value.getBoolValue());
    };
  }

  private List<Map<String, @Nullable Object>> read(Schema schema, List<Struct> rows) {
    ArrowReader reader = new RowReader(allocator, schema, false, IpcStreams.of(List.of(rows)));
    return Rows.read(reader);
  }

  @Test
  void read_withoutMemoryOfItsOwnOrOfTheServer_saysWhoseItWas() throws Exception {
    String large = "{\"v\": \"" + "x".repeat(1 << 20) + "\"}";
    try (BufferAllocator server = allocator.newChildAllocator("server", 0, 1 << 20);
        BufferAllocator ample = server.newChildAllocator("upload", 0, 1 << 30);
        BufferAllocator small = allocator.newChildAllocator("upload", 0, 1 << 20)) {
      SlipwayException shared = refused(ample, schema("utf8"), false, List.of(rows(large, large)));
      SlipwayException own = refused(small, schema("utf8"), false, List.of(rows(large, large)));

      assertThat(shared.reason()).isEqualTo(ErrorReason.OVERLOADED);
      assertThat(own.reason()).isEqualTo(ErrorReason.TOO_LARGE);
      assertThat(own.metadata()).containsEntry("limit", String.valueOf(1 << 20));
    }
  }

  private SlipwayException refused(Schema schema, boolean namedOnly, List<List<Struct>> pieces) {
    return refused(allocator, schema, namedOnly, pieces);
  }

  private static SlipwayException refused(
      BufferAllocator from, Schema schema, boolean namedOnly, List<List<Struct>> pieces) {
    try (RowReader reader = new RowReader(from, schema, namedOnly, IpcStreams.of(pieces))) {
      assertThatThrownBy(
              () -> {
                while (reader.loadNextBatch()) {
                  assertThat(reader.bytesRead()).isPositive();
                }
              })
          .isInstanceOf(StorageException.class);
      return reader.failure().orElseThrow();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String good(String type) {
    return switch (type.replaceAll("[0-9\\[].*", "")) {
      case "bool" -> "true";
      case "utf" -> "\"x\"";
      case "binary" -> "\"\"";
      case "fixed_size_binary" -> "\"AAAA\"";
      case "date" -> "\"2024-01-01\"";
      case "time" -> "\"12:00:00\"";
      case "timestamp" ->
          type.contains(",") ? "\"2024-01-01T00:00:00Z\"" : "\"2024-01-01T00:00:00\"";
      case "duration" -> "\"PT0S\"";
      default -> "1";
    };
  }

  private static Schema schema(String type) {
    return new Schema(List.of(field("v", type, true)));
  }

  private static Field field(String name, String type, boolean nullable) {
    return new Field(
        name, new FieldType(nullable, TypeText.parse(type).orElseThrow(), null), List.of());
  }

  private static List<Struct> rows(String... json) throws InvalidProtocolBufferException {
    List<Struct> rows = new ArrayList<>();
    for (String text : json) {
      Struct.Builder row = Struct.newBuilder();
      JsonFormat.parser().merge(text, row);
      rows.add(row.build());
    }
    return rows;
  }
}
