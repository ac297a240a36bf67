package dev.slipway.grpc;

import static dev.slipway.grpc.Failures.assertFails;
import static dev.slipway.grpc.GrpcFixture.json;
import static dev.slipway.grpc.GrpcFixture.stage;
import static dev.slipway.grpc.GrpcFixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.slipway.engine.ErrorReason;
import dev.slipway.grpc.payload.IpcStreams;
import dev.slipway.storage.testkit.Columns;
import dev.slipway.storage.testkit.Rows;
import dev.slipway.v1.CommitRequest;
import dev.slipway.v1.CountRequest;
import dev.slipway.v1.CreateDatabaseRequest;
import dev.slipway.v1.CreateTableRequest;
import dev.slipway.v1.DeleteOperation;
import dev.slipway.v1.DiscardStagedWriteRequest;
import dev.slipway.v1.DropDatabaseRequest;
import dev.slipway.v1.DropTableRequest;
import dev.slipway.v1.GetCommitOutcomeRequest;
import dev.slipway.v1.GetCommitRequest;
import dev.slipway.v1.GetTableRequest;
import dev.slipway.v1.ListCommitsRequest;
import dev.slipway.v1.ListDatabasesRequest;
import dev.slipway.v1.ListStagedWritesRequest;
import dev.slipway.v1.ListTablesRequest;
import dev.slipway.v1.RenameTableRequest;
import dev.slipway.v1.ScanRequest;
import dev.slipway.v1.StageWriteRequest;
import dev.slipway.v1.WriteHeader;
import dev.slipway.v1.WriteRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What clients get wrong. None of it is answered INTERNAL or UNKNOWN, and none leaves anything
 * behind: no memory, no staged write, no revision.
 */
final class BadInputTest {
  private GrpcFixture fixture;
  private long head;

  @BeforeEach
  void start(@TempDir Path folder) {
    fixture = new GrpcFixture(folder).withPerson();
    head = fixture.head();
  }

  @AfterEach
  void stop() {
    try {
      fixture.assertNothingLeft(head);
    } finally {
      fixture.close();
    }
  }

  // ---- what isn't there

  @Test
  void anyCall_onAnUnknownDatabase_isNotFound() {
    assertFails(
        ErrorReason.DATABASE_NOT_FOUND, "'shop'", () -> count("{database: 'shop', table: 't'}"));
    assertFails(
        ErrorReason.DATABASE_NOT_FOUND,
        "'shop'",
        () ->
            fixture.write(
                write("{header: {database: 'shop', table: 't', append: {}}, rows: [{id: 1}]}")));
    assertFails(
        ErrorReason.DATABASE_NOT_FOUND, "'shop'", () -> scan("{database: 'shop', table: 't'}"));
    assertFails(
        ErrorReason.DATABASE_NOT_FOUND,
        "'shop'",
        () ->
            fixture
                .databases()
                .dropDatabase(DropDatabaseRequest.newBuilder().setDatabase("shop").build()));
  }

  @Test
  void anyCall_onAnUnknownTable_isNotFound() {
    Map<String, String> metadata =
        assertFails(
            ErrorReason.TABLE_NOT_FOUND,
            "'persons'",
            () -> count("{database: 'crm', table: 'persons'}"));
    assertThat(metadata).containsEntry("resource", "persons");
    assertFails(
        ErrorReason.TABLE_NOT_FOUND,
        "'persons'",
        () ->
            fixture.write(
                write(
                    "{header: {database: 'crm', table: 'persons', append: {}}, rows: [{id: 1}]}")));
    assertFails(
        ErrorReason.TABLE_NOT_FOUND,
        "'persons'",
        () -> scan("{database: 'crm', table: 'persons'}"));
    assertFails(
        ErrorReason.TABLE_NOT_FOUND,
        "'persons'",
        () ->
            fixture
                .tables()
                .getTable(
                    json("{database: 'crm', table: 'persons'}", GetTableRequest.newBuilder())));
    assertFails(
        ErrorReason.TABLE_NOT_FOUND,
        "persons",
        () ->
            fixture
                .tables()
                .dropTable(
                    json("{database: 'crm', table: 'persons'}", DropTableRequest.newBuilder())));
    assertFails(
        ErrorReason.TABLE_NOT_FOUND,
        "persons",
        () ->
            fixture
                .tables()
                .renameTable(
                    json(
                        "{database: 'crm', table: 'persons', newName: 'p'}",
                        RenameTableRequest.newBuilder())));
  }

  @Test
  void anyCall_onAnUnknownBranch_isNotFound() {
    assertFails(
        ErrorReason.BRANCH_NOT_FOUND,
        "dev",
        () -> count("{database: 'crm', table: 'person', at: {branch: 'dev'}}"));
    assertFails(
        ErrorReason.BRANCH_NOT_FOUND,
        "dev",
        () ->
            fixture.write(
                write(
                    "{header: {database: 'crm', branch: 'dev', table: 'person', append: {}},"
                        + " rows: [{id: 1}]}")));
    assertFails(
        ErrorReason.BRANCH_NOT_FOUND, "dev", () -> commit("{database: 'crm', branch: 'dev'}"));
    assertFails(
        ErrorReason.BRANCH_NOT_FOUND,
        "dev",
        () ->
            fixture
                .commits()
                .listCommits(
                    json("{database: 'crm', branch: 'dev'}", ListCommitsRequest.newBuilder())));
  }

  @Test
  void anyCall_onAnUnknownColumn_isNotFoundOrAnInvalidFilter() {
    Map<String, String> metadata =
        assertFails(
            ErrorReason.COLUMN_NOT_FOUND,
            "'nmae'",
            () -> scan("{database: 'crm', table: 'person', columns: ['nmae']}"));
    assertThat(metadata).containsEntry("resource", "nmae");
    assertFails(
        ErrorReason.COLUMN_NOT_FOUND,
        "'nmae'",
        () ->
            fixture.write(
                write(
                    "{header: {database: 'crm', table: 'person',"
                        + " update: {set: {nmae: '1'}, all: true}}}")));
    StatusRuntimeException filter =
        failure(() -> count("{database: 'crm', table: 'person', filter: 'nmae = 1'}"));
    assertThat(filter.getStatus().getCode())
        .isIn(Status.Code.NOT_FOUND, Status.Code.INVALID_ARGUMENT);
    assertFails(
        ErrorReason.ROW_INVALID,
        "'nmae'",
        () ->
            fixture.write(
                write(
                    "{header: {database: 'crm', table: 'person', append: {}},"
                        + " rows: [{id: 1, nmae: 'x'}]}")));
    assertFails(
        ErrorReason.COLUMN_NOT_FOUND,
        "'nope'",
        () ->
            createTable(
                "{database: 'crm', table: 't', schema: {fields: [{name: 'x', type: 'utf8'}],"
                    + " keyColumns: ['nope']}}"));
  }

  @Test
  void commits_ofRevisionsThatAreNotThere_areNotFound() {
    assertFails(ErrorReason.REVISION_NOT_FOUND, "99", () -> getCommit(99));
    assertFails(ErrorReason.REVISION_NOT_FOUND, "0", () -> getCommit(0));
    assertFails(ErrorReason.ARGUMENT_INVALID, "-1", () -> getCommit(-1));
    assertFails(
        ErrorReason.REVISION_NOT_FOUND,
        "",
        () -> count("{database: 'crm', table: 'person', at: {timestamp: '1999-01-01T00:00:00Z'}}"));
  }

  private void getCommit(long revision) {
    fixture
        .commits()
        .getCommit(GetCommitRequest.newBuilder().setDatabase("crm").setRevision(revision).build());
  }

  // ---- what is there already

  @Test
  void create_ofWhatExists_isRefusedIgnoringCase() {
    assertFails(
        ErrorReason.DATABASE_EXISTS,
        "CRM",
        () ->
            fixture
                .databases()
                .createDatabase(CreateDatabaseRequest.newBuilder().setDatabase("CRM").build()));
    assertFails(
        ErrorReason.TABLE_EXISTS,
        "PERSON",
        () ->
            createTable(
                "{database: 'crm', table: 'PERSON',"
                    + " schema: {fields: [{name: 'x', type: 'utf8'}]}}"));
  }

  @Test
  void dropDatabase_withTables_isRefused() {
    assertFails(
        ErrorReason.NOT_EMPTY,
        "1 tables",
        () ->
            fixture
                .databases()
                .dropDatabase(DropDatabaseRequest.newBuilder().setDatabase("crm").build()));
  }

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

  // ---- the shape of uploads

  @Test
  void upload_withoutMessages_isRefused() {
    assertFails(ErrorReason.ARGUMENT_INVALID, "header", fixture::write);
  }

  @Test
  void upload_withoutHeader_isRefused() {
    assertFails(
        ErrorReason.ARGUMENT_INVALID, "header", () -> fixture.write(write("{rows: [{id: 1}]}")));
  }

  @Test
  void upload_withTwoHeaders_isRefused() {
    WriteRequest header = write("{header: {database: 'crm', table: 'person', append: {}}}");

    assertFails(ErrorReason.ARGUMENT_INVALID, "header", () -> fixture.write(header, header));
  }

  @Test
  void upload_withoutOperation_isRefused() {
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "one of append",
        () ->
            fixture.write(write("{header: {database: 'crm', table: 'person'}, rows: [{id: 1}]}")));
  }

  @Test
  void upload_withoutDatabaseOrTable_namesTheField() {
    assertThat(
            assertFails(
                ErrorReason.ARGUMENT_INVALID,
                "header.database",
                () -> fixture.write(write("{header: {table: 'person', append: {}}}"))))
        .containsEntry("field", "header.database");
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "header.table",
        () -> fixture.write(write("{header: {database: 'crm', append: {}}}")));
  }

  @Test
  void upload_ofBothForms_isRefused() {
    WriteRequest both =
        write("{header: {database: 'crm', table: 'person', append: {}}, rows: [{id: 1}]}")
            .toBuilder()
            .setArrowIpc(ByteString.copyFromUtf8("x"))
            .build();
    assertFails(
        ErrorReason.ARGUMENT_INVALID, "either arrow_ipc or rows", () -> fixture.write(both));

    WriteRequest rows =
        write("{header: {database: 'crm', table: 'person', append: {}}, rows: [{id: 1}]}");
    WriteRequest bytes =
        WriteRequest.newBuilder().setArrowIpc(ByteString.copyFromUtf8("x")).build();
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "the form this upload began with",
        () -> fixture.write(rows, bytes));
  }

  @Test
  void upload_ofDataForADelete_isRefused() {
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "take none",
        () ->
            fixture.write(
                write(
                    "{header: {database: 'crm', table: 'person', delete: {all: true}},"
                        + " rows: [{id: 1}]}")));
  }

  @Test
  void deleteAndUpdate_thatDoNotSayWhichRows_areRefused() {
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "all: true",
        () -> fixture.write(write("{header: {database: 'crm', table: 'person', delete: {}}}")));
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "all: true",
        () ->
            fixture.write(
                write("{header: {database: 'crm', table: 'person', update: {set: {age: '1'}}}}")));
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "found both",
        () ->
            fixture.write(
                write(
                    "{header: {database: 'crm', table: 'person',"
                        + " delete: {filter: 'id = 1', all: true}}}")));
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "at least one column",
        () ->
            fixture.write(
                write("{header: {database: 'crm', table: 'person', update: {all: true}}}")));
  }

  @Test
  void upload_withAGapOrARepeat_saysWhatComesNext() {
    WriteRequest first =
        write("{header: {database: 'crm', table: 'person', append: {}}, rows: [{id: 1}, {id: 2}]}");

    for (int offset : new int[] {0, 1, 3, 1_000}) {
      assertThat(
              assertFails(
                  ErrorReason.OFFSET_GAP,
                  "at offset 2, found " + offset,
                  () -> fixture.write(first, write("{rows: [{id: 3}], offset: " + offset + "}"))))
          .containsEntry("next_offset", "2");
    }
    assertThat(
            assertFails(
                ErrorReason.OFFSET_GAP,
                "at offset 0",
                () -> fixture.write(first.toBuilder().setOffset(5).build())))
        .containsEntry("next_offset", "0");
  }

  // ---- staged writes and commits

  @Test
  void commit_ofADiscardedStagedWrite_isRefused() {
    stageOne("s");
    fixture
        .staging()
        .discardStagedWrite(
            json("{database: 'crm', stagedWriteId: 's'}", DiscardStagedWriteRequest.newBuilder()));

    assertFails(
        ErrorReason.STAGED_WRITE_NOT_FOUND,
        "s",
        () -> commit("{database: 'crm', stagedWriteIds: ['s']}"));
    assertFails(
        ErrorReason.STAGED_WRITE_NOT_FOUND,
        "never",
        () -> commit("{database: 'crm', stagedWriteIds: ['never']}"));
  }

  @Test
  void commit_ofOneStagedWriteTwice_isRefused() {
    stageOne("s");
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "twice",
        () -> commit("{database: 'crm', stagedWriteIds: ['s', 's']}"));

    commit("{database: 'crm', stagedWriteIds: ['s']}");
    head++;
    assertFails(
        ErrorReason.STAGED_WRITE_COMMITTED,
        "revision " + head,
        () -> commit("{database: 'crm', stagedWriteIds: ['s']}"));
    assertFails(ErrorReason.STAGED_WRITE_COMMITTED, "revision " + head, () -> stageOne("s"));
  }

  @Test
  void stage_ofAnIdWithOtherContent_isRefused() {
    stageOne("s");

    assertFails(
        ErrorReason.STAGED_WRITE_EXISTS,
        "s",
        () ->
            fixture.stage(
                stage(
                    "{header: {database: 'crm', table: 'person', append: {}},"
                        + " stagedWriteId: 's', rows: [{id: 2}]}")));
    fixture
        .staging()
        .discardStagedWrite(
            json("{database: 'crm', stagedWriteId: 's'}", DiscardStagedWriteRequest.newBuilder()));
  }

  @Test
  void write_ofARequestIdWithOtherContent_isRefused() {
    String header =
        "{header: {database: 'crm', table: 'person', append: {}}, options: {requestId: 'r'},";
    fixture.write(write(header + " rows: [{id: 1}]}"));
    head++;

    assertFails(
        ErrorReason.REQUEST_ID_REUSED,
        "r",
        () -> fixture.write(write(header + " rows: [{id: 2}]}")));
    assertFails(
        ErrorReason.REQUEST_ID_REUSED, "r", () -> commit("{database: 'crm', requestId: 'r'}"));
  }

  @Test
  void commit_ofExpectationsThatDoNotHold_isAConflict() {
    assertFails(
        ErrorReason.COMMIT_CONFLICT,
        "",
        () ->
            commit(
                "{database: 'crm', expectations: [{table: 'person', absent: true},"
                    + " {branchAtRevision: 99}]}"));
  }

  @Test
  void commit_ofExpectationsWithoutShape_isRefused() {
    for (String expectation :
        new String[] {
          "{}",
          "{table: 'person'}",
          "{exists: true}",
          "{table: 'person', exists: false}",
          "{table: 'person', branchAtRevision: 1}",
          "{branchAtRevision: -1}",
          "{table: 'person', atVersion: {}}",
          "{table: 'person', unchangedSinceRevision: -5}",
        }) {
      Map<String, String> metadata =
          assertFails(
              ErrorReason.ARGUMENT_INVALID,
              "expectations[0]",
              () -> commit("{database: 'crm', expectations: [" + expectation + "]}"));
      assertThat(metadata.get("field")).startsWith("expectations[0]");
    }
  }

  @Test
  void commit_ofExpectationsTooLong_isRefusedWithTheField() {
    String large = "\\u0001".repeat(100_000);
    assertExpectationRefused(
        ErrorReason.NAME_INVALID, "table", "{table: '" + large + "', exists: true}");
    assertExpectationRefused(
        ErrorReason.NAME_INVALID, "table", "{table: '" + large + "', absent: true}");
    assertExpectationRefused(
        ErrorReason.NAME_INVALID, "table", "{table: '" + large + "', unchangedSinceRevision: 1}");
    assertExpectationRefused(
        ErrorReason.ARGUMENT_INVALID,
        "at_version.table_id",
        "{table: 'person', atVersion: {tableId: '" + large + "'}}");
    assertExpectationRefused(
        ErrorReason.ARGUMENT_INVALID,
        "schema_fingerprint",
        "{table: 'person', schemaFingerprint: '" + large + "'}");
  }

  private void assertExpectationRefused(ErrorReason reason, String field, String expectation) {
    String expectations = "expectations: [{branchAtRevision: 1}, " + expectation + "]";
    Map<String, String> ofCommit =
        assertFails(reason, "", () -> commit("{database: 'crm', " + expectations + "}"));
    Map<String, String> ofWrite =
        assertFails(
            reason,
            "",
            () ->
                fixture.write(
                    write(
                        "{header: {database: 'crm', table: 'person', append: {}}, options: {"
                            + expectations
                            + "}, rows: [{id: 1}]}")));
    assertThat(ofCommit).containsEntry("field", "expectations[1]." + field);
    assertThat(ofWrite).containsEntry("field", "expectations[1]." + field);
  }

  @Test
  void commit_ofOptionsOutOfRange_isRefused() {
    for (String option :
        new String[] {
          "maxCommitDelay: '2s'",
          "maxCommitDelay: '-1s'",
          "requestId: 'with space'",
          "requestId: '" + "r".repeat(129) + "'",
          "message: '" + "m".repeat(5_000) + "'",
          "properties: {p: '" + "v".repeat(2_000) + "'}",
        }) {
      assertFails(
          ErrorReason.ARGUMENT_INVALID, "", () -> commit("{database: 'crm', " + option + "}"));
    }
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "request_id",
        () ->
            fixture
                .commits()
                .getCommitOutcome(GetCommitOutcomeRequest.newBuilder().setDatabase("crm").build()));
  }

  private void stageOne(String id) {
    fixture.stage(
        stage(
            "{header: {database: 'crm', table: 'person', append: {}}, stagedWriteId: '"
                + id
                + "', rows: [{id: 1}]}"));
  }

  private void commit(String text) {
    assertThat(fixture.commits().commit(json(text, CommitRequest.newBuilder())).getRevision())
        .isPositive();
  }

  // ---- filters, numbers, pages

  @ParameterizedTest
  @ValueSource(
      strings = {
        "id =",
        "id = 1)",
        "select 1",
        "id in (select id from person)",
        "id = ?",
        "id = 1; drop table person",
        "id = 1 -- comment",
        "'unclosed",
        "\"name\" ~ 'x'",
        "\u0000",
        "id = 1 \ud83d\udea2",
      })
  void count_withABadFilter_namesThePosition(String filter) {
    Map<String, String> metadata =
        assertFails(
            ErrorReason.FILTER_INVALID,
            "",
            () ->
                fixture
                    .reads()
                    .count(
                        CountRequest.newBuilder()
                            .setDatabase("crm")
                            .setTable("person")
                            .setFilter(filter)
                            .build()));
    assertThat(metadata).containsKey("position");
  }

  @Test
  void filter_thatDoesNotFitItsColumns_isRefused() {
    assertFails(
        ErrorReason.FILTER_INVALID,
        "",
        () -> count("{database: 'crm', table: 'person', filter: 'name > 5'}"));
  }

  @Test
  void filter_ofTwoThousandParentheses_isRefusedAtOnce() {
    String deep = "(".repeat(2_000) + "id = 1" + ")".repeat(2_000);
    Supplier<CountRequest> count =
        () ->
            CountRequest.newBuilder().setDatabase("crm").setTable("person").setFilter(deep).build();

    assertFails(
        ErrorReason.FILTER_INVALID,
        "64",
        () ->
            fixture
                .reads()
                .withDeadlineAfter(5, java.util.concurrent.TimeUnit.SECONDS)
                .count(count.get()));
    assertFails(
        ErrorReason.FILTER_INVALID,
        "64",
        () ->
            fixture.write(
                WriteRequest.newBuilder()
                    .setHeader(
                        WriteHeader.newBuilder()
                            .setDatabase("crm")
                            .setTable("person")
                            .setDelete(DeleteOperation.newBuilder().setFilter(deep)))
                    .build()));
  }

  @Test
  void filter_ofAMegabyte_isRefused() {
    assertFails(
        ErrorReason.FILTER_INVALID,
        "too long",
        () ->
            fixture
                .reads()
                .count(
                    CountRequest.newBuilder()
                        .setDatabase("crm")
                        .setTable("person")
                        .setFilter("id = 1 or ".repeat(100_000) + "id = 2")
                        .build()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "limit: -1",
        "offset: -1",
        "batchRows: -1",
        "batchRows: 65537",
        "at: {revision: -1}",
        "at: {minRevision: -1}",
        "at: {stagedWriteId: ''}",
        "format: 77",
      })
  void scan_withANumberOutOfRange_namesTheField(String field) {
    Map<String, String> metadata =
        assertFails(
            ErrorReason.ARGUMENT_INVALID,
            "expected",
            () -> scan("{database: 'crm', table: 'person', " + field + "}"));
    assertThat(metadata.get("field")).isNotEmpty();
  }

  @Test
  void listings_withABadPage_areRefused() {
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "page_size",
        () ->
            fixture
                .databases()
                .listDatabases(json("{pageSize: -1}", ListDatabasesRequest.newBuilder())));
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "page_token",
        () ->
            fixture
                .databases()
                .listDatabases(json("{pageToken: 'x'}", ListDatabasesRequest.newBuilder())));
    String token = new PageToken(1, "a").write("databases");
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "page_token",
        () ->
            fixture
                .tables()
                .listTables(
                    json(
                        "{database: 'crm', pageToken: '" + token + "'}",
                        ListTablesRequest.newBuilder())));
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "page_size",
        () ->
            fixture
                .commits()
                .listCommits(
                    json("{database: 'crm', pageSize: -5}", ListCommitsRequest.newBuilder())));
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "page_token",
        () ->
            fixture
                .staging()
                .listStagedWrites(
                    json(
                        "{database: 'crm', pageToken: '////'}",
                        ListStagedWritesRequest.newBuilder())));
  }

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

  private static CreateTableRequest table(String name, String type) {
    return GrpcFixture.<CreateTableRequest>json(
            "{database: 'crm', schema: {fields: [{name: 'x', type: '" + type + "'}]}}",
            CreateTableRequest.newBuilder())
        .toBuilder()
        .setTable(name)
        .build();
  }

  private void createTable(String text) {
    assertThat(fixture.tables().createTable(json(text, CreateTableRequest.newBuilder())).hasTable())
        .isTrue();
  }

  // ----

  private void count(String text) {
    assertThat(fixture.reads().count(json(text, CountRequest.newBuilder())).getCount())
        .isNotNegative();
  }

  private void scan(String text) {
    scan(GrpcFixture.<ScanRequest>json(text, ScanRequest.newBuilder()));
  }

  private void scan(ScanRequest request) {
    fixture.reads().scan(request).forEachRemaining(message -> assertThat(message).isNotNull());
  }

  private static StatusRuntimeException failure(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(failure).isNotNull();
    return failure;
  }
}
