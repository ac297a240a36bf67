package dev.slipway.cli.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.arrow.memory.util.Float16;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.DurationVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.LargeVarBinaryVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeMilliVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.TimeSecVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;

/**
 * Values as text: numbers as numbers, dates and times in ISO 8601, binary in base64, NaN and
 * infinities by name. What is written is read back as the same value.
 */
final class JsonValues {
  private static final JsonFactory JSON = JsonFactory.builder().build();

  private JsonValues() {}

  /** The value as a field of a CSV file. It isn't null. */
  static String text(FieldVector vector, int row) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      write(json, vector, row);
    }
    String written = text.toString();
    return written.startsWith("\"") ? unquoted(vector, row) : written;
  }

  /** What is a text in JSON, without its quotes. */
  private static String unquoted(FieldVector vector, int row) {
    return switch (vector.getMinorType()) {
      case FLOAT2 -> String.valueOf(Float16.toFloat(((Float2Vector) vector).get(row)));
      default -> plain(vector, row);
    };
  }

  /** The value as JSON. It isn't null. */
  static void write(JsonGenerator json, FieldVector vector, int row) throws IOException {
    switch (vector.getMinorType()) {
      case BIT -> json.writeBoolean(((BitVector) vector).get(row) == 1);
      case TINYINT, SMALLINT, INT -> json.writeNumber(vector.getObject(row).toString());
      case DECIMAL -> json.writeNumber(((DecimalVector) vector).getObject(row).toPlainString());
      case BIGINT -> json.writeNumber(((BigIntVector) vector).get(row));
      case UINT1 -> json.writeNumber(((UInt1Vector) vector).get(row) & 0xFF);
      case UINT2 -> json.writeNumber(((UInt2Vector) vector).get(row));
      case UINT4 -> json.writeNumber(((UInt4Vector) vector).get(row) & 0xFFFFFFFFL);
      case UINT8 -> json.writeNumber(Long.toUnsignedString(((UInt8Vector) vector).get(row)));
      case FLOAT2 -> floating(json, Float16.toFloat(((Float2Vector) vector).get(row)));
      case FLOAT4 -> floating(json, ((Float4Vector) vector).get(row));
      case FLOAT8 -> {
        double value = ((Float8Vector) vector).get(row);
        if (Double.isFinite(value)) {
          json.writeNumber(value);
        } else {
          json.writeString(String.valueOf(value));
        }
      }
      case LIST -> {
        ListVector list = (ListVector) vector;
        items(
            json,
            list.getDataVector(),
            list.getElementStartIndex(row),
            list.getElementEndIndex(row));
      }
      case LARGELIST -> {
        LargeListVector list = (LargeListVector) vector;
        items(
            json,
            list.getDataVector(),
            Math.toIntExact(list.getElementStartIndex(row)),
            Math.toIntExact(list.getElementEndIndex(row)));
      }
      case FIXED_SIZE_LIST -> {
        FixedSizeListVector list = (FixedSizeListVector) vector;
        items(json, list.getDataVector(), row * list.getListSize(), (row + 1) * list.getListSize());
      }
      case STRUCT -> struct(json, (StructVector) vector, row);
      default -> json.writeString(plain(vector, row));
    }
  }

  private static void floating(JsonGenerator json, float value) throws IOException {
    if (Float.isFinite(value)) {
      json.writeNumber(value);
    } else {
      json.writeString(String.valueOf(value));
    }
  }

  private static void items(JsonGenerator json, FieldVector items, int start, int end)
      throws IOException {
    json.writeStartArray();
    for (int i = start; i < end; i++) {
      writeOrNull(json, items, i);
    }
    json.writeEndArray();
  }

  private static void struct(JsonGenerator json, StructVector struct, int row) throws IOException {
    json.writeStartObject();
    for (FieldVector child : struct.getChildrenFromFields()) {
      json.writeFieldName(child.getName());
      writeOrNull(json, child, row);
    }
    json.writeEndObject();
  }

  private static void writeOrNull(JsonGenerator json, FieldVector vector, int row)
      throws IOException {
    if (vector.isNull(row)) {
      json.writeNull();
    } else {
      write(json, vector, row);
    }
  }

  private static String plain(FieldVector vector, int row) {
    return switch (vector.getMinorType()) {
      case VARCHAR -> new String(((VarCharVector) vector).get(row), StandardCharsets.UTF_8);
      case LARGEVARCHAR ->
          new String(((LargeVarCharVector) vector).get(row), StandardCharsets.UTF_8);
      case VARBINARY -> base64(((VarBinaryVector) vector).get(row));
      case LARGEVARBINARY -> base64(((LargeVarBinaryVector) vector).get(row));
      case FIXEDSIZEBINARY -> base64(((FixedSizeBinaryVector) vector).get(row));
      case DATEDAY -> TimeValues.date(((DateDayVector) vector).get(row));
      case DATEMILLI -> TimeValues.dateOfMillis(((DateMilliVector) vector).get(row));
      case TIMESEC -> TimeValues.time(((TimeSecVector) vector).get(row), TimeUnit.SECOND);
      case TIMEMILLI -> TimeValues.time(((TimeMilliVector) vector).get(row), TimeUnit.MILLISECOND);
      case TIMEMICRO -> TimeValues.time(((TimeMicroVector) vector).get(row), TimeUnit.MICROSECOND);
      case TIMENANO -> TimeValues.time(((TimeNanoVector) vector).get(row), TimeUnit.NANOSECOND);
      case DURATION -> {
        DurationVector durations = (DurationVector) vector;
        TimeUnit unit = ((ArrowType.Duration) vector.getField().getType()).getUnit();
        yield TimeValues.duration(DurationVector.get(durations.getDataBuffer(), row), unit);
      }
      case TIMESTAMPSEC,
          TIMESTAMPMILLI,
          TIMESTAMPMICRO,
          TIMESTAMPNANO,
          TIMESTAMPSECTZ,
          TIMESTAMPMILLITZ,
          TIMESTAMPMICROTZ,
          TIMESTAMPNANOTZ -> {
        ArrowType.Timestamp type = (ArrowType.Timestamp) vector.getField().getType();
        yield TimeValues.timestamp(
            ((TimeStampVector) vector).get(row), type.getUnit(), type.getTimezone() != null);
      }
      default -> String.valueOf(vector.getObject(row));
    };
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
