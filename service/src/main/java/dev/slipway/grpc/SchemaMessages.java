package dev.slipway.grpc;

import com.google.protobuf.ByteString;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.TableSchema;
import dev.slipway.grpc.payload.IpcReader;
import dev.slipway.grpc.payload.IpcWriter;
import dev.slipway.grpc.payload.TypeText;
import dev.slipway.storage.Text;
import dev.slipway.v1.Field;
import dev.slipway.v1.Schema;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.FieldType;

/**
 * Schemas as messages and as Arrow has them, both ways. Whether a table may have one is decided by
 * storage.
 */
public final class SchemaMessages {
  private static final String ELEMENT = "item";

  private SchemaMessages() {}

  /**
   * @param at where the message is in its request, for {@code field} in errors
   * @throws SlipwayException {@code ARGUMENT_INVALID}, {@code PAYLOAD_INVALID}
   */
  public static TableSchema read(Schema message, String at) {
    List<org.apache.arrow.vector.types.pojo.Field> columns =
        fields(message.getFieldsList(), at + ".fields");
    if (!message.getArrowIpcSchema().isEmpty()) {
      List<org.apache.arrow.vector.types.pojo.Field> given =
          IpcReader.schemaOf(message.getArrowIpcSchema()).getFields();
      if (!columns.isEmpty() && !columns.equals(given)) {
        throw invalid(
            at + ".fields", "expected either fields or arrow_ipc_schema, found two that differ");
      }
      columns = given;
    }
    if (columns.isEmpty()) {
      throw invalid(at + ".fields", "expected at least one column, found none");
    }
    return new TableSchema(
        new org.apache.arrow.vector.types.pojo.Schema(columns), message.getKeyColumnsList());
  }

  public static Schema write(TableSchema schema) {
    Schema.Builder message = Schema.newBuilder().addAllKeyColumns(schema.keyColumns());
    schema.columns().getFields().forEach(field -> message.addFields(field(field)));
    ByteString ipc =
        IpcWriter.schemaOnly(
            new org.apache.arrow.vector.types.pojo.Schema(schema.columns().getFields()));
    return message.setArrowIpcSchema(ipc).build();
  }

  private static List<org.apache.arrow.vector.types.pojo.Field> fields(
      List<Field> messages, String at) {
    List<org.apache.arrow.vector.types.pojo.Field> fields = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      fields.add(field(messages.get(i), at + "[" + i + "]", ""));
    }
    return fields;
  }

  private static org.apache.arrow.vector.types.pojo.Field field(
      Field message, String at, String unnamed) {
    ArrowType type =
        TypeText.parse(message.getType())
            .orElseThrow(
                () ->
                    invalid(
                        at + ".type",
                        "expected one of %s; found %s",
                        TypeText.KNOWN,
                        Text.quote(message.getType())));
    List<org.apache.arrow.vector.types.pojo.Field> children =
        switch (type.getTypeID()) {
          case List, LargeList, FixedSizeList -> {
            if (message.getChildrenCount() != 1) {
              throw invalid(
                  at + ".children",
                  "a list has one child, its element; found %d",
                  message.getChildrenCount());
            }
            yield List.of(field(message.getChildren(0), at + ".children[0]", ELEMENT));
          }
          case Struct -> fields(message.getChildrenList(), at + ".children");
          default -> {
            if (message.getChildrenCount() != 0) {
              throw invalid(
                  at + ".children",
                  "type %s has no children, found %d",
                  message.getType(),
                  message.getChildrenCount());
            }
            yield List.of();
          }
        };
    boolean nullable = !message.hasNullable() || message.getNullable();
    String name = message.getName().isEmpty() ? unnamed : message.getName();
    return new org.apache.arrow.vector.types.pojo.Field(
        name, new FieldType(nullable, type, null), children);
  }

  private static Field field(org.apache.arrow.vector.types.pojo.Field field) {
    Field.Builder message =
        Field.newBuilder()
            .setName(field.getName())
            .setType(TypeText.format(field.getType()).orElse(field.getType().toString()))
            .setNullable(field.isNullable());
    field.getChildren().forEach(child -> message.addChildren(field(child)));
    return message.build();
  }

  private static SlipwayException invalid(String field, String format, Object... args) {
    return SlipwayException.of(ErrorReason.ARGUMENT_INVALID, "%s: " + format, prepend(field, args))
        .with("field", field);
  }

  private static Object[] prepend(String first, Object[] rest) {
    List<Object> all = new ArrayList<>();
    all.add(first);
    all.addAll(List.of(rest));
    return all.toArray();
  }
}
