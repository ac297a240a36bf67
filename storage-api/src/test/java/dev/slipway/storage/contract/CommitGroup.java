package dev.slipway.storage.contract;

import static dev.slipway.storage.contract.BackendFixture.TABLE;
import static dev.slipway.storage.contract.BackendFixture.fails;
import static dev.slipway.storage.testkit.Columns.int64;
import static dev.slipway.storage.testkit.Columns.schema;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.storage.Cancellation;
import dev.slipway.storage.Rebase;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.VersionRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Making versions, moving staged writes, tokens. */
abstract class CommitGroup extends ContractGroup {
  @Test
  void commit_again_makesOneMoreVersionWithTheSameRows() {
    TableVersion base = fixture.create(PEOPLE, people(0, 2));
    StagedWrite staged = fixture.stageAppend(base, people(2, 4));

    TableVersion first = fixture.tables().commit(staged);
    TableVersion second = fixture.tables().commit(staged);

    assertThat(second.ref()).isNotEqualTo(first.ref());
    assertThat(second.ref().storageVersion()).isNotEqualTo(first.ref().storageVersion());
    assertThat(fixture.rows(first)).isEqualTo(people(0, 4));
    assertThat(fixture.rows(second)).isEqualTo(people(0, 4));
  }

  @Test
  void commit_siblingsOfOneBase_doNotSeeEachOther() {
    TableVersion base = fixture.create(PEOPLE, people(0, 2));

    TableVersion left = fixture.append(base, people(2, 3));
    TableVersion right = fixture.append(base, people(3, 5));
    TableVersion below = fixture.append(left, people(9, 10));

    assertThat(fixture.rows(base)).isEqualTo(people(0, 2));
    assertThat(fixture.rows(left)).isEqualTo(people(0, 3));
    assertThat(fixture.rows(right))
        .containsExactly(
            people(0, 1).get(0), people(1, 2).get(0), people(3, 4).get(0), people(4, 5).get(0));
    assertThat(fixture.rows(below)).hasSize(4).endsWith(people(9, 10).get(0));
  }

  @Test
  void commit_unknownBase_isRefused() {
    TableVersion base = fixture.create(PEOPLE, people(0, 2));
    StagedWrite staged = fixture.stageAppend(base, people(2, 4));
    Set<String> own = new HashSet<>(fixture.on(base, fixture.tables()::files));
    own.removeAll(fixture.on(fixture.create(PEOPLE), fixture.tables()::files));

    fixture.backend().inlineResidual().deleteFiles(TABLE, own);

    fails(StorageErrorCode.VERSION_NOT_FOUND, () -> fixture.tables().commit(staged));
  }

  @Test
  void commit_manyThreadsOnOneBase_allSucceed() throws Exception {
    TableVersion base = fixture.create(PEOPLE, people(0, 10));
    int threads = 8;
    int commits = 10;
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      CountDownLatch start = new CountDownLatch(1);
      List<Future<List<TableVersion>>> futures = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        long id = 100L + t;
        Callable<List<TableVersion>> work =
            () -> {
              start.await();
              List<TableVersion> made = new ArrayList<>();
              for (int i = 0; i < commits; i++) {
                made.add(fixture.append(base, people(id, id + 1)));
              }
              return made;
            };
        futures.add(executor.submit(work));
      }
      start.countDown();
      Set<VersionRef> refs = new HashSet<>();
      for (int t = 0; t < threads; t++) {
        for (TableVersion version : futures.get(t).get()) {
          refs.add(version.ref());
          assertThat(fixture.rows(version)).hasSize(11).endsWith(people(100L + t, 101L + t).get(0));
        }
      }
      assertThat(refs).hasSize(threads * commits);
      assertThat(fixture.rows(base)).isEqualTo(people(0, 10));
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void rebase_append_isMovedAsItIs() {
    TableVersion base = fixture.create(PEOPLE, people(0, 2));
    StagedWrite staged = fixture.stageAppend(base, people(9, 10));
    TableVersion other = fixture.append(base, people(2, 4));

    StagedWrite moved = fixture.rebased(staged, other);

    assertThat(moved.base()).isEqualTo(other.ref());
    assertThat(moved.facts().rowsAdded()).isEqualTo(1);
    assertThat(fixture.tables().files(moved)).isEqualTo(fixture.tables().files(staged));
    assertThat(fixture.rows(fixture.tables().commit(moved)))
        .hasSize(5)
        .startsWith(people(0, 4).get(0))
        .endsWith(people(9, 10).get(0));
    assertThat(fixture.rows(fixture.tables().commit(staged))).hasSize(3);
  }

  @Test
  void rebase_overwrite_replacesTheNewBasesRows() {
    TableVersion base = fixture.create(PEOPLE, people(0, 2));
    StagedWrite staged = fixture.stageOverwrite(base, people(9, 10));
    TableVersion other = fixture.append(base, people(2, 4));

    TableVersion version = fixture.tables().commit(fixture.rebased(staged, other));

    assertThat(fixture.rows(version)).isEqualTo(people(9, 10));
    assertThat(version.facts().rowsRemoved()).isEqualTo(4);
  }

  @Test
  void rebase_sameBase_changesNothing() {
    TableVersion base = fixture.create(PEOPLE, people(0, 2));
    StagedWrite staged = fixture.stageAppend(base, people(9, 10));

    assertThat(fixture.rebased(staged, base)).isSameAs(staged);
  }

  @Test
  void rebase_anotherTable_isRefused() {
    TableVersion base = fixture.create(PEOPLE, people(0, 2));
    StagedWrite staged = fixture.stageAppend(base, people(9, 10));
    TableVersion other = fixture.create(new TableId("db-1", "other"), PEOPLE);

    fails(
        StorageErrorCode.INVALID_ARGUMENT,
        () -> fixture.on(other, s -> fixture.tables().rebase(staged, s, Cancellation.NONE)));
  }

  @Test
  void rebase_manyTimes_keepsTheRows() {
    TableVersion version = fixture.create(PEOPLE);
    StagedWrite staged = fixture.stageAppend(version, people(100, 101));
    for (long i = 0; i < 5; i++) {
      version = fixture.append(version, people(i, i + 1));
      staged = fixture.rebased(staged, version);
    }

    assertThat(fixture.rows(fixture.tables().commit(staged)))
        .hasSize(6)
        .endsWith(people(100, 101).get(0));
  }

  @Test
  void token_roundTrip_givesAnEqualWrite() {
    TableVersion base = fixture.create(PEOPLE, people(0, 2));
    StagedWrite staged = fixture.stageAppend(base, people(2, 4));

    byte[] token = fixture.tables().toToken(staged);
    StagedWrite read = fixture.tables().fromToken(token);

    assertThat(read.table()).isEqualTo(staged.table());
    assertThat(read.kind()).isEqualTo(staged.kind());
    assertThat(read.base()).isEqualTo(staged.base());
    assertThat(read.facts()).isEqualTo(staged.facts());
    assertThat(fixture.tables().files(read)).isEqualTo(fixture.tables().files(staged));
    assertThat(fixture.tables().toToken(read)).isEqualTo(token);
    assertThat(fixture.rows(fixture.tables().commit(read))).isEqualTo(people(0, 4));
  }

  @Test
  void token_damaged_isRefused() {
    TableVersion base = fixture.create(PEOPLE, people(0, 2));
    byte[] token = fixture.tables().toToken(fixture.stageAppend(base, people(2, 4)));

    fails(StorageErrorCode.TOKEN_INVALID, () -> fixture.tables().fromToken(new byte[0]));
    for (int length = 1; length < token.length; length += 3) {
      byte[] cut = Arrays.copyOf(token, length);
      fails(StorageErrorCode.TOKEN_INVALID, () -> fixture.tables().fromToken(cut));
    }
    byte[] future = token.clone();
    future[0] = 99;
    fails(StorageErrorCode.TOKEN_INVALID, () -> fixture.tables().fromToken(future));
    fails(
        StorageErrorCode.TOKEN_INVALID,
        () -> fixture.tables().fromToken(Arrays.copyOf(token, token.length + 1)));
  }

  @Test
  void forceStaged_beforeAndAfterTheCommit_changesNothing() {
    TableVersion base = fixture.create(PEOPLE, people(0, 2));
    StagedWrite one = fixture.stageAppend(base, people(2, 4));
    StagedWrite other = fixture.stageAppend(base, people(4, 5));

    fixture.tables().forceStaged(List.of());
    fixture.tables().forceStaged(List.of(one, other));
    TableVersion version = fixture.tables().commit(one);
    fixture.tables().forceStaged(List.of(one));

    assertThat(fixture.rows(version)).isEqualTo(people(0, 4));
    assertThat(fixture.rows(base)).isEqualTo(people(0, 2));
  }

  @Test
  void force_versions_leavesThemReadable() {
    TableVersion first = fixture.create(PEOPLE, people(0, 2));
    TableVersion second = fixture.append(first, people(2, 4));
    TableVersion other =
        fixture.append(fixture.create(new TableId("db-2", "x"), schema(int64("id"))), people(0, 1));

    fixture.tables().force(List.of());
    fixture.tables().force(List.of(first, second, other));
    fixture.tables().force(List.of(second));

    assertThat(fixture.rows(second)).isEqualTo(people(0, 4));
  }

  @Test
  void versions_deepChain_allStayReadable() {
    List<TableVersion> versions = new ArrayList<>();
    versions.add(fixture.create(PEOPLE));
    for (int i = 0; i < 30; i++) {
      versions.add(fixture.append(versions.get(i), people(i, i + 1)));
    }

    for (int i = 0; i < versions.size(); i++) {
      assertThat(fixture.rows(versions.get(i))).isEqualTo(people(0, i));
    }
  }

  @Test
  void rebase_ofAppend_isNotRefused() {
    TableVersion base = fixture.create(PEOPLE, people(0, 2));
    StagedWrite staged = fixture.stageAppend(base, people(2, 3));
    TableVersion other = fixture.append(base, people(5, 6));

    Rebase rebase = fixture.on(other, s -> fixture.tables().rebase(staged, s, Cancellation.NONE));

    assertThat(rebase.<Boolean>fold(moved -> true, refused -> false)).isTrue();
  }
}
