package dev.slipway.grpc;

import static dev.slipway.grpc.Failures.assertFails;
import static dev.slipway.grpc.GrpcFixture.json;
import static dev.slipway.grpc.GrpcFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.ErrorReason;
import dev.slipway.v1.CreateDatabaseRequest;
import dev.slipway.v1.DropDatabaseRequest;
import dev.slipway.v1.DropTableRequest;
import dev.slipway.v1.GetCommitRequest;
import dev.slipway.v1.GetTableRequest;
import dev.slipway.v1.ListCommitsRequest;
import dev.slipway.v1.RenameTableRequest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Names that mean nothing, and names that are taken. */
final class UnknownThingsTest extends BadInput {
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
  void filter_onAnUnknownColumn_isNotFound() {
    String of = "{database: 'crm', table: 'person', filter: 'id = 1 and nmae = 2'}";
    for (Runnable call :
        List.<Runnable>of(
            () -> count(of),
            () -> scan(of),
            () -> change("delete: {filter: 'nmae = 1'}"),
            () -> change("update: {set: {age: '1'}, filter: 'nmae = 1'}"),
            () -> change("update: {set: {age: 'nmae'}, all: true}"))) {
      assertThat(assertFails(ErrorReason.COLUMN_NOT_FOUND, "'nmae'", call::run))
          .containsEntry("resource", "nmae");
    }
  }

  private void change(String operation) {
    fixture.write(write("{header: {database: 'crm', table: 'person', " + operation + "}}"));
  }

  @Test
  void anyCall_onAnUnknownColumn_isNotFoundOrAnInvalidRow() {
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
}
