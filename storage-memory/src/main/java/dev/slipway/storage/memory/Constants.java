package dev.slipway.storage.memory;

import dev.slipway.storage.predicate.Operand.BooleanLiteral;
import dev.slipway.storage.predicate.Operand.Literal;
import dev.slipway.storage.predicate.Operand.NullLiteral;
import dev.slipway.storage.predicate.Operand.NumberLiteral;
import dev.slipway.storage.predicate.Operand.StringLiteral;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.types.pojo.Field;

/** Vectors that hold one value many times; freed together. */
final class Constants implements AutoCloseable {
  private final BufferAllocator allocator;
  private final int rows;
  private final List<FieldVector> made = new ArrayList<>();

  /**
   * @param rows the length of each vector
   */
  Constants(BufferAllocator allocator, int rows) {
    this.allocator = allocator;
    this.rows = rows;
  }

  /**
   * @param literal bound to the field
   */
  FieldVector of(Field field, Literal literal) {
    FieldVector one = field.createVector(allocator);
    made.add(one);
    one.setInitialCapacity(1);
    one.allocateNew();
    if (!(literal instanceof NullLiteral)) {
      set(one, literal);
    }
    one.setValueCount(1);
    return repeated(field, one);
  }

  @Override
  public void close() {
    made.forEach(FieldVector::close);
  }

  private FieldVector repeated(Field field, FieldVector one) {
    FieldVector vector = one;
    while (vector.getValueCount() < rows) {
      int length = vector.getValueCount();
      FieldVector longer = field.createVector(allocator);
      made.add(longer);
      new Gather(allocator)
          .fill(
              longer,
              List.of(
                  new Segment(vector, 0, length),
                  new Segment(vector, 0, Math.min(length, rows - length))));
      made.remove(vector);
      vector.close();
      vector = longer;
    }
    return vector;
  }

  private static void set(FieldVector vector, Literal literal) {
    if (vector instanceof VarCharVector text) {
      text.setSafe(0, ((StringLiteral) literal).value().getBytes(StandardCharsets.UTF_8));
    } else if (vector instanceof LargeVarCharVector text) {
      text.setSafe(0, ((StringLiteral) literal).value().getBytes(StandardCharsets.UTF_8));
    } else if (vector instanceof BitVector bits) {
      bits.setSafe(0, ((BooleanLiteral) literal).value() ? 1 : 0);
    } else if (vector instanceof DecimalVector decimals) {
      decimals.setSafe(0, ((NumberLiteral) literal).value());
    } else {
      setBits((BaseFixedWidthVector) vector, literal);
    }
  }

  private static void setBits(BaseFixedWidthVector vector, Literal literal) {
    long bits = LiteralBits.of(vector.getField().getType(), literal);
    ArrowBuf data = vector.getDataBuffer();
    switch (vector.getTypeWidth()) {
      case 1 -> data.setByte(0, (byte) bits);
      case 2 -> data.setShort(0, (short) bits);
      case 4 -> data.setInt(0, (int) bits);
      default -> data.setLong(0, bits);
    }
    BitVectorHelper.setBit(vector.getValidityBuffer(), 0);
  }
}
