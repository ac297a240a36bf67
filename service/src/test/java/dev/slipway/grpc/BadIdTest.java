package dev.slipway.grpc;

import static dev.slipway.grpc.Failures.assertFails;
import static dev.slipway.grpc.GrpcFixture.json;
import static dev.slipway.grpc.GrpcFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.ErrorReason;
import dev.slipway.v1.CommitRequest;
import dev.slipway.v1.CountRequest;
import dev.slipway.v1.CreateDatabaseRequest;
import dev.slipway.v1.CreateTableRequest;
import dev.slipway.v1.DiscardStagedWriteRequest;
import dev.slipway.v1.DropTableRequest;
import dev.slipway.v1.Field;
import dev.slipway.v1.GetCommitOutcomeRequest;
import dev.slipway.v1.GetStagedWriteRequest;
import dev.slipway.v1.GetTableRequest;
import dev.slipway.v1.ListCommitsRequest;
import dev.slipway.v1.ListTablesRequest;
import dev.slipway.v1.ReadAt;
import dev.slipway.v1.RenameTableRequest;
import dev.slipway.v1.RenewStagedWriteRequest;
import dev.slipway.v1.Schema;
import dev.slipway.v1.StageWriteRequest;
import dev.slipway.v1.WriteHeader;
import dev.slipway.v1.WriteOptions;
import dev.slipway.v1.WriteRequest;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Ids, branches and columns whose names could be mistaken for paths, or for SQL. */
final class BadIdTest extends BadInput {
  private static final List<String> PATHS =
      List.of(
          "/",
          "/etc",
          "a//b",
          "a/",
          "..",
          "../x",
          "../../log/x",
          "a/../b",
          "a/./b",
          "a\\b",
          "a b",
          "a\u0000b",
          "a\nb",
          "a\u007fb",
          "\u00e4",
          "\ud83d\udea2",
          "%2e%2e%2fx",
          "a:b",
          "~",
          "*");

  @Test
  void stagedWrite_ofAnIdThatIsNone_isRefusedByEveryCall() {
    for (String id : with(PATHS, "a/b", ".", "a.b", "x".repeat(65))) {
      refusedId(
          () ->
              fixture.stage(
                  StageWriteRequest.newBuilder().setHeader(header()).setStagedWriteId(id).build()));
      refusedId(
          () ->
              fixture
                  .staging()
                  .getStagedWrite(
                      GetStagedWriteRequest.newBuilder()
                          .setDatabase("crm")
                          .setStagedWriteId(id)
                          .build()));
      refusedId(
          () ->
              fixture
                  .staging()
                  .renewStagedWrite(
                      RenewStagedWriteRequest.newBuilder()
                          .setDatabase("crm")
                          .setStagedWriteId(id)
                          .build()));
      refusedId(
          () ->
              fixture
                  .staging()
                  .discardStagedWrite(
                      DiscardStagedWriteRequest.newBuilder()
                          .setDatabase("crm")
                          .setStagedWriteId(id)
                          .build()));
      refusedId(
          () ->
              fixture
                  .commits()
                  .commit(
                      CommitRequest.newBuilder().setDatabase("crm").addStagedWriteIds(id).build()));
      refusedId(() -> countAt(ReadAt.newBuilder().setStagedWriteId(id)));
    }
  }

  private static void refusedId(ThrowingCallable call) {
    assertFails(ErrorReason.NAME_INVALID, "staged write's id", call);
  }

  @Test
  void anyCall_onABranchThatIsNone_isRefused() {
    for (String branch : with(PATHS, ".", "_a", "x".repeat(201))) {
      refusedBranch(() -> countAt(ReadAt.newBuilder().setBranch(branch)));
      refusedBranch(
          () ->
              fixture.write(
                  WriteRequest.newBuilder()
                      .setHeader(header().toBuilder().setBranch(branch))
                      .build()));
      refusedBranch(
          () ->
              fixture
                  .commits()
                  .commit(CommitRequest.newBuilder().setDatabase("crm").setBranch(branch).build()));
      refusedBranch(
          () ->
              fixture
                  .commits()
                  .listCommits(
                      ListCommitsRequest.newBuilder()
                          .setDatabase("crm")
                          .setBranch(branch)
                          .build()));
      refusedBranch(
          () ->
              fixture
                  .tables()
                  .listTables(
                      ListTablesRequest.newBuilder()
                          .setDatabase("crm")
                          .setAt(ReadAt.newBuilder().setBranch(branch))
                          .build()));
      refusedBranch(
          () ->
              fixture
                  .tables()
                  .dropTable(
                      DropTableRequest.newBuilder()
                          .setDatabase("crm")
                          .setTable("person")
                          .setBranch(branch)
                          .build()));
    }
    assertFails(
        ErrorReason.BRANCH_NOT_FOUND,
        "team/a.b-c",
        () -> countAt(ReadAt.newBuilder().setBranch("team/a.b-c")));
  }

  private static void refusedBranch(ThrowingCallable call) {
    assertFails(ErrorReason.NAME_INVALID, "branch name", call);
  }

  @Test
  void anyCommit_ofARequestIdThatIsNone_isRefused() {
    for (String id : List.of("a b", "a\u0000b", "a\nb", "\u00e4", "\u007f", "x".repeat(129))) {
      refusedRequest(
          () ->
              fixture
                  .commits()
                  .commit(CommitRequest.newBuilder().setDatabase("crm").setRequestId(id).build()));
      refusedRequest(() -> fixture.write(row(id)));
      refusedRequest(
          () ->
              fixture
                  .databases()
                  .createDatabase(
                      CreateDatabaseRequest.newBuilder()
                          .setDatabase("shop")
                          .setRequestId(id)
                          .build()));
      refusedRequest(() -> fixture.tables().createTable(table("x").setRequestId(id).build()));
      refusedRequest(
          () ->
              fixture
                  .tables()
                  .dropTable(
                      DropTableRequest.newBuilder()
                          .setDatabase("crm")
                          .setTable("person")
                          .setRequestId(id)
                          .build()));
      refusedRequest(
          () ->
              fixture
                  .tables()
                  .renameTable(
                      RenameTableRequest.newBuilder()
                          .setDatabase("crm")
                          .setTable("person")
                          .setNewName("people")
                          .setRequestId(id)
                          .build()));
      refusedRequest(() -> outcome(id));
    }
  }

  private static void refusedRequest(ThrowingCallable call) {
    Map<String, String> metadata = assertFails(ErrorReason.ARGUMENT_INVALID, "request id", call);
    assertThat(metadata).containsEntry("field", "request_id");
  }

  /** Request ids are never paths: whatever can be printed may be one. */
  @Test
  void write_ofARequestIdThatLooksLikeAPath_isRepeatable() {
    for (String id : List.of("/", "..", "../../x", "a/../b", "a\\b", "%2e%2e", "*", "'\"")) {
      assertThat(fixture.write(row(id)).getReplayed()).isFalse();
      assertThat(fixture.write(row(id)).getReplayed()).isTrue();
      head++;
      assertThat(outcome(id)).isEqualTo(head);
    }
    assertThat(fixture.count("person")).isEqualTo(8);
  }

  private long outcome(String id) {
    return fixture
        .commits()
        .getCommitOutcome(
            GetCommitOutcomeRequest.newBuilder().setDatabase("crm").setRequestId(id).build())
        .getRevision();
  }

  @Test
  void createTable_ofAColumnNameThatIsNone_isRefused() {
    for (String name :
        List.of(
            ".",
            "..",
            "a.b",
            "`a`",
            "\"a\"",
            "a\\b",
            "a\u0000b",
            "a\nb",
            "a\u007fb",
            " a",
            "a ",
            "_a",
            "\ud83d\udea2",
            "x".repeat(129))) {
      Map<String, String> metadata =
          assertFails(
              ErrorReason.ARGUMENT_INVALID,
              "column name",
              () -> fixture.tables().createTable(table(name).build()));
      assertThat(metadata).containsEntry("field", "schema");
    }
  }

  /** Those that may be names are also columns: they can be written, filtered by, and read. */
  @Test
  void createTable_ofColumnsThatLookLikePathsOrSql_canBeUsed() {
    List<String> names =
        List.of(
            "/", "a/b", "~", "a b", "\u00e4", "it's", "%2e", "*", "select", "a;b", "--", "(", "?");
    CreateTableRequest.Builder create = table("id");
    WriteRequest.Builder write =
        WriteRequest.newBuilder().setHeader(header().toBuilder().setTable("t"));
    for (String name : names) {
      create.getSchemaBuilder().addFields(Field.newBuilder().setName(name).setType("utf8"));
      write.addRowsBuilder().putFields("id", text("of " + name)).putFields(name, text(name));
    }
    assertThat(fixture.tables().createTable(create.build()).hasTable()).isTrue();
    fixture.write(write.build());
    head += 2;

    for (String name : names) {
      String filter = "`" + name + "` = '" + name.replace("'", "''") + "'";
      CountRequest count =
          CountRequest.newBuilder().setDatabase("crm").setTable("t").setFilter(filter).build();
      assertThat(fixture.reads().count(count).getCount()).as(filter).isOne();
    }
    assertThat(fixture.rows("t"))
        .allSatisfy(
            row -> {
              String name = row.getFieldsOrThrow("id").getStringValue().substring(3);
              assertThat(row.getFieldsOrThrow(name).getStringValue()).isEqualTo(name);
            })
        .hasSize(names.size());
    assertThat(
            fixture
                .tables()
                .getTable(GetTableRequest.newBuilder().setDatabase("crm").setTable("t").build())
                .getTable()
                .getSchema()
                .getFieldsList())
        .extracting(Field::getName)
        .containsAll(names);
  }

  private static com.google.protobuf.Value text(String value) {
    return com.google.protobuf.Value.newBuilder().setStringValue(value).build();
  }

  private void countAt(ReadAt.Builder at) {
    assertThat(
            fixture
                .reads()
                .count(
                    CountRequest.newBuilder()
                        .setDatabase("crm")
                        .setTable("person")
                        .setAt(at)
                        .build())
                .getCount())
        .isNotNegative();
  }

  private static List<String> with(List<String> names, String... more) {
    return java.util.stream.Stream.concat(names.stream(), java.util.Arrays.stream(more)).toList();
  }

  private static WriteHeader header() {
    return json("{database: 'crm', table: 'person', append: {}}", WriteHeader.newBuilder());
  }

  private static WriteRequest row(String requestId) {
    return write("{header: {database: 'crm', table: 'person', append: {}}, rows: [{id: 1}]}")
        .toBuilder()
        .setOptions(WriteOptions.newBuilder().setRequestId(requestId))
        .build();
  }

  private static CreateTableRequest.Builder table(String column) {
    return CreateTableRequest.newBuilder()
        .setDatabase("crm")
        .setTable("t")
        .setSchema(
            Schema.newBuilder().addFields(Field.newBuilder().setName(column).setType("utf8")));
  }
}
