package dev.slipway.storage.contract;

import static dev.slipway.storage.contract.BackendFixture.TABLE;
import static dev.slipway.storage.contract.BackendFixture.fails;
import static dev.slipway.storage.testkit.Columns.int32;
import static dev.slipway.storage.testkit.Columns.int64;
import static dev.slipway.storage.testkit.Columns.schema;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.storage.InlineResidual;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.predicate.Predicate.Comparison;
import dev.slipway.storage.testkit.EveryType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Making, listing, emptying and purging the physical homes of tables. */
abstract class HomesGroup extends ContractGroup {
  private InlineResidual residual() {
    return fixture.backend().inlineResidual();
  }

  @Test
  void createHome_newTable_givesEmptyVersion() {
    TableVersion version = fixture.create(EveryType.SCHEMA);

    assertThat(version.facts().rows()).isZero();
    assertThat(fixture.rows(version)).isEmpty();
    fixture.on(
        version,
        snapshot -> {
          assertThat(snapshot.schema().getFields()).isEqualTo(EveryType.SCHEMA.getFields());
          return null;
        });
  }

  @Test
  void createHome_again_givesSameVersion() {
    TableVersion first = fixture.create(PEOPLE);
    fixture.append(first, people(0, 3));

    TableVersion again = fixture.create(PEOPLE);

    assertThat(again.ref()).isEqualTo(first.ref());
    assertThat(again.facts()).isEqualTo(first.facts());
    assertThat(fixture.rows(again)).isEmpty();
  }

  @Test
  void createHome_otherSchema_isRefused() {
    fixture.create(PEOPLE);

    fails(StorageErrorCode.SCHEMA_MISMATCH, () -> fixture.create(schema(int64("id"))));
  }

  @Test
  void createHome_unsupportedSchema_isRefusedAndLeavesNothing() {
    fails(StorageErrorCode.SCHEMA_MISMATCH, () -> fixture.create(schema()));

    assertThat(residual().homes(TABLE.database())).isEmpty();
  }

  @Test
  void createHome_afterReopenedElsewhere_isIndependent() {
    fixture.create(PEOPLE);

    try (var other = fixture.another("elsewhere")) {
      assertThat(other.inlineResidual().homes(TABLE.database())).isEmpty();
    }
  }

  @Test
  void homes_severalDatabases_listsOnlyTheAskedOne() {
    fixture.create(new TableId("db-1", "b"), PEOPLE);
    fixture.create(new TableId("db-1", "a"), PEOPLE);
    fixture.create(new TableId("db-2", "c"), schema(int32("x")));

    assertThat(residual().homes("db-1")).containsExactlyInAnyOrder("a", "b");
    assertThat(residual().homes("db-2")).containsExactly("c");
    assertThat(residual().homes("db-3")).isEmpty();
  }

  @Test
  void purgeHome_withData_removesEverything() {
    TableVersion version = fixture.create(PEOPLE, people(0, 10));

    residual().purgeHome(TABLE);

    assertThat(residual().homes(TABLE.database())).isEmpty();
    fails(StorageErrorCode.TABLE_NOT_FOUND, () -> fixture.open(version));
    fails(StorageErrorCode.TABLE_NOT_FOUND, () -> residual().listFiles(TABLE));
  }

  @Test
  void purgeHome_again_isFine() {
    fixture.create(PEOPLE);

    residual().purgeHome(TABLE);
    residual().purgeHome(TABLE);
    residual().purgeHome(new TableId("db-9", "never"));
  }

  @Test
  void createHome_afterPurge_beginsAnew() {
    TableVersion before = fixture.create(PEOPLE, people(0, 10));
    residual().purgeHome(TABLE);

    TableVersion after = fixture.create(schema(int64("other")));

    assertThat(fixture.rows(after)).isEmpty();
    fails(StorageErrorCode.VERSION_NOT_FOUND, () -> fixture.open(before));
  }

  @Test
  void listFiles_versionsAndStagedWrites_namesTheirFiles() {
    TableVersion first = fixture.create(PEOPLE, people(0, 10));
    TableVersion second = fixture.append(first, people(10, 20));
    StagedWrite staged = fixture.stageAppend(second, people(20, 30));

    Set<String> firstFiles = fixture.on(first, fixture.tables()::files);
    Set<String> secondFiles = fixture.on(second, fixture.tables()::files);
    Set<String> stagedFiles = fixture.tables().files(staged);

    assertThat(residual().listFiles(TABLE))
        .doesNotHaveDuplicates()
        .containsAll(firstFiles)
        .containsAll(secondFiles)
        .containsAll(stagedFiles);
    assertThat(stagedFiles).isNotEmpty().doesNotContainAnyElementsOf(secondFiles);
    assertThat(secondFiles).isNotEqualTo(firstFiles);
  }

  @Test
  void fileSizes_ofAHome_areThoseItsVersionsHaveRecorded() {
    TableVersion first = fixture.create(PEOPLE, people(0, 10));
    TableVersion second = fixture.append(first, people(10, 20));
    TableVersion third =
        fixture.tables().commit(fixture.stageDelete(second, idIs(Comparison.EQUAL, 3)));

    Map<String, Long> sizes = residual().fileSizes(TABLE);

    assertThat(sizes.keySet()).containsExactlyInAnyOrderElementsOf(residual().listFiles(TABLE));
    assertThat(sizes.values()).allSatisfy(size -> assertThat(size).isPositive());
    assertThat(fixture.on(third, fixture.tables()::recordedSizes).keySet()).isNotEmpty();
    for (TableVersion version : List.of(first, second, third)) {
      Map<String, Long> recorded = fixture.on(version, fixture.tables()::recordedSizes);
      assertThat(sizes).containsAllEntriesOf(recorded);
      Set<String> files = fixture.on(version, fixture.tables()::files);
      assertThat(files).containsAll(recorded.keySet());
    }
    StagedWrite staged = fixture.stageAppend(third, people(20, 30));
    Map<String, Long> recorded = fixture.tables().recordedSizes(staged);
    assertThat(recorded.keySet()).isEqualTo(fixture.tables().files(staged));
    assertThat(residual().fileSizes(TABLE)).containsAllEntriesOf(recorded);
    fails(
        StorageErrorCode.TABLE_NOT_FOUND, () -> residual().fileSizes(new TableId("db-9", "never")));
  }

  @Test
  void deleteFiles_ofStagedWrite_leavesVersionsWhole() {
    TableVersion version = fixture.create(PEOPLE, people(0, 10));
    StagedWrite staged = fixture.stageAppend(version, people(10, 20));
    Set<String> files = fixture.tables().files(staged);

    residual().deleteFiles(TABLE, files);

    assertThat(residual().listFiles(TABLE)).doesNotContainAnyElementsOf(files);
    assertThat(fixture.rows(version)).isEqualTo(people(0, 10));
    TableVersion later = fixture.append(version, people(5, 6));
    fails(StorageErrorCode.MISSING_FILE, () -> fixture.rebased(staged, later));
  }

  @Test
  void deleteFiles_alreadyGone_isFine() {
    fixture.create(PEOPLE);

    residual().deleteFiles(TABLE, List.of("data/never"));
    residual().deleteFiles(TABLE, List.of());
  }

  @Test
  void deleteFiles_ofVersion_makesReadingItFail() {
    TableVersion first = fixture.create(PEOPLE, people(0, 10));
    TableVersion second = fixture.append(first, people(10, 20));
    Set<String> shared = fixture.on(first, fixture.tables()::files);
    Set<String> own = fixture.on(second, fixture.tables()::files);

    List<String> doomed = own.stream().filter(file -> !shared.contains(file)).toList();
    List<String> data = doomed.stream().filter(file -> !file.contains("_")).toList();
    residual().deleteFiles(TABLE, data);

    fails(StorageErrorCode.MISSING_FILE, () -> fixture.rows(second));
    assertThat(fixture.rows(first)).isEqualTo(people(0, 10));

    residual().deleteFiles(TABLE, doomed);
    assertThat(fixture.opens(TABLE, second.ref())).isFalse();
    assertThat(fixture.rows(first)).isEqualTo(people(0, 10));
  }
}
