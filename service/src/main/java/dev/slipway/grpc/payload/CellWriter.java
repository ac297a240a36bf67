package dev.slipway.grpc.payload;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.storage.Text;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.types.pojo.Field;

/** Writes the values of JSON rows into one vector. */
abstract class CellWriter {
  private final FieldVector vector;
  private final String path;
  private final RowPosition position;

  CellWriter(FieldVector vector, String path, RowPosition position) {
    this.vector = vector;
    this.path = path;
    this.position = position;
  }

  /** Which row is being written, for messages. */
  static final class RowPosition {
    long row;
  }

  static CellWriter of(FieldVector vector, String path, RowPosition position) {
    if (vector instanceof StructVector struct) {
      return new StructWriter(struct, path, position);
    }
    if (vector instanceof ListVector list) {
      return new ListWriter(list, path, position);
    }
    if (vector instanceof LargeListVector list) {
      return new LargeListWriter(list, path, position);
    }
    if (vector instanceof FixedSizeListVector list) {
      return new FixedSizeListWriter(list, path, position);
    }
    return new ScalarWriter(vector, path, position);
  }

  /** Null is written by leaving the value unset. */
  final void write(int index, Value value) {
    if (value.getKindCase() != Value.KindCase.NULL_VALUE) {
      writeValue(index, value);
    } else if (!vector.getField().isNullable()) {
      throw invalid("a value: the column is required", value);
    } else {
      vector.setNull(index);
    }
  }

  abstract void writeValue(int index, Value value);

  final SlipwayException invalid(String expected, Value found) {
    return SlipwayException.of(
            ErrorReason.ROW_INVALID,
            "row %d, column %s: expected %s; found %s",
            position.row,
            Text.quote(path),
            expected,
            shown(found))
        .with("row", position.row)
        .with("column", path);
  }

  private static String shown(Value value) {
    return switch (value.getKindCase()) {
      case NULL_VALUE -> "null";
      case NUMBER_VALUE -> "the number " + value.getNumberValue();
      case STRING_VALUE -> "the string " + Text.quote(value.getStringValue());
      case BOOL_VALUE -> String.valueOf(value.getBoolValue());
      case STRUCT_VALUE -> "an object";
      case LIST_VALUE -> "a list of " + value.getListValue().getValuesCount();
      case KIND_NOT_SET -> "a value of no kind";
    };
  }

  private static final class ScalarWriter extends CellWriter {
    private final Scalars.Setter setter;

    ScalarWriter(FieldVector vector, String path, RowPosition position) {
      super(vector, path, position);
      setter = Scalars.setter(vector);
    }

    @Override
    void writeValue(int index, Value value) {
      try {
        setter.set(index, value);
      } catch (IllegalArgumentException e) {
        throw invalid(String.valueOf(e.getMessage()), value).causedBy(e);
      }
    }
  }

  private static final class StructWriter extends CellWriter {
    private final StructVector struct;
    private final List<Field> fields;
    private final Set<String> names = new HashSet<>();
    private final List<CellWriter> writers = new ArrayList<>();

    StructWriter(StructVector struct, String path, RowPosition position) {
      super(struct, path, position);
      this.struct = struct;
      this.fields = struct.getField().getChildren();
      for (FieldVector child : struct.getChildrenFromFields()) {
        names.add(child.getName());
        writers.add(of(child, path + "." + child.getName(), position));
      }
    }

    @Override
    void writeValue(int index, Value value) {
      if (!value.hasStructValue()) {
        throw invalid("an object", value);
      }
      Struct given = value.getStructValue();
      for (String name : given.getFieldsMap().keySet()) {
        if (!names.contains(name)) {
          throw invalid("no field " + Text.quote(name), value);
        }
      }
      struct.setIndexDefined(index);
      for (int i = 0; i < writers.size(); i++) {
        writers
            .get(i)
            .write(index, given.getFieldsOrDefault(fields.get(i).getName(), JsonRows.NULL));
      }
    }
  }

  private abstract static class AnyListWriter extends CellWriter {
    final CellWriter element;

    AnyListWriter(FieldVector list, FieldVector child, String path, RowPosition position) {
      super(list, path, position);
      element = of(child, path + "[]", position);
    }

    final ListValue list(Value value) {
      if (!value.hasListValue()) {
        throw invalid("a list", value);
      }
      return value.getListValue();
    }

    final void writeAll(int start, ListValue values) {
      for (int i = 0; i < values.getValuesCount(); i++) {
        element.write(start + i, values.getValues(i));
      }
    }
  }

  private static final class ListWriter extends AnyListWriter {
    private final ListVector list;

    ListWriter(ListVector list, String path, RowPosition position) {
      super(list, list.getDataVector(), path, position);
      this.list = list;
    }

    @Override
    void writeValue(int index, Value value) {
      ListValue values = list(value);
      writeAll(list.startNewValue(index), values);
      list.endValue(index, values.getValuesCount());
    }
  }

  private static final class LargeListWriter extends AnyListWriter {
    private final LargeListVector list;

    LargeListWriter(LargeListVector list, String path, RowPosition position) {
      super(list, list.getDataVector(), path, position);
      this.list = list;
    }

    @Override
    void writeValue(int index, Value value) {
      ListValue values = list(value);
      writeAll(Math.toIntExact(list.startNewValue((long) index)), values);
      list.endValue(index, values.getValuesCount());
    }
  }

  private static final class FixedSizeListWriter extends AnyListWriter {
    private final FixedSizeListVector list;

    FixedSizeListWriter(FixedSizeListVector list, String path, RowPosition position) {
      super(list, list.getDataVector(), path, position);
      this.list = list;
    }

    @Override
    void writeValue(int index, Value value) {
      ListValue values = list(value);
      if (values.getValuesCount() != list.getListSize()) {
        throw invalid("a list of " + list.getListSize(), value);
      }
      writeAll(list.startNewValue(index), values);
    }
  }
}
