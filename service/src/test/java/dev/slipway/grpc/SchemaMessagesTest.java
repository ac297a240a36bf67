package dev.slipway.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.TableSchema;
import dev.slipway.storage.testkit.EveryType;
import dev.slipway.v1.Field;
import dev.slipway.v1.Schema;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SchemaMessagesTest {
  @Test
  void read_ofWhatWasWritten_isTheSameSchema() {
    TableSchema schema = new TableSchema(EveryType.SCHEMA, List.of("id"));

    TableSchema back = SchemaMessages.read(SchemaMessages.write(schema), "schema");

    assertThat(back.columns().getFields()).isEqualTo(schema.columns().getFields());
    assertThat(back.keyColumns()).containsExactly("id");
  }

  @Test
  void read_ofEitherForm_isTheSameSchema() {
    Schema both = SchemaMessages.write(new TableSchema(EveryType.SCHEMA, List.of("id")));

    TableSchema fields =
        SchemaMessages.read(both.toBuilder().clearArrowIpcSchema().build(), "schema");
    TableSchema ipc = SchemaMessages.read(both.toBuilder().clearFields().build(), "schema");

    assertThat(fields.columns()).isEqualTo(ipc.columns());
  }

  @Test
  void read_ofAFieldWithoutNullable_makesItNullable() {
    Schema message = schema(Field.newBuilder().setName("id").setType("int64").build());

    assertThat(SchemaMessages.read(message, "schema").columns().findField("id").isNullable())
        .isTrue();
  }

  @Test
  void read_ofAListElementWithoutName_namesItItem() {
    Schema message =
        schema(
            Field.newBuilder()
                .setName("tags")
                .setType("list")
                .addChildren(Field.newBuilder().setType("utf8"))
                .build());

    assertThat(
            SchemaMessages.read(message, "schema")
                .columns()
                .findField("tags")
                .getChildren()
                .get(0)
                .getName())
        .isEqualTo("item");
  }

  @Test
  void read_ofAnUnknownType_namesTheFieldAndTheTypesThereAre() {
    Schema message =
        schema(
            Field.newBuilder().setName("id").setType("int64").build(),
            Field.newBuilder()
                .setName("at")
                .setType("struct")
                .addChildren(Field.newBuilder().setName("lat").setType("double"))
                .build());

    assertRefused(message, "schema.fields[1].children[0].type", "'double'");
  }

  @Test
  void read_ofNoColumns_isRefused() {
    assertRefused(Schema.getDefaultInstance(), "schema.fields", "at least one column");
  }

  @Test
  void read_ofAListWithoutElement_isRefused() {
    assertRefused(
        schema(Field.newBuilder().setName("tags").setType("list").build()),
        "schema.fields[0].children",
        "found 0");
  }

  @Test
  void read_ofAScalarWithChildren_isRefused() {
    assertRefused(
        schema(
            Field.newBuilder()
                .setName("id")
                .setType("int64")
                .addChildren(Field.newBuilder().setName("x").setType("utf8"))
                .build()),
        "schema.fields[0].children",
        "no children");
  }

  @Test
  void read_ofTwoFormsThatDiffer_isRefused() {
    Schema both = SchemaMessages.write(new TableSchema(EveryType.SCHEMA, List.of()));
    Schema differing =
        both.toBuilder().setFields(1, both.getFields(1).toBuilder().setName("other")).build();

    assertRefused(differing, "schema.fields", "two that differ");
  }

  @Test
  void read_ofBytesThatAreNoIpcSchema_isRefused() {
    Schema message =
        Schema.newBuilder().setArrowIpcSchema(ByteString.copyFromUtf8("not arrow at all")).build();

    assertThatExceptionOfType(SlipwayException.class)
        .isThrownBy(() -> SchemaMessages.read(message, "schema"))
        .matches(e -> e.reason() == ErrorReason.PAYLOAD_INVALID);
  }

  private static void assertRefused(Schema message, String field, String text) {
    assertThatExceptionOfType(SlipwayException.class)
        .isThrownBy(() -> SchemaMessages.read(message, "schema"))
        .withMessageContaining(text)
        .matches(e -> e.reason() == ErrorReason.ARGUMENT_INVALID)
        .matches(e -> field.equals(e.metadata().get("field")), "names the field");
  }

  private static Schema schema(Field... fields) {
    return Schema.newBuilder().addAllFields(List.of(fields)).build();
  }
}
