package dev.slipway.storage.memory;

import dev.slipway.storage.predicate.Operand.Literal;
import dev.slipway.storage.predicate.Operand.StringLiteral;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BaseLargeVariableWidthVector;
import org.apache.arrow.vector.VariableWidthVector;

/** Text in the order of its UTF-8 bytes. */
final class TextOrder {
  private TextOrder() {}

  static ValueOrder of(VariableWidthVector left, VariableWidthVector right) {
    return (row, other) -> Arrays.compareUnsigned(bytes(left, row), bytes(right, other));
  }

  static ValueOrder of(VariableWidthVector vector, List<Literal> literals) {
    byte[][] sorted =
        literals.stream()
            .map(literal -> ((StringLiteral) literal).value().getBytes(StandardCharsets.UTF_8))
            .sorted(Arrays::compareUnsigned)
            .toArray(byte[][]::new);
    return (row, other) -> Arrays.compareUnsigned(bytes(vector, row), sorted[other]);
  }

  static byte[] bytes(VariableWidthVector vector, int row) {
    ArrowBuf offsets = vector.getOffsetBuffer();
    boolean wide = vector instanceof BaseLargeVariableWidthVector;
    long start = wide ? offsets.getLong(row * 8L) : offsets.getInt(row * 4L);
    long end = wide ? offsets.getLong(row * 8L + 8) : offsets.getInt(row * 4L + 4);
    byte[] bytes = new byte[Math.toIntExact(end - start)];
    vector.getDataBuffer().getBytes(start, bytes);
    return bytes;
  }
}
