package dev.slipway.storage.predicate;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.predicate.Operand.BooleanLiteral;
import dev.slipway.storage.predicate.Operand.Column;
import dev.slipway.storage.predicate.Operand.DateLiteral;
import dev.slipway.storage.predicate.Operand.FloatLiteral;
import dev.slipway.storage.predicate.Operand.InstantLiteral;
import dev.slipway.storage.predicate.Operand.Literal;
import dev.slipway.storage.predicate.Operand.NullLiteral;
import dev.slipway.storage.predicate.Operand.NumberLiteral;
import dev.slipway.storage.predicate.Operand.StringLiteral;
import dev.slipway.storage.predicate.Operand.TimestampLiteral;
import dev.slipway.storage.predicate.Predicate.And;
import dev.slipway.storage.predicate.Predicate.Compare;
import dev.slipway.storage.predicate.Predicate.Comparison;
import dev.slipway.storage.predicate.Predicate.Constant;
import dev.slipway.storage.predicate.Predicate.In;
import dev.slipway.storage.predicate.Predicate.IsNull;
import dev.slipway.storage.predicate.Predicate.IsTrue;
import dev.slipway.storage.predicate.Predicate.Like;
import dev.slipway.storage.predicate.Predicate.Not;
import dev.slipway.storage.predicate.Predicate.Or;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/**
 * The stable byte form of predicates and operands, for the tokens of staged writes. Each node is a
 * kind byte and its fields; kinds are never renumbered. No state; any thread.
 */
public final class PredicateCodec {
  private static final int MAX_DEPTH = 1_000;

  private PredicateCodec() {}

  public static void write(Predicate predicate, DataOutput out) throws IOException {
    if (predicate instanceof And and) {
      out.writeByte(1);
      writeAll(and.terms(), out);
    } else if (predicate instanceof Or or) {
      out.writeByte(2);
      writeAll(or.terms(), out);
    } else if (predicate instanceof Not not) {
      out.writeByte(3);
      write(not.term(), out);
    } else if (predicate instanceof Compare compare) {
      out.writeByte(4);
      write(compare.left(), out);
      out.writeUTF(compare.comparison().name());
      write(compare.right(), out);
    } else if (predicate instanceof In in) {
      out.writeByte(5);
      write(in.column(), out);
      out.writeInt(in.values().size());
      for (Literal value : in.values()) {
        write(value, out);
      }
    } else if (predicate instanceof IsNull isNull) {
      out.writeByte(6);
      write(isNull.column(), out);
    } else if (predicate instanceof Like like) {
      out.writeByte(7);
      write(like.column(), out);
      writeText(like.pattern(), out);
    } else if (predicate instanceof IsTrue isTrue) {
      out.writeByte(8);
      write(isTrue.column(), out);
    } else {
      out.writeByte(9);
      out.writeBoolean(((Constant) predicate).value());
    }
  }

  public static void write(Operand operand, DataOutput out) throws IOException {
    if (operand instanceof Column column) {
      out.writeByte(1);
      writeText(column.name(), out);
    } else if (operand instanceof NumberLiteral number) {
      out.writeByte(2);
      writeBytes(number.value().unscaledValue().toByteArray(), out);
      out.writeInt(number.value().scale());
    } else if (operand instanceof FloatLiteral number) {
      out.writeByte(3);
      out.writeLong(Double.doubleToRawLongBits(number.value()));
    } else if (operand instanceof StringLiteral text) {
      out.writeByte(4);
      writeText(text.value(), out);
    } else if (operand instanceof BooleanLiteral bool) {
      out.writeByte(5);
      out.writeBoolean(bool.value());
    } else if (operand instanceof DateLiteral date) {
      out.writeByte(6);
      out.writeLong(date.value().toEpochDay());
    } else if (operand instanceof TimestampLiteral timestamp) {
      out.writeByte(7);
      writeInstant(timestamp.value().toInstant(ZoneOffset.UTC), out);
    } else if (operand instanceof InstantLiteral instant) {
      out.writeByte(8);
      writeInstant(instant.value(), out);
    } else {
      out.writeByte(9);
    }
  }

  /**
   * @throws StorageException {@code TOKEN_INVALID} for bytes that {@link #write} didn't make
   * @throws IOException if the input ends too early
   */
  public static Predicate readPredicate(DataInput in) throws IOException {
    return readPredicate(in, 0);
  }

  /** As {@link #readPredicate}. */
  public static Operand readOperand(DataInput in) throws IOException {
    try {
      return operand(in);
    } catch (RuntimeException e) {
      throw damaged(e);
    }
  }

  private static Operand operand(DataInput in) throws IOException {
    int kind = in.readUnsignedByte();
    return switch (kind) {
      case 1 -> new Column(readText(in));
      case 2 -> new NumberLiteral(new BigDecimal(new BigInteger(readBytes(in)), in.readInt()));
      case 3 -> new FloatLiteral(Double.longBitsToDouble(in.readLong()));
      case 4 -> new StringLiteral(readText(in));
      case 5 -> new BooleanLiteral(in.readBoolean());
      case 6 -> new DateLiteral(LocalDate.ofEpochDay(in.readLong()));
      case 7 -> new TimestampLiteral(LocalDateTime.ofInstant(readInstant(in), ZoneOffset.UTC));
      case 8 -> new InstantLiteral(readInstant(in));
      case 9 -> new NullLiteral();
      default -> throw unknown("operand", kind);
    };
  }

  private static Predicate readPredicate(DataInput in, int depth) throws IOException {
    int kind = in.readUnsignedByte();
    if (depth > MAX_DEPTH) {
      throw unknown("nesting", depth);
    }
    return switch (kind) {
      case 1 -> new And(readAll(in, depth));
      case 2 -> new Or(readAll(in, depth));
      case 3 -> new Not(readPredicate(in, depth + 1));
      case 4 -> new Compare(readOperand(in), comparison(in.readUTF()), readOperand(in));
      case 5 -> new In(readColumn(in), readLiterals(in));
      case 6 -> new IsNull(readColumn(in));
      case 7 -> new Like(readColumn(in), readText(in));
      case 8 -> new IsTrue(readColumn(in));
      case 9 -> new Constant(in.readBoolean());
      default -> throw unknown("predicate", kind);
    };
  }

  private static void writeAll(List<Predicate> terms, DataOutput out) throws IOException {
    out.writeInt(terms.size());
    for (Predicate term : terms) {
      write(term, out);
    }
  }

  private static List<Predicate> readAll(DataInput in, int depth) throws IOException {
    int count = in.readInt();
    List<Predicate> terms = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      terms.add(readPredicate(in, depth + 1));
    }
    return terms;
  }

  private static List<Literal> readLiterals(DataInput in) throws IOException {
    int count = in.readInt();
    List<Literal> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      if (!(readOperand(in) instanceof Literal literal)) {
        throw unknown("literal", 1);
      }
      values.add(literal);
    }
    return values;
  }

  private static Column readColumn(DataInput in) throws IOException {
    if (readOperand(in) instanceof Column column) {
      return column;
    }
    throw unknown("column", 0);
  }

  private static Comparison comparison(String name) {
    try {
      return Comparison.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw damaged(e);
    }
  }

  private static void writeInstant(Instant instant, DataOutput out) throws IOException {
    out.writeLong(instant.getEpochSecond());
    out.writeInt(instant.getNano());
  }

  private static Instant readInstant(DataInput in) throws IOException {
    return Instant.ofEpochSecond(in.readLong(), in.readInt());
  }

  private static void writeText(String text, DataOutput out) throws IOException {
    writeBytes(text.getBytes(StandardCharsets.UTF_8), out);
  }

  private static String readText(DataInput in) throws IOException {
    return new String(readBytes(in), StandardCharsets.UTF_8);
  }

  private static void writeBytes(byte[] bytes, DataOutput out) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static byte[] readBytes(DataInput in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > 1 << 24) {
      throw unknown("length", length);
    }
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return bytes;
  }

  private static StorageException unknown(String what, int found) {
    return StorageException.of(
        StorageErrorCode.TOKEN_INVALID, "a predicate's bytes have an unknown %s: %d", what, found);
  }

  private static StorageException damaged(RuntimeException e) {
    return e instanceof StorageException known
        ? known
        : new StorageException(
            StorageErrorCode.TOKEN_INVALID, "a predicate's bytes are damaged", e);
  }
}
