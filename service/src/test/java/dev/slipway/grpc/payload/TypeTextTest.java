package dev.slipway.grpc.payload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.storage.testkit.EveryType;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TypeTextTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "float32",
        "float64",
        "utf8",
        "large_utf8",
        "binary",
        "large_binary",
        "fixed_size_binary[16]",
        "date32",
        "date64",
        "time32[s]",
        "time32[ms]",
        "time64[us]",
        "time64[ns]",
        "timestamp[s]",
        "timestamp[ns]",
        "timestamp[us,UTC]",
        "timestamp[ms,Europe/Berlin]",
        "timestamp[s,+02:00]",
        "duration[us]",
        "decimal128[10,2]",
        "decimal128[38,38]",
        "list",
        "large_list",
        "fixed_size_list[128]",
        "struct"
      })
  void parse_ofEveryDocumentedType_formatsAsTheSameText(String text) {
    ArrowType type = TypeText.parse(text).orElseThrow();

    assertThat(TypeText.format(type)).hasValue(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "strng",
        "int",
        "int65",
        "INT64[]",
        "int64[3]",
        "utf8[us]",
        "fixed_size_binary",
        "fixed_size_binary[0]",
        "fixed_size_list[-1]",
        "fixed_size_list[99999999999]",
        "time32[us]",
        "time64[s]",
        "timestamp",
        "timestamp[m]",
        "timestamp[us,]",
        "timestamp[us,UTC,UTC]",
        "timestamp[us,\u0000]",
        "decimal128[39,0]",
        "decimal128[0,0]",
        "decimal128[2,3]",
        "decimal128[10]",
        "struct[]",
        "list[[[["
      })
  void parse_ofAnythingElse_isEmpty(String text) {
    assertThat(TypeText.parse(text)).isEmpty();
  }

  @Test
  void parse_ofAMegabyte_isEmpty() {
    assertThat(TypeText.parse("timestamp[us," + "A".repeat(1 << 20) + "]")).isEmpty();
  }

  @Test
  void format_ofEveryTypeATableMayHave_parsesBack() {
    for (Field field : EveryType.SCHEMA.getFields()) {
      String text = TypeText.format(field.getType()).orElseThrow();
      assertThat(TypeText.parse(text)).hasValue(field.getType());
    }
  }

  @Test
  void format_ofTypesThatNoTableHas_isEmpty() {
    assertThat(TypeText.format(new ArrowType.Int(7, true))).isEmpty();
    assertThat(TypeText.format(new ArrowType.Null())).isEmpty();
    assertThat(TypeText.format(new ArrowType.Decimal(10, 2, 256))).isEmpty();
    assertThat(TypeText.format(new ArrowType.Decimal(10, -2, 128))).isEmpty();
    assertThat(TypeText.format(new ArrowType.Map(false))).isEmpty();
    assertThat(TypeText.format(new ArrowType.Utf8View())).isEmpty();
  }
}
