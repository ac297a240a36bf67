package dev.slipway.storage.lance;

import static dev.slipway.storage.testkit.Columns.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.storage.VersionRef;
import dev.slipway.storage.testkit.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lance.Dataset;
import org.lance.Fragment;
import org.lance.FragmentMetadata;
import org.lance.Transaction;
import org.lance.fragment.DataFile;
import org.lance.ipc.ScanOptions;
import org.lance.operation.Append;
import org.lance.operation.Delete;
import org.lance.operation.Overwrite;
import org.lance.operation.Update;

/**
 * What the backend relies on and Lance doesn't promise: one test a fact, so that a release of Lance
 * that changes one is found here and not in somebody's data.
 */
class SurfaceGuardTest {
  private static final Schema SCHEMA = schema(int64("id"), utf8("name"));

  @TempDir Path root;
  private RawDataset raw;

  @BeforeEach
  void create() {
    raw = new RawDataset(root.resolve("t"), SCHEMA);
  }

  @AfterEach
  void close() {
    raw.close();
  }

  // ---- detached versions

  @Test
  void detachedCommit_leavesTheHeadWhereItWas() {
    Dataset version = raw.append(raw.genesis(), rows(0, 3));

    assertThat(version.version()).isNegative();
    assertThat(raw.genesis().latestVersion()).isEqualTo(1);
    assertThat(raw.genesis().listVersions()).hasSize(1);
  }

  @Test
  void detachedVersions_formATree() {
    Dataset first = raw.append(raw.genesis(), rows(0, 3));
    Dataset left = raw.append(first, rows(3, 5));
    Dataset right = raw.append(first, rows(7, 8));

    assertThat(raw.rows(raw.open(left.version()))).isEqualTo(rows(0, 5));
    assertThat(raw.rows(raw.open(right.version()))).hasSize(4);
    assertThat(raw.rows(raw.open(first.version()))).isEqualTo(rows(0, 3));
    assertThat(raw.rows(raw.genesis())).isEmpty();
  }

  @Test
  void version_tellsTheTransactionThatMadeIt() {
    String uuid;
    long number;
    try (Transaction transaction =
        new Transaction.Builder()
            .readVersion(1)
            .operation(Append.builder().fragments(raw.write(rows(0, 1))).build())
            .build()) {
      uuid = transaction.uuid();
      try (Dataset made =
          new org.lance.CommitBuilder(raw.genesis()).detached(true).execute(transaction)) {
        number = made.version();
      }
    }
    try (Transaction found = raw.open(number).readTransaction().orElseThrow()) {
      assertThat(found.uuid()).isEqualTo(uuid);
      assertThat(found.readVersion()).isEqualTo(1);
    }
  }

  @Test
  void files_areNamedAsTheBackendNamesThem() throws IOException {
    Dataset first = raw.append(raw.genesis(), rows(0, 10));
    FragmentMetadata left = first.getFragment(0).deleteRows(List.of(1, 2));
    Dataset second =
        raw.commit(
            first,
            Delete.builder()
                .updatedFragments(List.of(left))
                .deletedFragmentIds(List.of())
                .predicate("x")
                .build());
    VersionRef genesis = RawDataset.ref(raw.genesis());
    StoredFragment stored = StoredFragment.of(left);

    assertThat(files())
        .containsExactlyInAnyOrder(
            TableHomes.HINT,
            TableHomes.manifest(TableHomes.GENESIS),
            TableHomes.transaction(0, genesis),
            TableHomes.manifest(first.version()),
            TableHomes.transaction(1, RawDataset.ref(first)),
            TableHomes.manifest(second.version()),
            TableHomes.transaction(first.version(), RawDataset.ref(second)),
            TableHomes.data(stored.files().get(0)),
            TableHomes.deletion(0, stored.deletion().orElseThrow()));
  }

  @Test
  void create_givesNoStableRowIds() {
    assertThat(raw.genesis().hasStableRowIds()).isFalse();
    assertThat(raw.append(raw.genesis(), rows(0, 1)).getFragment(0).metadata().getRowIdMeta())
        .isNull();
  }

  // ---- staging

  @Test
  void write_numbersFieldsInPreorderFromZero() throws IOException {
    Schema nested =
        schema(
            int32("a"),
            struct("s", utf8("x"), struct("in", int32("y"), int32("z"))),
            list("l", int32("item")),
            fixedList("f", 2, float32("item")),
            int32("b"));
    try (RawDataset wide = new RawDataset(root.resolve("wide"), nested)) {
      DataFile file = wide.write(nested, List.of(Rows.row("a", 1L))).get(0).getFiles().get(0);

      // a 0, s 1, x 2, in 3, y 4, z 5, l 6, item 7, f 8, b 9
      assertThat(file.getFields()).containsExactly(0, 2, 4, 5, 7, 8, 9);
    }
  }

  @Test
  void write_withoutRows_givesNoFragment() {
    assertThat(raw.write(List.of())).isEmpty();
    assertThatThrownBy(() -> Append.builder().fragments(List.of()).build())
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void delete_ofNothing_makesAVersionLikeItsBase() {
    Dataset base = raw.append(raw.genesis(), rows(0, 3));
    Dataset same =
        raw.commit(
            base,
            Delete.builder()
                .updatedFragments(List.of())
                .deletedFragmentIds(List.of())
                .predicate("x")
                .build());

    assertThat(same.version()).isNotEqualTo(base.version());
    assertThat(raw.rows(same)).isEqualTo(rows(0, 3));
  }

  @Test
  void overwrite_withoutRows_isAllowed() {
    Dataset base = raw.append(raw.genesis(), rows(0, 3));
    Dataset empty =
        raw.commit(base, Overwrite.builder().fragments(List.of()).schema(SCHEMA).build());

    assertThat(raw.rows(empty)).isEmpty();
    assertThat(raw.rows(base)).hasSize(3);
  }

  @Test
  void deleteRows_twiceOnStagedMetadata_losesTheFirst() {
    Dataset base = raw.append(raw.genesis(), rows(0, 10));
    FragmentMetadata once = base.getFragment(0).deleteRows(List.of(1));
    FragmentMetadata twice = new Fragment(base, once).deleteRows(List.of(2));

    assertThat(twice.getDeletionFile().getNumDeletedRows()).isEqualTo(1);
    assertThat(base.getFragment(0).deleteRows(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9))).isNull();
  }

  @Test
  void update_ofMatchedRows_replacesThem() {
    Dataset base = raw.append(raw.genesis(), rows(0, 4));
    FragmentMetadata left = base.getFragment(0).deleteRows(List.of(1));
    Dataset upserted =
        raw.commit(
            base,
            Update.builder()
                .updatedFragments(List.of(left))
                .removedFragmentIds(List.of())
                .newFragments(raw.write(rows(1, 2)))
                .updateMode(Optional.of(Update.UpdateMode.RewriteRows))
                .build());

    assertThat(raw.rows(upserted)).extracting(row -> row.get("id")).containsExactly(0L, 2L, 3L, 1L);
  }

  @Test
  void commit_doesNotLookWhetherFilesExist() throws IOException {
    List<FragmentMetadata> written = raw.write(rows(0, 3));
    Files.delete(root.resolve("t/data").resolve(written.get(0).getFiles().get(0).getPath()));

    assertThat(raw.commit(raw.genesis(), Append.builder().fragments(written).build()).version())
        .isNegative();
  }

  // ---- reading

  @Test
  void scan_isInOrderAndNoBatchIsLargerThanAsked() {
    Dataset version = raw.append(raw.append(raw.genesis(), rows(0, 1000)), rows(1000, 1500));

    assertThat(raw.scan(version, new ScanOptions.Builder().batchSize(7).build()))
        .isEqualTo(rows(0, 1500));
    assertThat(
            raw.scan(version, new ScanOptions.Builder().batchSize(7).offset(995).limit(10).build()))
        .isEqualTo(rows(995, 1005));
    assertThat(raw.scan(version, new ScanOptions.Builder().fragmentIds(List.of(1)).build()))
        .isEqualTo(rows(1000, 1500));
  }

  @Test
  void rowAddress_isFragmentAndOffset() throws IOException {
    Dataset version = raw.append(raw.append(raw.genesis(), rows(0, 3)), rows(3, 5));

    assertThat(
            raw.scan(
                version, new ScanOptions.Builder().columns(List.of()).withRowAddress(true).build()))
        .extracting(row -> String.valueOf(row.get("_rowaddr")))
        .containsExactly("0", "1", "2", "" + (1L << 32), "" + ((1L << 32) + 1));
    List<Long> addresses = List.of((1L << 32) + 1, 0L, 2L, 0L);
    try (ArrowReader taken = version.takeRows(addresses, List.of("id"))) {
      assertThat(taken.loadNextBatch()).isTrue();
      assertThat(Rows.read(taken.getVectorSchemaRoot()))
          .extracting(row -> row.get("id"))
          .containsExactly(4L, 0L, 2L, 0L);
    }
  }

  @Test
  void filter_quotesColumnsWithBackticks() {
    Dataset version = raw.append(raw.genesis(), rows(0, 3));

    assertThat(raw.filtered(version, "`name` = 'n1'")).hasSize(1);
    assertThat(raw.filtered(version, "\"name\" = 'n1'")).isEmpty();
  }

  @Test
  void filter_withCharactersBeyondTheBasicPlane_needsThemInHex() {
    Dataset version =
        raw.append(raw.genesis(), List.of(Rows.row("id", 1L, "name", "\ud83d\udea2")));

    assertThatThrownBy(() -> raw.filtered(version, "`name` = '\ud83d\udea2'"))
        .hasMessageContaining("invalid utf-8");
    assertThat(raw.filtered(version, "`name` = arrow_cast(X'f09f9aa2', 'Utf8')")).hasSize(1);
  }

  @Test
  void filter_onZonedTimestamp_needsArrowsCast() {
    Schema zoned = schema(int64("id"), timestamp("at", TimeUnit.MICROSECOND, "Europe/Berlin"));
    try (RawDataset times = new RawDataset(root.resolve("times"), zoned)) {
      Dataset version =
          times.append(times.genesis(), List.of(Rows.row("id", 1L, "at", java.time.Instant.EPOCH)));

      assertThat(times.filtered(version, "`at` = CAST('1970-01-01T00:00:00Z' AS TIMESTAMP(6))"))
          .isEmpty();
      assertThat(
              times.filtered(
                  version,
                  "`at` = arrow_cast(0, 'Timestamp(Microsecond, Some(\"Europe/Berlin\"))')"))
          .hasSize(1);
    }
  }

  @Test
  void filter_notNamingAStruct_losesThatItIsNull() {
    Schema places = schema(int64("id"), struct("place", utf8("town"), float64("lat")));
    try (RawDataset data = new RawDataset(root.resolve("places"), places)) {
      Map<String, @Nullable Object> row = Rows.row("id", 1L, "place", null);
      Dataset version =
          data.append(
              data.genesis(),
              List.of(row, Rows.row("id", 2L, "place", Rows.row("town", "Emden", "lat", 53.4))));

      assertThat(data.filtered(version, "`id` = 1")).doesNotContain(row);
      assertThat(data.filtered(version, "`id` = 1 AND (`place` IS NULL OR `place` IS NOT NULL)"))
          .containsExactly(row);
    }
  }

  private List<String> files() throws IOException {
    Path home = root.resolve("t");
    try (Stream<Path> found = Files.walk(home)) {
      return found
          .filter(Files::isRegularFile)
          .map(file -> home.relativize(file).toString())
          .toList();
    }
  }

  private static List<Map<String, @Nullable Object>> rows(long from, long to) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (long id = from; id < to; id++) {
      rows.add(Rows.row("id", id, "name", "n" + id));
    }
    return rows;
  }
}
