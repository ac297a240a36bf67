package dev.slipway.cli.data;

import dev.slipway.grpc.payload.TypeText;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/** Types as the service names them, for messages. */
public final class TypeNames {
  private TypeNames() {}

  /** With what is nested in it: {@code list<int64>}, {@code struct<x:int64,y:utf8>}. */
  public static String of(Field field) {
    String nested =
        switch (field.getType().getTypeID()) {
          case List, LargeList, FixedSizeList ->
              "<"
                  + field.getChildren().stream().map(TypeNames::of).collect(Collectors.joining(","))
                  + ">";
          case Struct -> "<" + columns(field.getChildren()) + ">";
          default -> "";
        };
    return of(field.getType()) + nested;
  }

  public static String of(ArrowType type) {
    return TypeText.format(type).orElse(type.toString());
  }

  /** {@code id:int64!,name:utf8}: the exclamation mark means never null. */
  public static String columns(List<Field> fields) {
    return fields.stream()
        .map(field -> field.getName() + ":" + of(field) + (field.isNullable() ? "" : "!"))
        .collect(Collectors.joining(","));
  }
}
