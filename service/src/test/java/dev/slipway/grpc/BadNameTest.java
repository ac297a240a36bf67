package dev.slipway.grpc;

import static dev.slipway.grpc.Failures.assertFails;
import static dev.slipway.grpc.GrpcFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.ErrorReason;
import dev.slipway.v1.CommitRequest;
import dev.slipway.v1.CountRequest;
import dev.slipway.v1.CreateDatabaseRequest;
import dev.slipway.v1.CreateTableRequest;
import dev.slipway.v1.ListCommitsRequest;
import dev.slipway.v1.RenameTableRequest;
import dev.slipway.v1.ScanRequest;
import dev.slipway.v1.StageWriteRequest;
import dev.slipway.v1.WriteHeader;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that can't be, and schemas that can't. */
final class BadNameTest extends BadInput {
  // ---- names

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a/b",
        "../x",
        ".",
        "..",
        "a.b",
        "1a",
        "-a",
        "_a",
        "a b",
        "a\u0000b",
        "a\nb",
        "\u00e4",
        "\ud83d\udea2",
        "a\\b",
        "CON:",
        "a%2fb",
        "' or 1=1"
      })
  void create_ofANameThatIsNone_isRefused(String name) {
    assertFails(
        ErrorReason.NAME_INVALID,
        "database name",
        () ->
            fixture
                .databases()
                .createDatabase(CreateDatabaseRequest.newBuilder().setDatabase(name).build()));
    assertFails(
        ErrorReason.NAME_INVALID,
        "table name",
        () -> fixture.tables().createTable(table(name, "utf8")));
    assertFails(
        ErrorReason.NAME_INVALID,
        "table name",
        () ->
            fixture
                .tables()
                .renameTable(
                    RenameTableRequest.newBuilder()
                        .setDatabase("crm")
                        .setTable("person")
                        .setNewName(name)
                        .build()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "\u0000", "\ud83d\udea2", "/", "%"})
  void anyCall_withANameOfAMegabyte_isRefusedInFewWords(String character) {
    String name = character.repeat((1 << 20) / character.getBytes(StandardCharsets.UTF_8).length);

    assertFails(
        ErrorReason.NAME_INVALID,
        "database name",
        () ->
            fixture
                .databases()
                .createDatabase(CreateDatabaseRequest.newBuilder().setDatabase(name).build()));
    assertFails(
        ErrorReason.NAME_INVALID,
        "table name",
        () -> fixture.tables().createTable(table(name, "utf8")));
    assertFails(
        ErrorReason.TABLE_NOT_FOUND,
        "no table",
        () ->
            fixture
                .reads()
                .count(CountRequest.newBuilder().setDatabase("crm").setTable(name).build()));
    assertFails(
        ErrorReason.DATABASE_NOT_FOUND,
        "no database",
        () ->
            fixture
                .reads()
                .count(CountRequest.newBuilder().setDatabase(name).setTable("t").build()));
    assertFails(
        ErrorReason.NAME_INVALID,
        "branch name",
        () ->
            fixture
                .commits()
                .listCommits(
                    ListCommitsRequest.newBuilder().setDatabase("crm").setBranch(name).build()));
    assertFails(
        ErrorReason.NAME_INVALID,
        "staged write",
        () ->
            fixture.stage(
                StageWriteRequest.newBuilder().setHeader(header()).setStagedWriteId(name).build()));
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "request id",
        () ->
            fixture
                .commits()
                .commit(CommitRequest.newBuilder().setDatabase("crm").setRequestId(name).build()));
    StatusRuntimeException column = failure(() -> scan(scanOf(name)));
    Failures.assertIs(ErrorReason.COLUMN_NOT_FOUND, "no column", column);
  }

  // ---- schemas

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{fields: [{name: 'x', type: 'string'}]}",
        "{fields: [{name: '', type: 'utf8'}]}",
        "{fields: [{name: '_x', type: 'utf8'}]}",
        "{fields: [{name: 'a.b', type: 'utf8'}]}",
        "{fields: [{name: 'x', type: 'utf8'}, {name: 'X', type: 'utf8'}]}",
        "{fields: [{name: 'x', type: 'struct'}]}",
        "{fields: [{name: 'x', type: 'list'}]}",
        "{fields: [{name: 'x', type: 'list', children: [{type: 'list'}]}], keyColumns: ['x']}",
        "{fields: [{name: 'x', type: 'utf8'}], keyColumns: ['x', 'x']}",
        "{fields: [{name: 'x', type: 'fixed_size_binary[65537]'}]}",
        "{fields: [{name: 'x', type: 'fixed_size_list[65537]',"
            + " children: [{name: 'item', type: 'float32'}]}]}",
      })
  void createTable_ofASchemaThatIsNone_isRefused(String schema) {
    Map<String, String> metadata =
        assertFails(
            ErrorReason.ARGUMENT_INVALID,
            "",
            () -> createTable("{database: 'crm', table: 't', schema: " + schema + "}"));
    assertThat(metadata.get("field")).startsWith("schema");
  }

  @Test
  void createTable_ofFieldsNestedTooDeep_isRefused() {
    StringBuilder field = new StringBuilder("{name: 'x', type: 'utf8'}");
    for (int i = 0; i < 20; i++) {
      field.insert(0, "{name: 'x', type: 'struct', children: [").append("]}");
    }

    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "deep",
        () -> createTable("{database: 'crm', table: 't', schema: {fields: [" + field + "]}}"));
  }

  private static ScanRequest scanOf(String column) {
    return ScanRequest.newBuilder()
        .setDatabase("crm")
        .setTable("person")
        .addColumns(column)
        .build();
  }

  private static WriteHeader header() {
    return json("{database: 'crm', table: 'person', append: {}}", WriteHeader.newBuilder());
  }

  private static CreateTableRequest table(String name, String type) {
    return GrpcFixture.<CreateTableRequest>json(
            "{database: 'crm', schema: {fields: [{name: 'x', type: '" + type + "'}]}}",
            CreateTableRequest.newBuilder())
        .toBuilder()
        .setTable(name)
        .build();
  }
}
