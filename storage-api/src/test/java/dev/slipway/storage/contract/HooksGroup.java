package dev.slipway.storage.contract;

import static dev.slipway.storage.contract.BackendFixture.TABLE;
import static dev.slipway.storage.contract.BackendFixture.fails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageOperation;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableVersion;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What hooks see, and what failing in one does. */
abstract class HooksGroup extends ContractGroup {
  private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
  private String failAt = "";

  @Override
  StorageHooks hooks() {
    return new StorageHooks() {
      @Override
      public void before(StorageOperation operation, TableId table) {
        note("before " + operation);
      }

      @Override
      public void after(StorageOperation operation, TableId table) {
        note("after " + operation);
      }

      @Override
      public void failed(StorageOperation operation, TableId table, RuntimeException failure) {
        note("failed " + operation);
      }
    };
  }

  private void note(String event) {
    seen.add(event);
    if (event.equals(failAt)) {
      throw new StorageException(StorageErrorCode.UNAVAILABLE, "injected", null);
    }
  }

  @Test
  void operations_inOrder_areSeenBeforeAndAfter() {
    TableVersion base = fixture.create(PEOPLE);
    seen.clear();

    TableVersion version = fixture.append(base, people(0, 1));
    fixture.tables().force(List.of(version));

    assertThat(seen)
        .containsExactly(
            "before OPEN",
            "after OPEN",
            "before STAGE_APPEND",
            "after STAGE_APPEND",
            "before COMMIT",
            "after COMMIT",
            "before FORCE",
            "after FORCE");
  }

  @Test
  void operation_fails_isSeenAsFailed() {
    fixture.create(PEOPLE);
    seen.clear();

    fails(
        StorageErrorCode.VERSION_NOT_FOUND,
        () -> fixture.tables().open(TABLE, new dev.slipway.storage.VersionRef(-5, "none")));

    assertThat(seen).containsExactly("before OPEN", "failed OPEN");
  }

  @Test
  void failureBefore_commit_makesNothing() {
    TableVersion base = fixture.create(PEOPLE);
    StagedWrite staged = fixture.stageAppend(base, people(0, 1));
    List<String> files = fixture.backend().inlineResidual().listFiles(TABLE);
    failAt = "before COMMIT";

    fails(StorageErrorCode.UNAVAILABLE, () -> fixture.tables().commit(staged));

    assertThat(fixture.backend().inlineResidual().listFiles(TABLE)).isEqualTo(files);
  }

  @Test
  void failureAfter_open_leaksNothing() {
    TableVersion base = fixture.create(PEOPLE, people(0, 5));
    failAt = "after OPEN";

    fails(StorageErrorCode.UNAVAILABLE, () -> fixture.open(base));

    failAt = "";
    assertThat(fixture.rows(base)).isEqualTo(people(0, 5));
  }

  @Test
  void failureAfter_scan_leaksNothing() {
    TableVersion base = fixture.create(PEOPLE, people(0, 5));
    failAt = "after SCAN";

    fails(StorageErrorCode.UNAVAILABLE, () -> fixture.rows(base));
  }

  @Test
  void failureAfter_commit_leavesAnInvisibleVersion() {
    TableVersion base = fixture.create(PEOPLE);
    StagedWrite staged = fixture.stageAppend(base, people(0, 1));
    failAt = "after COMMIT";
    fails(StorageErrorCode.UNAVAILABLE, () -> fixture.tables().commit(staged));
    failAt = "";

    assertThat(fixture.rows(base)).isEmpty();
    assertThat(fixture.rows(fixture.tables().commit(staged))).isEqualTo(people(0, 1));
  }
}
