package dev.slipway.storage.contract;

import static dev.slipway.storage.contract.BackendFixture.TABLE;
import static dev.slipway.storage.contract.BackendFixture.fails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.storage.Cancellation;
import dev.slipway.storage.ScanRequest;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableSnapshot;
import dev.slipway.storage.TableStorage;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.VersionRef;
import dev.slipway.storage.testkit.Rows;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.junit.jupiter.api.Test;

/** Opening versions, and what handles are good for. */
abstract class OpenGroup extends ContractGroup {
  @Test
  void open_unknownTable_isNotFound() {
    fails(
        StorageErrorCode.TABLE_NOT_FOUND,
        () -> fixture.tables().open(new TableId("db-1", "nothing"), new VersionRef(1, "x")));
  }

  @Test
  void open_unknownVersion_isNotFound() {
    TableVersion version = fixture.create(PEOPLE);

    fails(
        StorageErrorCode.VERSION_NOT_FOUND,
        () -> fixture.tables().open(TABLE, new VersionRef(-4711, version.ref().transactionId())));
  }

  @Test
  void open_versionByAnotherTransaction_isNotFound() {
    TableVersion version = fixture.create(PEOPLE, people(0, 1));

    fails(
        StorageErrorCode.VERSION_NOT_FOUND,
        () ->
            fixture
                .tables()
                .open(
                    TABLE,
                    new VersionRef(
                        version.ref().storageVersion(), "00000000-0000-4000-8000-000000000000")));
  }

  @Test
  void open_manyTimes_snapshotsAreIndependent() {
    TableVersion version = fixture.create(PEOPLE, people(0, 5));

    TableSnapshot first = fixture.open(version);
    TableSnapshot second = fixture.open(version);
    first.close();
    first.close();

    assertThat(Rows.read(fixture.tables().scan(second, ScanRequest.ALL))).isEqualTo(people(0, 5));
    second.close();
  }

  @Test
  void snapshot_closed_isRefused() {
    TableVersion version = fixture.create(PEOPLE, people(0, 5));
    TableSnapshot snapshot = fixture.open(version);
    snapshot.close();

    TableStorage tables = fixture.tables();
    fails(StorageErrorCode.INVALID_ARGUMENT, () -> tables.scan(snapshot, ScanRequest.ALL));
    fails(
        StorageErrorCode.INVALID_ARGUMENT,
        () -> tables.count(snapshot, Optional.empty(), Cancellation.NONE));
    fails(StorageErrorCode.INVALID_ARGUMENT, () -> tables.describe(snapshot));
    fails(StorageErrorCode.INVALID_ARGUMENT, () -> tables.files(snapshot));
  }

  @Test
  void handles_ofAnotherBackend_areRefused() {
    TableVersion mine = fixture.create(PEOPLE, people(0, 1));
    StagedWrite staged = fixture.stageAppend(mine, people(1, 2));

    try (StorageBackend other = fixture.another("other");
        TableSnapshot snapshot = fixture.open(mine)) {
      TableStorage others = other.tables();
      fails(StorageErrorCode.INVALID_ARGUMENT, () -> others.scan(snapshot, ScanRequest.ALL));
      fails(StorageErrorCode.INVALID_ARGUMENT, () -> others.commit(staged));
      fails(
          StorageErrorCode.INVALID_ARGUMENT,
          () -> others.rebase(staged, snapshot, Cancellation.NONE));
      fails(StorageErrorCode.INVALID_ARGUMENT, () -> others.toToken(staged));
      fails(StorageErrorCode.INVALID_ARGUMENT, () -> others.files(staged));
      fails(StorageErrorCode.INVALID_ARGUMENT, () -> others.force(List.of(mine)));
      fails(StorageErrorCode.INVALID_ARGUMENT, () -> others.forceStaged(List.of(staged)));
    }
  }

  @Test
  void calls_afterClose_areRefused() {
    TableVersion version = fixture.create(PEOPLE, people(0, 1));
    StagedWrite staged = fixture.stageAppend(version, people(1, 2));
    byte[] token = fixture.tables().toToken(staged);
    StorageBackend backend = fixture.backend();

    backend.close();
    backend.close();

    fails(StorageErrorCode.CLOSED, () -> fixture.open(version));
    fails(StorageErrorCode.CLOSED, () -> backend.tables().commit(staged));
    fails(StorageErrorCode.CLOSED, () -> backend.tables().fromToken(token));
    fails(StorageErrorCode.CLOSED, () -> backend.inlineResidual().homes("db-1"));
    fails(StorageErrorCode.CLOSED, () -> fixture.create(PEOPLE));
    fails(StorageErrorCode.CLOSED, () -> backend.metadata().get("a/b"));
  }

  @Test
  void describe_version_saysWhatItHolds() {
    TableVersion empty = fixture.create(PEOPLE);
    TableVersion version = fixture.append(fixture.append(empty, people(0, 5)), people(5, 7));

    var description = fixture.on(version, fixture.tables()::describe);

    assertThat(description.rows()).isEqualTo(7);
    assertThat(description.fragments()).isEqualTo(2);
    assertThat(description.bytes()).isPositive().isEqualTo(version.facts().bytes());
    assertThat(description.schema().getFields()).isEqualTo(PEOPLE.getFields());
    assertThat(fixture.on(empty, fixture.tables()::describe).rows()).isZero();
  }

  @Test
  void reader_closedBeforeItsEnd_releasesEverything() throws Exception {
    TableVersion version = fixture.create(PEOPLE, people(0, 100));

    try (TableSnapshot snapshot = fixture.open(version);
        ArrowReader reader = fixture.tables().scan(snapshot, ScanRequest.ALL.withBatchRows(10))) {
      assertThat(reader.loadNextBatch()).isTrue();
      assertThat(reader.getVectorSchemaRoot().getRowCount()).isEqualTo(10);
    }
    try (TableSnapshot snapshot = fixture.open(version)) {
      fixture.tables().scan(snapshot, ScanRequest.ALL).close();
    }
  }
}
