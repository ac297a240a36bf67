package dev.slipway.grpc;

import static dev.slipway.grpc.GrpcFixture.json;
import static dev.slipway.grpc.GrpcFixture.stage;
import static dev.slipway.grpc.GrpcFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import dev.slipway.storage.testkit.Rows;
import dev.slipway.v1.CommitOutcome;
import dev.slipway.v1.CommitRequest;
import dev.slipway.v1.CommitResponse;
import dev.slipway.v1.CountRequest;
import dev.slipway.v1.CreateDatabaseRequest;
import dev.slipway.v1.CreateTableRequest;
import dev.slipway.v1.DiscardStagedWriteRequest;
import dev.slipway.v1.DropDatabaseRequest;
import dev.slipway.v1.DropTableRequest;
import dev.slipway.v1.GetCommitOutcomeRequest;
import dev.slipway.v1.GetCommitRequest;
import dev.slipway.v1.GetStagedWriteRequest;
import dev.slipway.v1.GetTableRequest;
import dev.slipway.v1.ListCommitsRequest;
import dev.slipway.v1.ListCommitsResponse;
import dev.slipway.v1.ListDatabasesRequest;
import dev.slipway.v1.ListDatabasesResponse;
import dev.slipway.v1.ListStagedWritesRequest;
import dev.slipway.v1.ListStagedWritesResponse;
import dev.slipway.v1.ListTablesRequest;
import dev.slipway.v1.ListTablesResponse;
import dev.slipway.v1.RenameTableRequest;
import dev.slipway.v1.RenewStagedWriteRequest;
import dev.slipway.v1.ScanRequest;
import dev.slipway.v1.ScanResponse;
import dev.slipway.v1.StagedWrite;
import dev.slipway.v1.Table;
import dev.slipway.v1.WriteResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client does on a good day. */
final class ServiceTest {
  private GrpcFixture fixture;

  @BeforeEach
  void start(@TempDir Path folder) {
    fixture = new GrpcFixture(folder).withPerson();
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  @Test
  void write_ofRowsInOneMessage_isReadBackAsRows() {
    WriteResponse written =
        fixture.write(
            write(
                "{header: {database: 'crm', table: 'person', append: {}},"
                    + " rows: [{id: 1, name: 'Ada', age: 36}, {id: '2', name: 'Grace'}]}"));

    assertThat(written.getRevision()).isEqualTo(fixture.head());
    assertThat(written.getTables(0).getRowsAdded()).isEqualTo(2);
    assertThat(fixture.rows("person"))
        .containsExactly(
            row("{id: '1', name: 'Ada', age: '36'}"), row("{id: '2', name: 'Grace', age: null}"));
    assertThat(fixture.rows("person").get(0).getFieldsMap().keySet())
        .containsExactly("id", "name", "age");
  }

  @Test
  void stageAndCommit_ofTwoTables_areVisibleTogether() {
    fixture
        .tables()
        .createTable(
            json(
                "{database: 'crm', table: 'note', schema: {fields: [{name: 'text', type: 'utf8'}]}}",
                CreateTableRequest.newBuilder()));
    StagedWrite person =
        fixture
            .stage(
                stage(
                    "{header: {database: 'crm', table: 'person', upsert: {}},"
                        + " rows: [{id: 1, name: 'Ada', age: 36}]}"))
            .getStagedWrite();
    StagedWrite note =
        fixture
            .stage(
                stage(
                    "{header: {database: 'crm', table: 'note', append: {}}, stagedWriteId: 'n-1',"
                        + " rows: [{text: 'hello'}]}"))
            .getStagedWrite();
    assertThat(note.getId()).isEqualTo("n-1");
    assertThat(person.getOperation()).isEqualTo("upsert");
    assertThat(fixture.count("person")).isZero();

    CommitResponse commit =
        fixture
            .commits()
            .commit(
                CommitRequest.newBuilder()
                    .setDatabase("crm")
                    .addStagedWriteIds(person.getId())
                    .addStagedWriteIds("n-1")
                    .setMessage("both")
                    .putProperties("source", "test")
                    .setRequestId("r-1")
                    .build());

    assertThat(commit.getTablesCount()).isEqualTo(2);
    assertThat(fixture.count("person")).isOne();
    assertThat(fixture.count("note")).isOne();
    assertThat(
            fixture
                .commits()
                .getCommit(
                    GetCommitRequest.newBuilder()
                        .setDatabase("crm")
                        .setRevision(commit.getRevision())
                        .build())
                .getCommit())
        .satisfies(
            info -> {
              assertThat(info.getMessage()).isEqualTo("both");
              assertThat(info.getPropertiesMap()).containsEntry("source", "test");
              assertThat(info.getActor()).isEqualTo("anonymous");
              assertThat(info.getRequestId()).isEqualTo("r-1");
            });
    assertThat(outcome("r-1")).isEqualTo(CommitOutcome.COMMIT_OUTCOME_COMMITTED);
  }

  private CommitOutcome outcome(String requestId) {
    return fixture
        .commits()
        .getCommitOutcome(
            GetCommitOutcomeRequest.newBuilder().setDatabase("crm").setRequestId(requestId).build())
        .getOutcome();
  }

  @Test
  void write_ofTheSameRequestTwice_appliesOnceHoweverItIsCut() {
    String header = "{header: {database: 'crm', table: 'person', append: {}},";
    WriteResponse first =
        fixture.write(
            write(
                header
                    + "options: {requestId: 'r'}, rows: [{id: 1, name: 'a'}, {id: 2, name: 'b'}]}"));

    WriteResponse second =
        fixture.write(
            write(header + "options: {requestId: 'r'}, rows: [{name: 'a', id: 1}]}"),
            write("{rows: [{id: 2, name: 'b'}], offset: 1}"));

    assertThat(first.getReplayed()).isFalse();
    assertThat(second.getReplayed()).isTrue();
    assertThat(second.getRevision()).isEqualTo(first.getRevision());
    assertThat(fixture.count("person")).isEqualTo(2);
  }

  @Test
  void stageWrite_ofTheSameIdAndContentTwice_answersTheSameStagedWrite() {
    String text =
        "{header: {database: 'crm', table: 'person', append: {}}, stagedWriteId: 'mine',"
            + " rows: [{id: 1}]}";

    StagedWrite first = fixture.stage(stage(text)).getStagedWrite();
    StagedWrite second = fixture.stage(stage(text)).getStagedWrite();

    assertThat(second).isEqualTo(first);
  }

  @Test
  void scan_asArrow_isOneStreamThatArrowReads() throws Exception {
    fixture.write(
        write(
            "{header: {database: 'crm', table: 'person', append: {}},"
                + " rows: [{id: 1, name: 'Ada', age: 36}, {id: 2, name: 'Grace', age: 85}]}"));

    Iterator<ScanResponse> pieces =
        fixture
            .reads()
            .scan(
                json(
                    "{database: 'crm', table: 'person', columns: ['name', 'id'], filter: 'age > 40'}",
                    ScanRequest.newBuilder()));

    try (BufferAllocator allocator = new RootAllocator()) {
      assertThat(
              Rows.read(
                  new ArrowStreamReader(joined(pieces, fixture.head()).newInput(), allocator)))
          .containsExactly(Rows.row("name", "Grace", "id", 2L));
    }
  }

  @Test
  void scan_ofNoRows_isAWholeStreamAndNamesItsRevision() throws Exception {
    Iterator<ScanResponse> pieces =
        fixture.reads().scan(json("{database: 'crm', table: 'person'}", ScanRequest.newBuilder()));

    try (BufferAllocator allocator = new RootAllocator();
        ArrowStreamReader reader =
            new ArrowStreamReader(joined(pieces, fixture.head()).newInput(), allocator)) {
      assertThat(reader.getVectorSchemaRoot().getSchema().getFields()).hasSize(3);
      assertThat(reader.loadNextBatch()).isFalse();
    }
  }

  private static ByteString joined(Iterator<ScanResponse> pieces, long revision) {
    List<ByteString> parts = new ArrayList<>();
    while (pieces.hasNext()) {
      ScanResponse piece = pieces.next();
      assertThat(piece.getRevision()).isEqualTo(parts.isEmpty() ? revision : 0);
      parts.add(piece.getArrowIpc());
    }
    return ByteString.copyFrom(parts);
  }

  @Test
  void scan_asRowsOfNoRows_stillNamesItsRevision() {
    Iterator<ScanResponse> messages =
        fixture
            .reads()
            .scan(
                json(
                    "{database: 'crm', table: 'person', format: 'PAYLOAD_FORMAT_ROWS'}",
                    ScanRequest.newBuilder()));

    assertThat(messages.next().getRevision()).isEqualTo(fixture.head());
    assertThat(messages.hasNext()).isFalse();
  }

  @Test
  void read_atARevisionOrAStagedWrite_seesThatOnly() {
    long empty = fixture.head();
    fixture.write(
        write("{header: {database: 'crm', table: 'person', append: {}}, rows: [{id: 1}]}"));
    StagedWrite staged =
        fixture
            .stage(
                stage("{header: {database: 'crm', table: 'person', append: {}}, rows: [{id: 2}]}"))
            .getStagedWrite();

    assertThat(countAt("revision: " + empty)).isZero();
    assertThat(countAt("branch: 'main'")).isOne();
    assertThat(countAt("stagedWriteId: '" + staged.getId() + "'")).isEqualTo(2);
    assertThat(countAt("minRevision: " + fixture.head())).isOne();
  }

  private long countAt(String at) {
    return fixture
        .reads()
        .count(
            json("{database: 'crm', table: 'person', at: {" + at + "}}", CountRequest.newBuilder()))
        .getCount();
  }

  @Test
  void deleteAndUpdate_takeNoDataAndChangeRows() {
    fixture.write(
        write(
            "{header: {database: 'crm', table: 'person', append: {}},"
                + " rows: [{id: 1, age: 1}, {id: 2, age: 2}, {id: 3, age: 3}]}"));

    fixture.write(
        write("{header: {database: 'crm', table: 'person', delete: {filter: 'id = 1'}}}"));
    fixture.write(
        write(
            "{header: {database: 'crm', table: 'person',"
                + " update: {set: {age: '30'}, filter: 'age > 2'}}}"));

    assertThat(fixture.rows("person"))
        .containsExactlyInAnyOrder(
            row("{id: '2', name: null, age: '2'}"), row("{id: '3', name: null, age: '30'}"));
  }

  @Test
  void write_ofAPartialUpsert_keepsWhatItDoesNotName() {
    fixture.write(
        write(
            "{header: {database: 'crm', table: 'person', append: {}},"
                + " rows: [{id: 1, name: 'Ada', age: 36}]}"));

    fixture.write(
        write(
            "{header: {database: 'crm', table: 'person', upsert: {partial: true}},"
                + " rows: [{id: 1, age: 37}]}"));

    assertThat(fixture.rows("person")).containsExactly(row("{id: '1', name: 'Ada', age: '37'}"));
  }

  @Test
  void overwrite_withoutData_leavesNoRows() {
    fixture.write(
        write("{header: {database: 'crm', table: 'person', append: {}}, rows: [{id: 1}]}"));

    fixture.write(write("{header: {database: 'crm', table: 'person', overwrite: {}}}"));

    assertThat(fixture.count("person")).isZero();
  }

  @Test
  void tables_areCreatedRenamedListedAndDropped() {
    Table table =
        fixture
            .tables()
            .getTable(json("{database: 'crm', table: 'person'}", GetTableRequest.newBuilder()))
            .getTable();
    assertThat(table.getSchema().getFields(0).getType()).isEqualTo("int64");
    assertThat(table.getSchema().getFields(0).getNullable()).isFalse();
    assertThat(table.getSchema().getKeyColumnsList()).containsExactly("id");
    assertThat(table.getSchemaFingerprint()).isNotEmpty();

    fixture
        .tables()
        .renameTable(
            json(
                "{database: 'crm', table: 'person', newName: 'people'}",
                RenameTableRequest.newBuilder()));
    ListTablesResponse listed =
        fixture.tables().listTables(json("{database: 'crm'}", ListTablesRequest.newBuilder()));
    assertThat(listed.getTablesList()).extracting(Table::getName).containsExactly("people");
    assertThat(listed.getTables(0).getId()).isEqualTo(table.getId());

    fixture
        .tables()
        .dropTable(json("{database: 'crm', table: 'people'}", DropTableRequest.newBuilder()));
    assertThat(
            fixture
                .tables()
                .listTables(json("{database: 'crm'}", ListTablesRequest.newBuilder()))
                .getTablesCount())
        .isZero();
  }

  @Test
  void listTables_inPages_readsAllAtTheRevisionOfTheFirst() {
    for (String name : List.of("a", "b", "c")) {
      createTable(name);
    }
    ListTablesResponse first =
        fixture
            .tables()
            .listTables(json("{database: 'crm', pageSize: 2}", ListTablesRequest.newBuilder()));
    createTable("d");

    ListTablesResponse second =
        fixture
            .tables()
            .listTables(
                ListTablesRequest.newBuilder()
                    .setDatabase("crm")
                    .setPageSize(2)
                    .setPageToken(first.getNextPageToken())
                    .build());

    assertThat(first.getTablesList()).extracting(Table::getName).containsExactly("a", "b");
    assertThat(second.getTablesList()).extracting(Table::getName).containsExactly("c", "person");
    assertThat(second.getRevision()).isEqualTo(first.getRevision());
    assertThat(second.getNextPageToken()).isEmpty();
  }

  private void createTable(String name) {
    fixture
        .tables()
        .createTable(
            json(
                "{database: 'crm', table: '"
                    + name
                    + "', schema: {fields: [{name: 'x', type: 'utf8'}]}}",
                CreateTableRequest.newBuilder()));
  }

  @Test
  void listDatabases_inPages_givesEachOnce() {
    for (String name : List.of("a", "B", "z")) {
      fixture
          .databases()
          .createDatabase(CreateDatabaseRequest.newBuilder().setDatabase(name).build());
    }
    List<String> names = new ArrayList<>();
    String token = "";
    do {
      ListDatabasesResponse page =
          fixture
              .databases()
              .listDatabases(
                  ListDatabasesRequest.newBuilder().setPageSize(1).setPageToken(token).build());
      page.getDatabasesList().forEach(database -> names.add(database.getName()));
      token = page.getNextPageToken();
    } while (!token.isEmpty());

    assertThat(names).containsExactly("a", "B", "crm", "z");
  }

  @Test
  void listCommits_inPages_givesNewestFirst() {
    for (int i = 0; i < 5; i++) {
      fixture.write(
          write("{header: {database: 'crm', table: 'person', append: {}}, rows: [{id: 1}]}"));
    }
    List<Long> revisions = new ArrayList<>();
    String token = "";
    do {
      ListCommitsResponse page =
          fixture
              .commits()
              .listCommits(
                  ListCommitsRequest.newBuilder()
                      .setDatabase("crm")
                      .setTable("person")
                      .setPageSize(2)
                      .setPageToken(token)
                      .build());
      page.getCommitsList().forEach(commit -> revisions.add(commit.getRevision()));
      token = page.getNextPageToken();
    } while (!token.isEmpty());

    assertThat(revisions).hasSize(6).isSortedAccordingTo((a, b) -> Long.compare(b, a));
  }

  @Test
  void stagedWrites_areListedRenewedAndDiscarded() {
    for (String id : List.of("a", "b", "c")) {
      fixture.stage(
          stage(
              "{header: {database: 'crm', table: 'person', append: {}}, stagedWriteId: '"
                  + id
                  + "', rows: [{id: 1}]}"));
    }
    ListStagedWritesResponse first =
        fixture
            .staging()
            .listStagedWrites(
                json("{database: 'crm', pageSize: 2}", ListStagedWritesRequest.newBuilder()));
    ListStagedWritesResponse second =
        fixture
            .staging()
            .listStagedWrites(
                ListStagedWritesRequest.newBuilder()
                    .setDatabase("crm")
                    .setPageSize(2)
                    .setPageToken(first.getNextPageToken())
                    .build());
    assertThat(first.getStagedWritesList())
        .extracting(StagedWrite::getId)
        .containsExactly("a", "b");
    assertThat(second.getStagedWritesList()).extracting(StagedWrite::getId).containsExactly("c");

    StagedWrite found =
        fixture
            .staging()
            .getStagedWrite(
                json("{database: 'crm', stagedWriteId: 'a'}", GetStagedWriteRequest.newBuilder()))
            .getStagedWrite();
    StagedWrite renewed =
        fixture
            .staging()
            .renewStagedWrite(
                json("{database: 'crm', stagedWriteId: 'a'}", RenewStagedWriteRequest.newBuilder()))
            .getStagedWrite();
    assertThat(renewed.getRowsAdded()).isOne();
    assertThat(renewed.getCreateTime()).isEqualTo(found.getCreateTime());

    for (String id : List.of("a", "b", "c", "c")) {
      fixture
          .staging()
          .discardStagedWrite(
              json(
                  "{database: 'crm', stagedWriteId: '" + id + "'}",
                  DiscardStagedWriteRequest.newBuilder()));
    }
    fixture.assertNothingLeft(fixture.head(), 3);
  }

  @Test
  void dropDatabase_withForce_makesItsNameFree() {
    fixture
        .databases()
        .dropDatabase(DropDatabaseRequest.newBuilder().setDatabase("crm").setForce(true).build());

    fixture.withPerson();

    assertThat(fixture.count("person")).isZero();
  }

  @Test
  void commit_withValidateOnly_recordsNothing() {
    StagedWrite staged =
        fixture
            .stage(
                stage("{header: {database: 'crm', table: 'person', append: {}}, rows: [{id: 1}]}"))
            .getStagedWrite();
    long head = fixture.head();

    CommitResponse answer =
        fixture
            .commits()
            .commit(
                CommitRequest.newBuilder()
                    .setDatabase("crm")
                    .addStagedWriteIds(staged.getId())
                    .setValidateOnly(true)
                    .build());

    assertThat(answer.getRevision()).isZero();
    assertThat(fixture.head()).isEqualTo(head);
  }

  private static Struct row(String text) {
    return json(text, Struct.newBuilder());
  }
}
