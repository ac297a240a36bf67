package dev.slipway.cli;

import com.google.protobuf.ByteString;
import dev.slipway.cli.data.TypeNames;
import dev.slipway.grpc.payload.TypeText;
import dev.slipway.v1.Field;
import dev.slipway.v1.Schema;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.arrow.vector.ipc.ReadChannel;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.ArrowType;

/** Columns as a person types them, and as they travel. */
final class SchemaText {
  private SchemaText() {}

  /** The schemas by table, each {@code name:type} with commas between: see {@link #parse}. */
  static Map<String, Schema> schemas(Map<String, String> texts) {
    Map<String, Schema> schemas = new LinkedHashMap<>();
    texts.forEach((table, text) -> schemas.put(table, parse(text)));
    return schemas;
  }

  /** The key columns by table, with commas between. */
  static Map<String, List<String>> keys(Map<String, String> texts) {
    Map<String, List<String>> keys = new LinkedHashMap<>();
    texts.forEach(
        (table, text) ->
            keys.put(table, Arrays.stream(text.split(",")).map(String::strip).toList()));
    return keys;
  }

  /**
   * @param text {@code name:type} with commas between, the type as in {@code slipway.v1.Field}; a
   *     {@code !} behind it makes the column required
   */
  private static Schema parse(String text) {
    Schema.Builder schema = Schema.newBuilder();
    for (String column : columns(text)) {
      int colon = column.lastIndexOf(':');
      if (colon <= 0 || colon == column.length() - 1) {
        throw new CommandException(
            ExitCode.USAGE,
            "--schema: expected TABLE=NAME:TYPE,NAME:TYPE!,..., found '" + column + "'");
      }
      String name = column.substring(0, colon).strip();
      String type = column.substring(colon + 1).strip();
      boolean required = type.endsWith("!");
      schema.addFields(
          Field.newBuilder()
              .setName(name)
              .setType(type(name, required ? type.substring(0, type.length() - 1) : type))
              .setNullable(!required));
    }
    return schema.build();
  }

  private static String type(String column, String text) {
    ArrowType type =
        TypeText.parse(text)
            .orElseThrow(
                () ->
                    new CommandException(
                        ExitCode.USAGE,
                        "--schema: column '%s': expected one of %s; found '%s'"
                            .formatted(column, TypeText.KNOWN, text)));
    if (type.isComplex()) {
      throw new CommandException(
          ExitCode.USAGE,
          "--schema: column '%s': expected a type without parts, for it can't say what a %s holds"
              .formatted(column, text));
    }
    return TypeNames.of(type);
  }

  /** Cuts at commas that aren't within a type's brackets. */
  private static List<String> columns(String text) {
    List<String> columns = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '[' ? 1 : c == ']' ? -1 : 0;
      if (c == ',' && depth == 0) {
        columns.add(text.substring(start, i));
        start = i + 1;
      }
    }
    columns.add(text.substring(start));
    return columns;
  }

  /** As it was typed. */
  static String text(Schema typed) {
    return typed.getFieldsList().stream()
        .map(field -> field.getName() + ":" + field.getType() + (field.getNullable() ? "" : "!"))
        .collect(Collectors.joining(","));
  }

  static Schema.Builder of(org.apache.arrow.vector.types.pojo.Schema columns) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (WriteChannel channel = new WriteChannel(Channels.newChannel(bytes))) {
      MessageSerializer.serialize(channel, columns);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Schema.newBuilder().setArrowIpcSchema(ByteString.copyFrom(bytes.toByteArray()));
  }

  static org.apache.arrow.vector.types.pojo.Schema arrow(Schema schema) {
    try (ReadChannel channel =
        new ReadChannel(
            Channels.newChannel(
                new ByteArrayInputStream(schema.getArrowIpcSchema().toByteArray())))) {
      return MessageSerializer.deserializeSchema(channel);
    } catch (IOException e) {
      throw new UncheckedIOException("the server sent a malformed schema", e);
    }
  }
}
