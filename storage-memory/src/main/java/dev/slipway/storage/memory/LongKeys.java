package dev.slipway.storage.memory;

import dev.slipway.storage.predicate.Operand.BooleanLiteral;
import dev.slipway.storage.predicate.Operand.Literal;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.pojo.ArrowType;

/** Values of a fixed-width type as longs that stand in the order of the values. */
final class LongKeys {
  private final Reader raw;
  private final ArrowType type;

  private interface Reader {
    long at(int row);
  }

  private LongKeys(ArrowType type, Reader raw) {
    this.type = type;
    this.raw = raw;
  }

  static LongKeys of(FieldVector vector) {
    ArrowType type = vector.getField().getType();
    if (vector instanceof BitVector bits) {
      return new LongKeys(type, bits::get);
    }
    ArrowBuf data = vector.getDataBuffer();
    return new LongKeys(
        type,
        switch (((BaseFixedWidthVector) vector).getTypeWidth()) {
          case 1 -> row -> data.getByte(row);
          case 2 -> row -> data.getShort(row * 2L);
          case 4 -> row -> data.getInt(row * 4L);
          default -> row -> data.getLong(row * 8L);
        });
  }

  long at(int row) {
    return key(raw.at(row));
  }

  /** The key of a literal of the kind that binding gives for the type. */
  long of(Literal literal) {
    return literal instanceof BooleanLiteral bool
        ? (bool.value() ? 1 : 0)
        : key(LiteralBits.of(type, literal));
  }

  private long key(long bits) {
    if (type instanceof ArrowType.Int integer && !integer.getIsSigned()) {
      return integer.getBitWidth() == 64
          ? bits ^ Long.MIN_VALUE
          : bits & ((1L << integer.getBitWidth()) - 1);
    }
    if (type instanceof ArrowType.FloatingPoint) {
      // IEEE 754's total order: below zero, a greater magnitude comes first.
      return bits ^ ((bits >> 63) >>> 1);
    }
    return bits;
  }
}
