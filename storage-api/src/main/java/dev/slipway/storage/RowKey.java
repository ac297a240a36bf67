package dev.slipway.storage;

import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.util.Float16;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/**
 * The key of one row as canonical bytes: equal keys, and only they, have equal bytes. The two
 * zeroes of a float are one key. A buffer that is filled again for each row; one thread.
 */
final class RowKey {
  private final List<String> columns;
  private byte[] bytes = new byte[64];
  private int length;
  private @Nullable VectorSchemaRoot current;
  private FieldVector[] vectors = new FieldVector[0];

  RowKey(List<String> columns) {
    this.columns = List.copyOf(columns);
  }

  /**
   * Takes the key of a row.
   *
   * @return false if a part of it is null or NaN: such a row has no key and equals none
   */
  boolean read(VectorSchemaRoot batch, int row) {
    if (batch != current) {
      vectors = columns.stream().map(batch::getVector).toArray(FieldVector[]::new);
      current = batch;
    }
    length = 0;
    for (FieldVector vector : vectors) {
      if (vector.isNull(row) || !append(vector, row)) {
        return false;
      }
    }
    return true;
  }

  /** Their names, for errors. */
  String columns() {
    return String.join(", ", columns);
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  int hash() {
    return hash(bytes, 0, length);
  }

  static int hash(byte[] bytes, int from, int to) {
    int hash = 1;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + bytes[i];
    }
    // Multiplying by 31 leaves neighbouring numbers side by side: spread them.
    hash *= 0x9E3779B9;
    return hash ^ (hash >>> 15);
  }

  /** The key of a row for a message. */
  String shown(VectorSchemaRoot batch, int row) {
    StringBuilder out = new StringBuilder();
    for (String column : columns) {
      out.append(out.isEmpty() ? "" : ", ").append(column).append(" = ");
      out.append(Text.quote(String.valueOf(batch.getVector(column).getObject(row))));
    }
    return out.toString();
  }

  private boolean append(FieldVector vector, int row) {
    if (vector instanceof Float8Vector doubles) {
      double value = doubles.get(row);
      appendLong(Double.doubleToLongBits(value == 0 ? 0.0 : value));
      return !Double.isNaN(value);
    }
    if (vector instanceof Float4Vector floats) {
      float value = floats.get(row);
      appendLong(Float.floatToIntBits(value == 0 ? 0.0f : value));
      return !Float.isNaN(value);
    }
    if (vector instanceof Float2Vector halves) {
      float value = Float16.toFloat(halves.get(row));
      appendLong(Float.floatToIntBits(value == 0 ? 0.0f : value));
      return !Float.isNaN(value);
    }
    if (vector instanceof BitVector bits) {
      reserve(1);
      bytes[length++] = (byte) bits.get(row);
    } else if (vector instanceof BaseFixedWidthVector fixed) {
      int width = fixed.getTypeWidth();
      if (width == Long.BYTES) {
        appendLong(fixed.getDataBuffer().getLong((long) row * width));
      } else {
        appendBytes(fixed.getDataBuffer(), (long) row * width, width);
      }
    } else if (vector instanceof BaseVariableWidthVector text) {
      int start = text.getStartOffset(row);
      int size = text.getEndOffset(row) - start;
      appendLong(size);
      appendBytes(text.getDataBuffer(), start, size);
    } else if (vector instanceof BaseLargeVariableWidthVector text) {
      ArrowBuf offsets = text.getOffsetBuffer();
      long start = offsets.getLong(row * 8L);
      int size = Math.toIntExact(offsets.getLong(row * 8L + 8) - start);
      appendLong(size);
      appendBytes(text.getDataBuffer(), start, size);
    } else {
      SchemaRules.requireKeyType(vector.getField());
    }
    return true;
  }

  private void appendBytes(ArrowBuf from, long start, int size) {
    reserve(size);
    from.getBytes(start, bytes, length, size);
    length += size;
  }

  private void appendLong(long value) {
    reserve(Long.BYTES);
    for (int i = 0; i < Long.BYTES; i++) {
      bytes[length++] = (byte) (value >>> (8 * i));
    }
  }

  private void reserve(int size) {
    if (bytes.length - length < size) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(length, size)));
    }
  }
}
