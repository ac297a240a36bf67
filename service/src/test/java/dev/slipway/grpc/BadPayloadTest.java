package dev.slipway.grpc;

import static dev.slipway.grpc.Failures.assertFails;
import static dev.slipway.grpc.GrpcFixture.stage;
import static dev.slipway.grpc.GrpcFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.slipway.engine.ErrorReason;
import dev.slipway.grpc.payload.IpcStreams;
import dev.slipway.storage.testkit.Columns;
import dev.slipway.storage.testkit.Rows;
import dev.slipway.v1.WriteRequest;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows and Arrow data that can't be taken. */
final class BadPayloadTest extends BadInput {
  // ---- rows

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{id: 'one'}]",
        "[{id: true}]",
        "[{id: 1.5}]",
        "[{id: 1, name: 7}]",
        "[{id: 1, name: ['a']}]",
        "[{id: 1, age: '9223372036854775808'}]",
        "[{id: 1, age: 9007199254740993}]",
        "[{name: 'no key'}]",
        "[{id: null}]",
        "[{id: 1}, {id: 2}, {}]",
      })
  void write_ofValuesThatDoNotFit_namesTheRow(String rows) {
    Map<String, String> metadata =
        assertFails(
            ErrorReason.ROW_INVALID,
            "row ",
            () ->
                fixture.write(
                    write(
                        "{header: {database: 'crm', table: 'person', append: {}}, rows: "
                            + rows
                            + "}")));
    assertThat(metadata).containsKeys("row", "column");
  }

  @Test
  void upsert_ofOneKeyTwice_isRefusedWithRowAndColumn() {
    Map<String, String> inOneMessage =
        assertFails(
            ErrorReason.ROW_INVALID,
            "",
            () ->
                fixture.write(
                    write(
                        "{header: {database: 'crm', table: 'person', upsert: {}},"
                            + " rows: [{id: 1, name: 'a', age: 1}, {id: 1, name: 'b', age: 2}]}")));
    Map<String, String> inTwo =
        assertFails(
            ErrorReason.ROW_INVALID,
            "",
            () ->
                fixture.stage(
                    stage(
                        "{header: {database: 'crm', table: 'person', upsert: {}},"
                            + " rows: [{id: 1, name: 'a', age: 1}]}"),
                    stage("{rows: [{id: 1, name: 'b', age: 2}]}")));
    assertThat(inOneMessage).containsEntry("row", "1").containsEntry("column", "id");
    assertThat(inTwo).containsEntry("row", "1").containsEntry("column", "id");
  }

  @Test
  void upsert_withoutAColumn_isRefusedUnlessPartial() {
    assertFails(
        ErrorReason.INCOMPATIBLE_SCHEMA,
        "'age'",
        () ->
            fixture.write(
                write(
                    "{header: {database: 'crm', table: 'person', upsert: {}},"
                        + " rows: [{id: 1, name: 'a'}]}")));
    assertFails(
        ErrorReason.INCOMPATIBLE_SCHEMA,
        "'id'",
        () ->
            fixture.write(
                write(
                    "{header: {database: 'crm', table: 'person', upsert: {partial: true}},"
                        + " rows: [{name: 'a'}]}")));
  }

  @Test
  void update_ofAKey_isRefused() {
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "id is a key",
        () ->
            fixture.write(
                write(
                    "{header: {database: 'crm', table: 'person',"
                        + " update: {set: {id: '1'}, all: true}}}")));
  }

  // ---- Arrow

  @Test
  void write_ofBytesThatAreNotArrow_isRefused() {
    for (String bytes : new String[] {"x", "PAR1 is another format", "\u0000\u0000\u0000\u0000"}) {
      assertFails(
          ErrorReason.PAYLOAD_INVALID,
          "Arrow",
          () -> fixture.write(append(ByteString.copyFromUtf8(bytes))));
    }
  }

  @Test
  void write_ofAStreamCutShort_isRefused() {
    ByteString stream = people(Rows.row("id", 1L, "name", "Ada", "age", 36L));

    for (int length = 1; length < stream.size() - 8; length += 37) {
      ByteString cut = stream.substring(0, length);
      assertThat(failure(() -> fixture.write(append(cut))).getStatus().getCode())
          .isEqualTo(Status.Code.INVALID_ARGUMENT);
    }
  }

  @Test
  void write_ofOtherColumns_isIncompatible() {
    Schema other = Columns.schema(Columns.required(Columns.int64("id")), Columns.int64("name"));
    assertFails(
        ErrorReason.INCOMPATIBLE_SCHEMA,
        "column 'name'",
        () -> fixture.write(append(stream(other, Rows.row("id", 1L, "name", 2L)))));
    Schema more = Columns.schema(Columns.int64("id"), Columns.utf8("nick"));
    assertFails(
        ErrorReason.INCOMPATIBLE_SCHEMA,
        "'nick'",
        () -> fixture.write(append(stream(more, Rows.row("id", 1L, "nick", "x")))));
    Schema less = Columns.schema(Columns.utf8("name"));
    assertFails(
        ErrorReason.INCOMPATIBLE_SCHEMA,
        "'id'",
        () -> fixture.write(append(stream(less, Rows.row("name", "x")))));
  }

  @Test
  void write_ofArrowTextThatIsNotUtf8_isRefused() {
    ByteString stream = people(Rows.row("id", 1L, "name", "ABCDEFGH", "age", 36L));
    byte[] bytes = stream.toByteArray();
    int at = stream.toString(StandardCharsets.ISO_8859_1).lastIndexOf("ABCDEFGH");
    bytes[at] = (byte) 0xFF;

    assertFails(
        ErrorReason.PAYLOAD_INVALID,
        "UTF-8",
        () -> fixture.write(append(ByteString.copyFrom(bytes))));
  }

  @Test
  void write_ofArrowNullsInAKey_isRefusedWithRowAndColumn() {
    Schema nullable =
        Columns.schema(Columns.int64("id"), Columns.utf8("name"), Columns.int64("age"));

    Map<String, String> metadata =
        assertFails(
            ErrorReason.ROW_INVALID,
            "'id'",
            () ->
                fixture.write(
                    append(stream(nullable, Rows.row("id", null, "name", "x", "age", 1L)))));
    assertThat(metadata).containsEntry("row", "0").containsEntry("column", "id");
  }

  private ByteString people(Map<String, @Nullable Object> row) {
    return stream(dev.slipway.engine.testkit.EngineFixture.PEOPLE, row);
  }

  private ByteString stream(Schema schema, Map<String, @Nullable Object> row) {
    return IpcStreams.of(fixture.allocator(), schema, java.util.List.of(row));
  }

  private static WriteRequest append(ByteString stream) {
    return write("{header: {database: 'crm', table: 'person', append: {}}}").toBuilder()
        .setArrowIpc(stream)
        .build();
  }
}
