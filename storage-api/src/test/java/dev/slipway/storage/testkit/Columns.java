package dev.slipway.storage.testkit;

import java.util.List;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** Fields and schemas in a line. Columns are nullable unless wrapped in {@link #required}. */
public final class Columns {
  private Columns() {}

  public static Schema schema(Field... fields) {
    return new Schema(List.of(fields));
  }

  public static Field required(Field field) {
    return new Field(field.getName(), FieldType.notNullable(field.getType()), field.getChildren());
  }

  public static Field column(String name, ArrowType type, Field... children) {
    return new Field(name, FieldType.nullable(type), List.of(children));
  }

  public static Field int8(String name) {
    return column(name, new ArrowType.Int(8, true));
  }

  public static Field int16(String name) {
    return column(name, new ArrowType.Int(16, true));
  }

  public static Field int32(String name) {
    return column(name, new ArrowType.Int(32, true));
  }

  public static Field int64(String name) {
    return column(name, new ArrowType.Int(64, true));
  }

  public static Field uint8(String name) {
    return column(name, new ArrowType.Int(8, false));
  }

  public static Field uint16(String name) {
    return column(name, new ArrowType.Int(16, false));
  }

  public static Field uint32(String name) {
    return column(name, new ArrowType.Int(32, false));
  }

  public static Field uint64(String name) {
    return column(name, new ArrowType.Int(64, false));
  }

  public static Field float16(String name) {
    return column(name, new ArrowType.FloatingPoint(FloatingPointPrecision.HALF));
  }

  public static Field float32(String name) {
    return column(name, new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE));
  }

  public static Field float64(String name) {
    return column(name, new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE));
  }

  public static Field decimal(String name, int precision, int scale) {
    return column(name, new ArrowType.Decimal(precision, scale, 128));
  }

  public static Field bool(String name) {
    return column(name, ArrowType.Bool.INSTANCE);
  }

  public static Field utf8(String name) {
    return column(name, ArrowType.Utf8.INSTANCE);
  }

  public static Field largeUtf8(String name) {
    return column(name, ArrowType.LargeUtf8.INSTANCE);
  }

  public static Field binary(String name) {
    return column(name, ArrowType.Binary.INSTANCE);
  }

  public static Field largeBinary(String name) {
    return column(name, ArrowType.LargeBinary.INSTANCE);
  }

  public static Field fixedBinary(String name, int width) {
    return column(name, new ArrowType.FixedSizeBinary(width));
  }

  /** Days. */
  public static Field date(String name) {
    return column(name, new ArrowType.Date(DateUnit.DAY));
  }

  /** Milliseconds. */
  public static Field date64(String name) {
    return column(name, new ArrowType.Date(DateUnit.MILLISECOND));
  }

  public static Field time(String name, TimeUnit unit) {
    boolean narrow = unit == TimeUnit.SECOND || unit == TimeUnit.MILLISECOND;
    return column(name, new ArrowType.Time(unit, narrow ? 32 : 64));
  }

  public static Field timestamp(String name, TimeUnit unit, @Nullable String zone) {
    return column(name, new ArrowType.Timestamp(unit, zone));
  }

  public static Field duration(String name, TimeUnit unit) {
    return column(name, new ArrowType.Duration(unit));
  }

  public static Field list(String name, Field element) {
    return column(name, ArrowType.List.INSTANCE, element);
  }

  public static Field largeList(String name, Field element) {
    return column(name, ArrowType.LargeList.INSTANCE, element);
  }

  public static Field fixedList(String name, int size, Field element) {
    return column(name, new ArrowType.FixedSizeList(size), element);
  }

  public static Field struct(String name, Field... children) {
    return column(name, ArrowType.Struct.INSTANCE, children);
  }
}
