package dev.slipway.grpc.payload;

import dev.slipway.storage.Text;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.flatbuf.DictionaryEncoding;
import org.apache.arrow.flatbuf.Endianness;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.Timestamp;
import org.apache.arrow.flatbuf.Type;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.jspecify.annotations.Nullable;

/**
 * Reads a schema message. Offsets in it may form loops and share parts, so fields, depth and the
 * length of every text are counted; metadata of users is left out.
 */
final class IpcSchema {
  private static final int MAX_DEPTH = 32;
  private static final int MAX_TEXT_BYTES = 4_096;

  private final IpcMessages messages;
  private final int maxFields;
  private int fields;

  private IpcSchema(IpcMessages messages, int maxFields) {
    this.messages = messages;
    this.maxFields = maxFields;
  }

  static List<IpcColumn> read(IpcMessages messages, Message message, int maxFields) {
    return messages.decoded(() -> new IpcSchema(messages, maxFields).read(message));
  }

  private List<IpcColumn> read(Message message) {
    if (message.headerType() != MessageHeader.Schema) {
      throw messages.invalid("expected a schema first");
    }
    if (message.bodyLength() != 0) {
      throw messages.invalid("a schema has no body");
    }
    var schema = new org.apache.arrow.flatbuf.Schema();
    if (message.header(schema) == null) {
      throw messages.invalid("the schema is missing");
    }
    if (schema.endianness() != Endianness.Little) {
      throw messages.invalid("expected little-endian data");
    }
    count(schema.fieldsLength());
    List<IpcColumn> columns = new ArrayList<>();
    for (int i = 0; i < schema.fieldsLength(); i++) {
      columns.add(column(schema.fields(i), 1));
    }
    return columns;
  }

  private void count(int more) {
    if (more < 0 || more > maxFields - fields) {
      throw messages.invalid("a schema has at most %d fields, nested ones included", maxFields);
    }
    fields += more;
  }

  private IpcColumn column(org.apache.arrow.flatbuf.Field field, int depth) {
    String name = text(field.nameAsByteBuffer()) == null ? "" : String.valueOf(field.name());
    if (depth > MAX_DEPTH) {
      throw messages.invalid("fields nest at most %d deep", MAX_DEPTH);
    }
    ArrowType type = type(field, name);
    count(field.childrenLength());
    List<IpcColumn> children = new ArrayList<>();
    for (int i = 0; i < field.childrenLength(); i++) {
      children.add(column(field.children(i), depth + 1));
    }
    checkChildren(name, type, children.size());
    FieldType fieldType = new FieldType(field.nullable(), type, null);
    Field plain = new Field(name, fieldType, children.stream().map(IpcColumn::plain).toList());
    DictionaryEncoding encoding = field.dictionary();
    if (encoding == null) {
      return new IpcColumn(plain, Optional.empty(), children);
    }
    if (children.stream().anyMatch(IpcColumn::encoded)) {
      throw messages.invalid("field %s: a dictionary inside a dictionary", Text.quote(name));
    }
    return new IpcColumn(plain, Optional.of(dictionary(name, encoding)), List.of());
  }

  private IpcColumn.Dictionary dictionary(String name, DictionaryEncoding encoding) {
    var index = encoding.indexType();
    ArrowType.Int type =
        index == null
            ? new ArrowType.Int(32, true)
            : new ArrowType.Int(index.bitWidth(), index.isSigned());
    if (TypeText.format(type).isEmpty()) {
      throw messages.invalid(
          "field %s: a dictionary's index can't have %d bits",
          Text.quote(name), type.getBitWidth());
    }
    return new IpcColumn.Dictionary(encoding.id(), type);
  }

  private ArrowType type(org.apache.arrow.flatbuf.Field field, String name) {
    switch (field.typeType()) {
      case Type.Int,
          Type.FloatingPoint,
          Type.Binary,
          Type.Utf8,
          Type.Bool,
          Type.Decimal,
          Type.Date,
          Type.Time,
          Type.List,
          Type.Struct_,
          Type.FixedSizeBinary,
          Type.FixedSizeList,
          Type.Duration,
          Type.LargeBinary,
          Type.LargeUtf8,
          Type.LargeList -> {}
      case Type.Timestamp -> {
        Timestamp timestamp = (Timestamp) field.type(new Timestamp());
        if (timestamp != null) {
          text(timestamp.timezoneAsByteBuffer());
        }
      }
      default ->
          throw messages.invalid(
              "field %s has type %s, which isn't supported; supported are %s",
              Text.quote(name), typeName(field.typeType()), TypeText.KNOWN);
    }
    if (field.type(new org.apache.arrow.flatbuf.Null()) == null) {
      throw messages.invalid("field %s has no type", Text.quote(name));
    }
    ArrowType type = ArrowType.getTypeForField(field);
    if (TypeText.format(type).isEmpty()) {
      throw messages.invalid(
          "field %s has type %s, which isn't supported; supported are %s",
          Text.quote(name), Text.quote(type.toString()), TypeText.KNOWN);
    }
    return type;
  }

  private static String typeName(int type) {
    return type > 0 && type < Type.names.length ? Type.name(type) : String.valueOf(type);
  }

  private void checkChildren(String name, ArrowType type, int found) {
    boolean fits =
        switch (type.getTypeID()) {
          case List, LargeList, FixedSizeList -> found == 1;
          case Struct -> found > 0;
          default -> found == 0;
        };
    if (!fits) {
      throw messages.invalid("field %s of type %s has %d children", Text.quote(name), type, found);
    }
  }

  private @Nullable ByteBuffer text(@Nullable ByteBuffer bytes) {
    if (bytes != null && bytes.remaining() > MAX_TEXT_BYTES) {
      throw messages.invalid("a name has at most %d bytes", MAX_TEXT_BYTES);
    }
    return bytes;
  }
}
