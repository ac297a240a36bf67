package dev.slipway.storage.contract;

import static dev.slipway.storage.contract.BackendFixture.fails;
import static dev.slipway.storage.testkit.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.storage.Cancellation;
import dev.slipway.storage.ScanRequest;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.TableSnapshot;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.predicate.Predicate.Comparison;
import dev.slipway.storage.testkit.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Reading: columns, filter, limit, offset, batches, cancelling; and counting. */
abstract class ScanGroup extends ContractGroup {
  private TableVersion hundred() {
    TableVersion version = fixture.create(PEOPLE);
    for (int start = 0; start < 100; start += 20) {
      version = fixture.append(version, people(start, start + 20));
    }
    return version;
  }

  @Test
  void scan_columns_comeInTheOrderAsked() {
    TableVersion version = fixture.create(PEOPLE, people(0, 2));

    List<Map<String, @Nullable Object>> rows =
        fixture.rows(version, ScanRequest.ALL.withColumns(List.of("score", "id")));

    assertThat(rows).isEqualTo(List.of(row("score", 0.0, "id", 0L), row("score", 0.5, "id", 1L)));
    assertThat(rows.get(0).keySet()).containsExactly("score", "id");
  }

  @Test
  void scan_columnsWithoutTheFilteredOne_filtersAllTheSame() {
    ScanRequest request =
        ScanRequest.ALL.withColumns(List.of("name")).withFilter(idIs(Comparison.EQUAL, 42));

    assertThat(fixture.rows(hundred(), request)).isEqualTo(List.of(row("name", "p42")));
  }

  @Test
  void scan_schema_isTheTables() throws Exception {
    TableVersion version = fixture.create(PEOPLE, people(0, 2));
    try (TableSnapshot snapshot = fixture.open(version);
        ArrowReader reader =
            fixture.tables().scan(snapshot, ScanRequest.ALL.withColumns(List.of("name", "id")))) {
      assertThat(reader.getVectorSchemaRoot().getSchema().getFields())
          .containsExactly(PEOPLE.findField("name"), PEOPLE.findField("id"));
    }
  }

  @Test
  void scan_unknownOrNoOrRepeatedColumn_isRefused() {
    TableVersion version = fixture.create(PEOPLE, people(0, 2));

    StorageException unknown =
        fails(
            StorageErrorCode.COLUMN_NOT_FOUND,
            () -> fixture.rows(version, ScanRequest.ALL.withColumns(List.of("id", "ID"))));
    assertThat(unknown).hasMessageContaining("'ID'");
    fails(
        StorageErrorCode.INVALID_ARGUMENT,
        () -> fixture.rows(version, ScanRequest.ALL.withColumns(List.of())));
    fails(
        StorageErrorCode.INVALID_ARGUMENT,
        () -> fixture.rows(version, ScanRequest.ALL.withColumns(List.of("id", "id"))));
  }

  @Test
  void scan_filter_keepsTheRowsForWhichItIsTrue() {
    Predicate unknownForNull =
        new Predicate.Compare(column("name"), Comparison.NOT_EQUAL, text("b"));
    TableVersion version =
        fixture.create(
            PEOPLE, List.of(person(1, "a", 1.0), person(2, null, 2.0), person(3, "b", 3.0)));

    assertThat(fixture.rows(version, ScanRequest.ALL.withFilter(unknownForNull)))
        .containsExactly(person(1, "a", 1.0));
    assertThat(fixture.rows(version, ScanRequest.ALL.withFilter(new Predicate.Not(unknownForNull))))
        .containsExactly(person(3, "b", 3.0));
  }

  @Test
  void scan_filterThatDoesNotFit_isRefused() {
    TableVersion version = fixture.create(PEOPLE, people(0, 2));
    Predicate wrong = new Predicate.Compare(column("id"), Comparison.EQUAL, text("x"));
    Predicate unknown = new Predicate.IsNull(column("nothing"));

    fails(
        StorageErrorCode.FILTER_INVALID,
        () -> fixture.rows(version, ScanRequest.ALL.withFilter(wrong)));
    fails(StorageErrorCode.FILTER_INVALID, () -> fixture.count(version, Optional.of(wrong)));
    fails(
        StorageErrorCode.COLUMN_NOT_FOUND,
        () -> fixture.rows(version, ScanRequest.ALL.withFilter(unknown)));
  }

  @Test
  void scan_limitAndOffset_areCountedOverMatches() {
    TableVersion version = hundred();
    ScanRequest odd =
        ScanRequest.ALL.withFilter(idIs(Comparison.GREATER_OR_EQUAL, 50)).withBatchRows(7);

    assertThat(fixture.rows(version, ScanRequest.ALL.withLimit(3))).isEqualTo(people(0, 3));
    assertThat(fixture.rows(version, ScanRequest.ALL.withOffset(95))).isEqualTo(people(95, 100));
    assertThat(fixture.rows(version, odd.withOffset(10).withLimit(30))).isEqualTo(people(60, 90));
    assertThat(fixture.rows(version, odd.withOffset(45).withLimit(30))).isEqualTo(people(95, 100));
    assertThat(fixture.rows(version, odd.withOffset(50))).isEmpty();
    assertThat(fixture.rows(version, ScanRequest.ALL.withOffset(1_000_000))).isEmpty();
    assertThat(fixture.rows(version, ScanRequest.ALL.withLimit(0))).isEmpty();
    assertThat(fixture.rows(version, ScanRequest.ALL.withLimit(Long.MAX_VALUE)))
        .isEqualTo(people(0, 100));
  }

  @Test
  void scan_badLimits_areRefused() {
    TableVersion version = fixture.create(PEOPLE, people(0, 2));

    for (ScanRequest bad :
        List.of(
            ScanRequest.ALL.withLimit(-1),
            ScanRequest.ALL.withOffset(-1),
            ScanRequest.ALL.withBatchRows(0),
            ScanRequest.ALL.withBatchRows(ScanRequest.MAX_BATCH_ROWS + 1))) {
      fails(StorageErrorCode.INVALID_ARGUMENT, () -> fixture.rows(version, bad));
    }
  }

  @Test
  void scan_ofLargeRows_boundsTheBytesOfEveryBatch() throws Exception {
    int rowBytes = 256 << 10;
    int count = 300;
    Random random = new Random(1);
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      // Nothing that a file could make small.
      char[] text = new char[rowBytes];
      for (int c = 0; c < rowBytes; c++) {
        text[c] = (char) (' ' + random.nextInt(90));
      }
      rows.add(person(i, new String(text), 1.0));
    }
    TableVersion version = fixture.create(PEOPLE);
    for (int i = 0; i < count; i += 20) {
      version = fixture.append(version, rows.subList(i, i + 20));
    }
    int most = (32 << 20) / rowBytes + 20;

    for (ScanRequest request :
        List.of(
            ScanRequest.ALL.withBatchRows(ScanRequest.MAX_BATCH_ROWS),
            ScanRequest.ALL.withFilter(idIs(Comparison.GREATER_OR_EQUAL, 0)))) {
      try (TableSnapshot snapshot = fixture.open(version);
          ArrowReader reader = fixture.tables().scan(snapshot, request)) {
        int read = 0;
        while (reader.loadNextBatch()) {
          int batch = reader.getVectorSchemaRoot().getRowCount();
          assertThat(batch).isBetween(1, most);
          read += batch;
        }
        assertThat(read).isEqualTo(count);
      }
    }
  }

  @Test
  void scan_batchRows_boundsEveryBatch() {
    TableVersion version = hundred();
    try (TableSnapshot snapshot = fixture.open(version)) {
      List<List<Map<String, @Nullable Object>>> batches =
          Rows.readBatches(fixture.tables().scan(snapshot, ScanRequest.ALL.withBatchRows(7)));

      assertThat(batches).allSatisfy(batch -> assertThat(batch).hasSizeBetween(1, 7));
      List<Map<String, @Nullable Object>> rows = new ArrayList<>();
      batches.forEach(rows::addAll);
      assertThat(rows).isEqualTo(people(0, 100));
    }
  }

  @Test
  void scan_cancelledBefore_isRefused() {
    TableVersion version = fixture.create(PEOPLE, people(0, 2));

    fails(
        StorageErrorCode.CANCELLED,
        () -> fixture.rows(version, ScanRequest.ALL.withCancellation(() -> true)));
    try (TableSnapshot snapshot = fixture.open(version)) {
      fails(
          StorageErrorCode.CANCELLED,
          () -> fixture.tables().count(snapshot, Optional.empty(), () -> true));
    }
  }

  @Test
  void scan_cancelledBetweenBatches_ends() throws Exception {
    TableVersion version = hundred();
    AtomicBoolean cancelled = new AtomicBoolean();
    try (TableSnapshot snapshot = fixture.open(version);
        ArrowReader reader =
            fixture
                .tables()
                .scan(
                    snapshot, ScanRequest.ALL.withBatchRows(10).withCancellation(cancelled::get))) {
      assertThat(reader.loadNextBatch()).isTrue();
      cancelled.set(true);

      fails(StorageErrorCode.CANCELLED, reader::loadNextBatch);
    }
  }

  @Test
  void scan_twoAtOnceOnOneSnapshot_areIndependent() throws Exception {
    TableVersion version = hundred();
    try (TableSnapshot snapshot = fixture.open(version);
        ArrowReader slow = fixture.tables().scan(snapshot, ScanRequest.ALL.withBatchRows(10))) {
      assertThat(slow.loadNextBatch()).isTrue();
      assertThat(Rows.read(fixture.tables().scan(snapshot, ScanRequest.ALL)))
          .isEqualTo(people(0, 100));
      assertThat(Rows.read(slow.getVectorSchemaRoot())).isEqualTo(people(0, 10));
      assertThat(slow.loadNextBatch()).isTrue();
      assertThat(Rows.read(slow.getVectorSchemaRoot())).isEqualTo(people(10, 20));
    }
  }

  @Test
  void count_filter_countsMatches() {
    TableVersion version = hundred();

    assertThat(fixture.count(version, Optional.empty())).isEqualTo(100);
    assertThat(fixture.count(version, Optional.of(idIs(Comparison.LESS, 30)))).isEqualTo(30);
    assertThat(fixture.count(version, Optional.of(new Predicate.Constant(false)))).isZero();
    assertThat(fixture.count(fixture.create(PEOPLE), Optional.of(idIs(Comparison.LESS, 3))))
        .isZero();
  }

  @Test
  void count_cancelled_ends() {
    TableVersion version = hundred();
    AtomicBoolean first = new AtomicBoolean(true);
    // The check on entry passes, a later one doesn't.
    Cancellation late = () -> !first.getAndSet(false);
    try (TableSnapshot snapshot = fixture.open(version)) {
      fails(
          StorageErrorCode.CANCELLED,
          () -> fixture.tables().count(snapshot, Optional.of(idIs(Comparison.LESS, 30)), late));
    }
  }
}
