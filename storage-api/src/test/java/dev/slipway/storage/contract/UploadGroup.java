package dev.slipway.storage.contract;

import static dev.slipway.storage.contract.BackendFixture.TABLE;
import static dev.slipway.storage.contract.BackendFixture.fails;
import static dev.slipway.storage.testkit.Columns.float32;
import static dev.slipway.storage.testkit.Columns.int32;
import static dev.slipway.storage.testkit.Columns.int64;
import static dev.slipway.storage.testkit.Columns.list;
import static dev.slipway.storage.testkit.Columns.required;
import static dev.slipway.storage.testkit.Columns.schema;
import static dev.slipway.storage.testkit.Columns.struct;
import static dev.slipway.storage.testkit.Columns.utf8;
import static dev.slipway.storage.testkit.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.testkit.BatchReader;
import dev.slipway.storage.testkit.Rows;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What may be uploaded, and that a refused upload leaves nothing. */
abstract class UploadGroup extends ContractGroup {
  private StorageException refused(
      StorageErrorCode code,
      TableVersion base,
      Schema given,
      List<Map<String, @Nullable Object>> rows) {
    return refused(code, base, fixture.reader(given, rows));
  }

  private StorageException refused(StorageErrorCode code, TableVersion base, ArrowReader upload) {
    List<String> before = fixture.backend().inlineResidual().listFiles(TABLE);
    StorageException failure =
        fails(code, () -> fixture.on(base, s -> fixture.tables().stageAppend(s, upload)));
    BackendFixture.close(upload);
    assertThat(fixture.backend().inlineResidual().listFiles(TABLE))
        .containsExactlyInAnyOrderElementsOf(before);
    return failure;
  }

  private TableVersion appended(
      TableVersion base, Schema given, List<Map<String, @Nullable Object>> rows) {
    return fixture.on(
        base,
        s ->
            fixture.reading(
                given,
                rows,
                reader -> fixture.tables().commit(fixture.tables().stageAppend(s, reader))));
  }

  @Test
  void stage_columnsInAnotherOrder_areMatchedByName() {
    TableVersion base = fixture.create(PEOPLE);
    Schema given = schema(PEOPLE.findField("score"), int64("id"), utf8("name"));

    TableVersion version = appended(base, given, people(0, 3));

    assertThat(fixture.rows(version)).isEqualTo(people(0, 3));
  }

  @Test
  void stage_nullableColumnMissing_becomesNull() {
    TableVersion base = fixture.create(PEOPLE);

    TableVersion version = appended(base, schema(int64("id")), people(0, 2));

    assertThat(fixture.rows(version)).containsExactly(person(0, null, null), person(1, null, null));
  }

  @Test
  void stage_requiredColumnMissing_isRefused() {
    StorageException failure =
        refused(
            StorageErrorCode.SCHEMA_MISMATCH,
            fixture.create(PEOPLE),
            schema(utf8("name")),
            people(0, 2));

    assertThat(failure).hasMessageContaining("'id'").hasMessageContaining("required");
  }

  @Test
  void stage_unknownColumn_isRefused() {
    StorageException failure =
        refused(
            StorageErrorCode.SCHEMA_MISMATCH,
            fixture.create(PEOPLE),
            schema(int64("id"), utf8("Name")),
            people(0, 2));

    assertThat(failure).hasMessageContaining("'Name'");
  }

  @Test
  void stage_otherType_isRefused() {
    StorageException failure =
        refused(
            StorageErrorCode.SCHEMA_MISMATCH,
            fixture.create(PEOPLE),
            schema(int32("id")),
            people(0, 2));

    assertThat(failure).hasMessageContaining("'id'").hasMessageContaining("32");
  }

  @Test
  void stage_columnTwice_isRefused() {
    TableVersion base = fixture.create(PEOPLE);
    Schema given = schema(int64("id"), int64("id"));

    refused(
        StorageErrorCode.SCHEMA_MISMATCH,
        base,
        new BatchReader(fixture.allocator(), given, 0, (root, batch) -> {}));
  }

  @Test
  void stage_nullInRequiredColumn_isRefusedWithItsRow() {
    TableVersion base = fixture.create(PEOPLE);
    Schema given = schema(int64("id"));
    ArrowReader upload =
        Rows.reader(
            fixture.allocator(),
            given,
            List.of(row("id", 1L), row("id", 2L), row("id", 3L), row("id", null)),
            2);

    StorageException failure = refused(StorageErrorCode.ROW_INVALID, base, upload);

    assertThat(failure).hasMessageContaining("row 3").hasMessageContaining("'id'");
  }

  @Test
  void stage_nullInRequiredNestedField_isRefused() {
    Schema table =
        schema(int64("id"), list("tags", struct("item", required(int64("n")), utf8("t"))));
    TableVersion base = fixture.create(table);
    Schema given = schema(int64("id"), list("tags", struct("element", int64("n"), utf8("t"))));

    TableVersion version =
        appended(
            base,
            given,
            List.of(row("id", 1L, "tags", List.of(row("n", 5L, "t", null))), row("id", 2L)));
    assertThat(fixture.rows(version)).hasSize(2);

    StorageException failure =
        refused(
            StorageErrorCode.ROW_INVALID,
            base,
            given,
            List.of(
                row("id", 1L, "tags", List.of()),
                row("id", 2L, "tags", List.of(row("n", 5L), row("n", null, "t", "x")))));
    assertThat(failure).hasMessageContaining("row 1").hasMessageContaining("'tags'");
  }

  @Test
  void stage_invalidUtf8_isRefused() {
    TableVersion base = fixture.create(PEOPLE);
    ArrowReader upload =
        new BatchReader(
            fixture.allocator(),
            schema(int64("id"), utf8("name")),
            1,
            (root, batch) -> {
              fill(root, people(0, 3));
              VarCharVector names = (VarCharVector) root.getVector("name");
              names.getDataBuffer().setByte(names.getStartOffset(1), 0xC3);
            });

    assertThat(refused(StorageErrorCode.PAYLOAD_INVALID, base, upload))
        .hasMessageContaining("'name'");
  }

  @Test
  void stage_corruptOffset_isRefused() {
    TableVersion base = fixture.create(PEOPLE);
    for (int wrong : new int[] {-1, 1_000_000, Integer.MAX_VALUE, 0}) {
      ArrowReader upload =
          new BatchReader(
              fixture.allocator(),
              schema(int64("id"), utf8("name")),
              1,
              (root, batch) -> {
                fill(root, people(0, 3));
                root.getVector("name").getOffsetBuffer().setInt(8, wrong);
              });

      refused(StorageErrorCode.PAYLOAD_INVALID, base, upload);
    }
  }

  @Test
  void stage_sourceFailsOnTheWay_itsExceptionPasses() {
    TableVersion base = fixture.create(PEOPLE);
    StorageException cancelled =
        new StorageException(StorageErrorCode.CANCELLED, "gone away", null);

    StorageException failure =
        refused(
            StorageErrorCode.CANCELLED,
            base,
            new BatchReader(
                fixture.allocator(),
                PEOPLE,
                3,
                (root, batch) -> {
                  if (batch == 2) {
                    throw cancelled;
                  }
                  fill(root, people(batch, batch + 1));
                }));

    assertThat(failure).isSameAs(cancelled);
  }

  @Test
  void stage_sourceFailsWithIoException_isInvalidPayload() {
    TableVersion base = fixture.create(PEOPLE);

    refused(
        StorageErrorCode.PAYLOAD_INVALID,
        base,
        new BatchReader(
            fixture.allocator(),
            PEOPLE,
            1,
            (root, batch) -> {
              throw new IOException("truncated");
            }));
  }

  @Test
  void stage_sourceOfAnotherRootAllocator_isCopied() throws Exception {
    TableVersion base = fixture.create(PEOPLE);
    try (RootAllocator other = new RootAllocator();
        ArrowReader upload = Rows.reader(other, PEOPLE, people(0, 20), 7)) {
      TableVersion version =
          fixture.on(base, s -> fixture.tables().commit(fixture.tables().stageAppend(s, upload)));
      assertThat(fixture.rows(version)).isEqualTo(people(0, 20));
    }
  }

  @Test
  void stage_anySource_leavesItOpen() throws Exception {
    TableVersion base = fixture.create(PEOPLE);
    try (BatchReader upload =
        new BatchReader(
            fixture.allocator(),
            PEOPLE,
            3,
            (root, batch) -> fill(root, people(batch, batch + 1)))) {
      fixture.on(base, s -> fixture.tables().stageAppend(s, upload));

      assertThat(upload.isClosed()).isFalse();
      assertThat(upload.batchesRead()).isEqualTo(3);
    }
  }

  @Test
  void stage_closedSnapshot_readsNothing() throws Exception {
    TableVersion base = fixture.create(PEOPLE);
    var snapshot = fixture.open(base);
    snapshot.close();
    try (BatchReader upload =
        new BatchReader(fixture.allocator(), PEOPLE, 1, (root, batch) -> {})) {
      assertThatThrownBy(() -> fixture.tables().stageAppend(snapshot, upload))
          .isInstanceOf(StorageException.class);
      assertThat(upload.batchesRead()).isZero();
    }
  }

  @Test
  void stage_wrongListElement_isRefused() {
    TableVersion base = fixture.create(schema(list("v", float32("item"))));

    refused(
        StorageErrorCode.SCHEMA_MISMATCH,
        base,
        schema(list("v", int32("item"))),
        List.of(row("v", List.of(1L))));
  }

  static void fill(VectorSchemaRoot root, List<Map<String, @Nullable Object>> rows) {
    Rows.fill(root, rows);
  }
}
