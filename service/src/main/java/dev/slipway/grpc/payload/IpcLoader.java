package dev.slipway.grpc.payload;

import dev.slipway.storage.Text;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;

/**
 * Fits the buffers of one record batch to its columns: none may be shorter than its values need.
 */
final class IpcLoader {
  private final IpcMessages messages;
  private final IpcLayout layout;
  private final IpcBody body;
  private final Dictionaries dictionaries;
  private final BufferAllocator allocator;
  private int node;

  IpcLoader(
      IpcMessages messages,
      IpcLayout layout,
      IpcBody body,
      Dictionaries dictionaries,
      BufferAllocator allocator) {
    this.messages = messages;
    this.layout = layout;
    this.body = body;
    this.dictionaries = dictionaries;
    this.allocator = allocator;
  }

  /**
   * @param vector plain, empty
   * @param expected how many values; -1 if any number will do
   */
  void load(IpcColumn column, FieldVector vector, long expected) {
    if (column.dictionary().isEmpty()) {
      IpcLayout.Node values = loadOwn(column.plain(), vector, expected);
      for (int i = 0; i < column.children().size(); i++) {
        load(
            column.children().get(i),
            vector.getChildrenFromFields().get(i),
            childValues(column.plain().getType(), values.length()));
      }
      requireListEnd(column.plain(), vector, values.length());
      return;
    }
    IpcColumn.Dictionary dictionary = column.dictionary().get();
    Field index =
        new Field(
            column.plain().getName(),
            new FieldType(column.plain().isNullable(), dictionary.indexType(), null),
            null);
    try (FieldVector indices = index.createVector(allocator)) {
      loadOwn(index, indices, expected);
      dictionaries.decode(dictionary.id(), indices, vector);
    }
  }

  void requireAllUsed() {
    if (node < layout.nodes().size() || !body.allUsed()) {
      throw messages.invalid(
          "the record batch has %d vectors and %d buffers, more than its columns need",
          layout.nodes().size(), layout.buffers().size());
    }
  }

  private IpcLayout.Node loadOwn(Field field, FieldVector vector, long expected) {
    if (node == layout.nodes().size()) {
      throw messages.invalid("there are only %d vectors, more are needed", node);
    }
    IpcLayout.Node values = layout.nodes().get(node++);
    if (expected >= 0 && values.length() != expected) {
      throw messages.invalid(
          "field %s: expected %d values, found %d",
          Text.quote(field.getName()), expected, values.length());
    }
    List<ArrowBuf> buffers = new ArrayList<>();
    ArrowBuf validity = body.next();
    // A bitmap may be left out if there are no nulls; with only nulls it would be made.
    boolean optional = values.nulls() == 0 || values.nulls() == values.length();
    if (!(validity.capacity() == 0 && optional)) {
      require(field, "validity", validity, (values.length() + 7L) / 8);
    }
    buffers.add(validity);
    for (long needed : needed(field.getType(), values.length())) {
      ArrowBuf buffer = body.next();
      require(field, "data", buffer, needed);
      buffers.add(buffer);
    }
    vector.loadFieldBuffers(new ArrowFieldNode(values.length(), values.nulls()), buffers);
    return values;
  }

  /** Arrow sizes a list's child by the last offset before anybody looks at it. */
  private void requireListEnd(Field field, FieldVector vector, int values) {
    if (values == 0) {
      return;
    }
    long end;
    if (vector instanceof ListVector list) {
      end = list.getOffsetBuffer().getInt((long) values * Integer.BYTES);
    } else if (vector instanceof LargeListVector list) {
      end = list.getOffsetBuffer().getLong((long) values * Long.BYTES);
    } else {
      return;
    }
    int elements = vector.getChildrenFromFields().get(0).getValueCount();
    if (end < 0 || end > elements) {
      throw messages.invalid(
          "field %s: its lists end at element %d of %d",
          Text.quote(field.getName()), end, elements);
    }
  }

  private void require(Field field, String what, ArrowBuf buffer, long needed) {
    if (buffer.capacity() < needed) {
      throw messages.invalid(
          "field %s: its %s buffer has %d bytes, %d are needed",
          Text.quote(field.getName()), what, buffer.capacity(), needed);
    }
  }

  /** Least sizes of the buffers after the validity buffer. */
  private static long[] needed(ArrowType type, long values) {
    return switch (type.getTypeID()) {
      case Bool -> new long[] {(values + 7) / 8};
      case Int -> fixed(values, ((ArrowType.Int) type).getBitWidth() / 8);
      case FloatingPoint ->
          switch (((ArrowType.FloatingPoint) type).getPrecision()) {
            case HALF -> fixed(values, 2);
            case SINGLE -> fixed(values, 4);
            case DOUBLE -> fixed(values, 8);
          };
      case Date ->
          switch (((ArrowType.Date) type).getUnit()) {
            case DAY -> fixed(values, 4);
            case MILLISECOND -> fixed(values, 8);
          };
      case Time -> fixed(values, ((ArrowType.Time) type).getBitWidth() / 8);
      case Timestamp, Duration -> fixed(values, 8);
      case Decimal -> fixed(values, 16);
      case FixedSizeBinary -> fixed(values, ((ArrowType.FixedSizeBinary) type).getByteWidth());
      case Utf8, Binary -> new long[] {offsets(values, 4), 0};
      case LargeUtf8, LargeBinary -> new long[] {offsets(values, 8), 0};
      case List -> new long[] {offsets(values, 4)};
      case LargeList -> new long[] {offsets(values, 8)};
      case FixedSizeList, Struct -> new long[0];
      default -> throw new IllegalArgumentException("the schema let through " + type);
    };
  }

  private static long childValues(ArrowType type, long values) {
    return switch (type.getTypeID()) {
      case Struct -> values;
      case FixedSizeList -> values * ((ArrowType.FixedSizeList) type).getListSize();
      default -> -1;
    };
  }

  private static long[] fixed(long values, long width) {
    return new long[] {values * width};
  }

  private static long offsets(long values, long width) {
    return values == 0 ? 0 : (values + 1) * width;
  }
}
