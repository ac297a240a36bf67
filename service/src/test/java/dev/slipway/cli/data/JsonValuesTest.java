package dev.slipway.cli.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.memory.util.Float16;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.DurationVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeMilliVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.TimeSecVector;
import org.apache.arrow.vector.TimeStampMilliTZVector;
import org.apache.arrow.vector.TimeStampNanoVector;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Values are written as the API writes them. */
class JsonValuesTest {
  private final BufferAllocator allocator = new RootAllocator();

  @AfterEach
  void closeAllocator() {
    allocator.close();
  }

  @Test
  void times_ofEveryUnit_areTimesOfDay() throws IOException {
    try (TimeSecVector seconds = new TimeSecVector("t", allocator);
        TimeMilliVector millis = new TimeMilliVector("t", allocator);
        TimeMicroVector micros = new TimeMicroVector("t", allocator);
        TimeNanoVector nanos = new TimeNanoVector("t", allocator)) {
      seconds.setSafe(0, 45_296);
      millis.setSafe(0, 45_296_789);
      micros.setSafe(0, 1L);
      nanos.setSafe(0, 86_399_999_999_999L);
      nanos.setSafe(1, 86_400_000_000_000L);

      assertText(seconds, 0, "12:34:56");
      assertText(millis, 0, "12:34:56.789");
      assertText(micros, 0, "00:00:00.000001");
      assertText(nanos, 0, "23:59:59.999999999");
      assertText(nanos, 1, "86400000000000");
    }
  }

  @Test
  void halfFloats_areNumbersOrNames() throws IOException {
    try (Float2Vector halves = new Float2Vector("f", allocator)) {
      halves.setSafe(0, Float16.toFloat16(1.5f));
      halves.setSafe(1, Float16.toFloat16(Float.NaN));
      halves.setSafe(2, Float16.toFloat16(Float.NEGATIVE_INFINITY));

      assertThat(json(halves, 0)).isEqualTo("1.5");
      assertThat(JsonValues.text(halves, 0)).isEqualTo("1.5");
      assertText(halves, 1, "NaN");
      assertText(halves, 2, "-Infinity");
    }
  }

  @Test
  void dates_durationsAndTimestamps_areIsoTextOrTheirCount() throws IOException {
    Field seconds =
        new Field("d", FieldType.nullable(new ArrowType.Duration(TimeUnit.MILLISECOND)), null);
    try (DurationVector durations = new DurationVector(seconds, allocator);
        DateMilliVector dates = new DateMilliVector("d", allocator);
        TimeStampNanoVector plain = new TimeStampNanoVector("t", allocator);
        TimeStampMilliTZVector zoned = new TimeStampMilliTZVector("t", allocator, "Europe/Paris")) {
      durations.setSafe(0, 5_400_500L);
      dates.setSafe(0, -86_400_000L);
      dates.setSafe(1, 1L);
      plain.setSafe(0, -1L);
      zoned.setSafe(0, 1_706_704_496_789L);
      zoned.setSafe(1, Long.MAX_VALUE);

      assertText(durations, 0, "PT1H30M0.5S");
      assertText(dates, 0, "1969-12-31");
      assertText(dates, 1, "1");
      assertText(plain, 0, "1969-12-31T23:59:59.999999999");
      assertText(zoned, 0, "2024-01-31T12:34:56.789Z");
      assertText(zoned, 1, "+292278994-08-17T07:12:55.807Z");
    }
  }

  @Test
  void decimals_keepTheirDecimals() throws IOException {
    try (DecimalVector decimals = new DecimalVector("d", allocator, 20, 10)) {
      decimals.setSafe(0, new BigDecimal("0.0000000000"));

      assertThat(json(decimals, 0)).isEqualTo("0.0000000000");
    }
  }

  private static void assertText(FieldVector vector, int row, String text) throws IOException {
    assertThat(JsonValues.text(vector, row)).isEqualTo(text);
    assertThat(json(vector, row)).isEqualTo('"' + text + '"');
  }

  private static String json(FieldVector vector, int row) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      JsonValues.write(json, vector, row);
    }
    return text.toString();
  }
}
