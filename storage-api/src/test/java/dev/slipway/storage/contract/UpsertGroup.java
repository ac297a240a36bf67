package dev.slipway.storage.contract;

import static dev.slipway.storage.contract.BackendFixture.TABLE;
import static dev.slipway.storage.contract.BackendFixture.fails;
import static dev.slipway.storage.testkit.Columns.bool;
import static dev.slipway.storage.testkit.Columns.date;
import static dev.slipway.storage.testkit.Columns.decimal;
import static dev.slipway.storage.testkit.Columns.float64;
import static dev.slipway.storage.testkit.Columns.int32;
import static dev.slipway.storage.testkit.Columns.int64;
import static dev.slipway.storage.testkit.Columns.list;
import static dev.slipway.storage.testkit.Columns.required;
import static dev.slipway.storage.testkit.Columns.schema;
import static dev.slipway.storage.testkit.Columns.utf8;
import static dev.slipway.storage.testkit.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.storage.Cancellation;
import dev.slipway.storage.Capability;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.testkit.EveryType;
import dev.slipway.storage.testkit.Rows;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Replacing rows with equal keys and adding the rest. */
abstract class UpsertGroup extends ContractGroup {
  @Override
  Set<Capability> needs() {
    return Set.of(Capability.UPSERT, Capability.PARTIAL_UPSERT);
  }

  private static final List<String> ID = List.of("id");
  private static final List<String> NAME = List.of("name");

  private TableVersion upserted(TableVersion base, List<Map<String, @Nullable Object>> rows) {
    return fixture.tables().commit(fixture.stageUpsert(base, ID, rows));
  }

  private StorageException refused(
      StorageErrorCode code,
      TableVersion base,
      List<String> keys,
      Schema given,
      List<Map<String, @Nullable Object>> rows,
      boolean partial) {
    List<String> before = fixture.backend().inlineResidual().listFiles(TABLE);
    StorageException failure =
        fails(
            code,
            () ->
                fixture.on(
                    base,
                    s ->
                        fixture.reading(
                            given,
                            rows,
                            reader ->
                                fixture
                                    .tables()
                                    .stageUpsert(s, keys, reader, partial, Cancellation.NONE))));
    assertThat(fixture.backend().inlineResidual().listFiles(TABLE))
        .containsExactlyInAnyOrderElementsOf(before);
    return failure;
  }

  @Test
  void upsert_someKeysThere_replacesThemAndAddsTheRest() {
    TableVersion base = fixture.create(PEOPLE, people(0, 5));

    TableVersion version =
        upserted(base, List.of(person(7, "g", 7.0), person(1, "b", null), person(3, null, 3.3)));

    assertThat(fixture.rows(version))
        .containsExactly(
            people(0, 1).get(0),
            people(2, 3).get(0),
            people(4, 5).get(0),
            person(7, "g", 7.0),
            person(1, "b", null),
            person(3, null, 3.3));
    assertThat(version.facts().rowsAdded()).isEqualTo(3);
    assertThat(version.facts().rowsRemoved()).isEqualTo(2);
    assertThat(version.facts().rows()).isEqualTo(6);
    assertThat(fixture.rows(base)).isEqualTo(people(0, 5));
  }

  @Test
  void upsert_allKeysThere_leavesOnlyTheNewRows() {
    TableVersion base = fixture.append(fixture.create(PEOPLE, people(0, 3)), people(3, 5));

    TableVersion version = upserted(base, people(0, 5));

    assertThat(fixture.rows(version)).isEqualTo(people(0, 5));
    assertThat(version.facts().rowsRemoved()).isEqualTo(5);
  }

  @Test
  void upsert_emptySource_changesNothing() {
    TableVersion base = fixture.create(PEOPLE, people(0, 5));

    TableVersion version = upserted(base, List.of());

    assertThat(fixture.rows(version)).isEqualTo(people(0, 5));
    assertThat(version.facts().rowsAdded()).isZero();
    assertThat(version.facts().rowsRemoved()).isZero();
  }

  @Test
  void upsert_emptyTable_addsAll() {
    assertThat(fixture.rows(upserted(fixture.create(PEOPLE), people(0, 4))))
        .isEqualTo(people(0, 4));
  }

  @Test
  void stageUpsert_rows_movesNothingAndSaysWhatItWould() {
    TableVersion base = fixture.create(PEOPLE, people(0, 5));

    StagedWrite staged = fixture.stageUpsert(base, ID, people(3, 9));

    assertThat(staged.facts().rowsAdded()).isEqualTo(6);
    assertThat(staged.facts().rowsRemoved()).isEqualTo(2);
    assertThat(staged.facts().bytes()).isPositive();
    assertThat(fixture.rows(base)).isEqualTo(people(0, 5));
  }

  @Test
  void upsert_twiceInARow_deletesOnTopOfDeletions() {
    TableVersion base = fixture.create(PEOPLE, people(0, 10));

    TableVersion first = upserted(base, List.of(person(2, "x", 0.0), person(3, "x", 0.0)));
    TableVersion second = upserted(first, List.of(person(3, "y", 0.0), person(4, "y", 0.0)));

    assertThat(fixture.rows(second)).hasSize(10);
    assertThat(fixture.rows(second).subList(6, 10))
        .containsExactly(
            people(9, 10).get(0), person(2, "x", 0.0), person(3, "y", 0.0), person(4, "y", 0.0));
    assertThat(fixture.rows(first)).hasSize(10).endsWith(person(3, "x", 0.0));
    assertThat(fixture.rows(base)).isEqualTo(people(0, 10));
  }

  @Test
  void upsert_severalKeyColumns_matchesAllOfThem() {
    Schema schema = schema(required(int32("a")), required(utf8("b")), int64("v"));
    TableVersion base =
        fixture.create(
            schema,
            List.of(
                row("a", 1L, "b", "x", "v", 1L),
                row("a", 1L, "b", "y", "v", 2L),
                row("a", 2L, "b", "x", "v", 3L)));

    TableVersion version =
        fixture
            .tables()
            .commit(
                fixture.stageUpsert(
                    base,
                    List.of("b", "a"),
                    List.of(row("a", 1L, "b", "y", "v", 9L), row("a", 2L, "b", "y", "v", 8L))));

    assertThat(fixture.rows(version))
        .containsExactly(
            row("a", 1L, "b", "x", "v", 1L),
            row("a", 2L, "b", "x", "v", 3L),
            row("a", 1L, "b", "y", "v", 9L),
            row("a", 2L, "b", "y", "v", 8L));
  }

  @Test
  void upsert_everyKeyType_matches() {
    List<Map<String, @Nullable Object>> rows = EveryType.rows(60);
    TableVersion base = fixture.create(EveryType.SCHEMA, rows);
    for (String key :
        List.of(
            "i8",
            "u64",
            "dec",
            "flag",
            "text",
            "large_text",
            "bytes",
            "fixed_bytes",
            "day",
            "day64",
            "t_us",
            "ts_ns",
            "tz_us",
            "f64",
            "f32")) {
      Map<String, @Nullable Object> change =
          rows.stream()
              .filter(row -> isKey(row.get(key)))
              .findFirst()
              .map(row -> EveryType.withId(row, 1_000))
              .orElseThrow();
      List<Map<String, @Nullable Object>> expected =
          new ArrayList<>(
              rows.stream().filter(row -> !sameKey(row.get(key), change.get(key))).toList());
      expected.add(change);

      TableVersion version =
          fixture.tables().commit(fixture.stageUpsert(base, List.of(key), List.of(change)));

      assertThat(fixture.rows(version)).as("key %s", key).isEqualTo(expected);
    }
  }

  private static boolean isKey(@Nullable Object value) {
    return value != null && !value.equals(Float.NaN) && !value.equals(Double.NaN);
  }

  private static boolean sameKey(@Nullable Object left, @Nullable Object right) {
    if (left instanceof Float f && right instanceof Float g) {
      return f.floatValue() == g.floatValue();
    }
    return left != null && left.equals(right);
  }

  @Test
  void upsert_floatKey_zeroesAreOneAndNanMatchesNothing() {
    Schema schema = schema(float64("k"), int64("v"));
    TableVersion base =
        fixture.create(
            schema,
            List.of(
                row("k", -0.0, "v", 1L), row("k", Double.NaN, "v", 2L), row("k", null, "v", 3L)));

    TableVersion version =
        fixture
            .tables()
            .commit(fixture.stageUpsert(base, List.of("k"), List.of(row("k", 0.0, "v", 9L))));

    assertThat(fixture.rows(version))
        .containsExactly(
            row("k", Double.NaN, "v", 2L), row("k", null, "v", 3L), row("k", 0.0, "v", 9L));
  }

  @Test
  void upsert_duplicateKeyInSource_isRefused() throws Exception {
    TableVersion base = fixture.create(PEOPLE, people(0, 2));
    StorageException failure =
        refused(
            StorageErrorCode.ROW_INVALID,
            base,
            ID,
            PEOPLE,
            List.of(person(5, "a", 1.0), person(6, "b", 1.0), person(5, "c", 1.0)),
            false);
    assertThat(failure).hasMessageContaining("rows 0 and 2").hasMessageContaining("'5'");

    try (ArrowReader upload = Rows.reader(fixture.allocator(), PEOPLE, people(0, 50), 10)) {
      fixture.on(base, s -> fixture.tables().stageUpsert(s, ID, upload, false, Cancellation.NONE));
    }
    List<Map<String, @Nullable Object>> across = new ArrayList<>(people(0, 50));
    across.add(person(3, "again", 0.0));
    try (ArrowReader upload = Rows.reader(fixture.allocator(), PEOPLE, across, 10)) {
      assertThat(
              fails(
                  StorageErrorCode.ROW_INVALID,
                  () ->
                      fixture.on(
                          base,
                          s ->
                              fixture
                                  .tables()
                                  .stageUpsert(s, ID, upload, false, Cancellation.NONE))))
          .hasMessageContaining("rows 3 and 50");
    }
  }

  @Test
  void upsert_duplicateZeroKeys_areRefused() {
    Schema schema = schema(float64("k"));
    TableVersion base = fixture.create(schema);

    refused(
        StorageErrorCode.ROW_INVALID,
        base,
        List.of("k"),
        schema,
        List.of(row("k", 0.0), row("k", -0.0)),
        false);
  }

  @Test
  void upsert_nullOrNanKey_isRefused() {
    TableVersion base = fixture.create(PEOPLE, people(0, 2));

    assertThat(
            refused(
                StorageErrorCode.ROW_INVALID,
                base,
                NAME,
                PEOPLE,
                List.of(person(1, "a", 0.0), person(2, null, 0.0)),
                false))
        .hasMessageContaining("row 1")
        .hasMessageContaining("'name'");
    assertThat(
            refused(
                StorageErrorCode.ROW_INVALID,
                base,
                List.of("score"),
                PEOPLE,
                List.of(person(1, "a", Double.NaN)),
                false))
        .hasMessageContaining("NaN");
  }

  @Test
  void upsert_badKeyColumns_areRefused() {
    TableVersion base = fixture.create(schema(int64("id"), list("l", int64("item"))));
    Schema given = schema(int64("id"), list("l", int64("item")));

    refused(StorageErrorCode.INVALID_ARGUMENT, base, List.of(), given, List.of(), false);
    refused(StorageErrorCode.INVALID_ARGUMENT, base, List.of("id", "id"), given, List.of(), false);
    refused(StorageErrorCode.COLUMN_NOT_FOUND, base, List.of("no"), given, List.of(), false);
    refused(StorageErrorCode.SCHEMA_MISMATCH, base, List.of("l"), given, List.of(), false);
  }

  @Test
  void upsert_columnMissing_isRefusedUnlessPartial() {
    TableVersion base = fixture.create(PEOPLE, people(0, 2));
    Schema given = schema(int64("id"), utf8("name"));

    refused(StorageErrorCode.SCHEMA_MISMATCH, base, ID, given, people(0, 1), false);
    refused(StorageErrorCode.SCHEMA_MISMATCH, base, ID, schema(utf8("name")), people(0, 1), true);
    refused(StorageErrorCode.SCHEMA_MISMATCH, base, NAME, schema(int64("id")), people(0, 1), true);
  }

  @Test
  void partialUpsert_missingColumns_keepOldValuesOrAreNull() {
    TableVersion base = fixture.create(PEOPLE, people(0, 4));
    Schema given = schema(utf8("name"), int64("id"));

    TableVersion version =
        fixture
            .tables()
            .commit(
                fixture.stagePartialUpsert(
                    base,
                    ID,
                    given,
                    List.of(
                        row("id", 9L, "name", "new"),
                        row("id", 2L, "name", "two"),
                        row("id", 1L, "name", null))));

    assertThat(fixture.rows(version))
        .containsExactly(
            people(0, 1).get(0),
            people(3, 4).get(0),
            person(9, "new", null),
            person(2, "two", 1.0),
            person(1, null, 0.5));
    assertThat(version.facts().rowsAdded()).isEqualTo(3);
    assertThat(version.facts().rowsRemoved()).isEqualTo(2);
  }

  @Test
  void partialUpsert_onlyKeys_keepsMatchedRowsAsTheyAre() {
    List<Map<String, @Nullable Object>> rows = EveryType.rows(30);
    TableVersion base = fixture.create(EveryType.SCHEMA, rows);
    List<Map<String, @Nullable Object>> given = new ArrayList<>();
    for (long id = 0; id < 30; id++) {
      given.add(row("id", id));
    }

    TableVersion version =
        fixture.tables().commit(fixture.stagePartialUpsert(base, ID, schema(int64("id")), given));

    assertThat(fixture.rows(version)).isEqualTo(rows);
  }

  @Test
  void partialUpsert_allColumnsGiven_isAnOrdinaryUpsert() {
    TableVersion base = fixture.create(PEOPLE, people(0, 3));

    TableVersion version =
        fixture
            .tables()
            .commit(fixture.stagePartialUpsert(base, ID, PEOPLE, List.of(person(1, null, null))));

    assertThat(fixture.rows(version))
        .containsExactly(people(0, 1).get(0), people(2, 3).get(0), person(1, null, null));
  }

  @Test
  void upsert_storedDuplicates_areAllReplaced() {
    TableVersion base =
        fixture.create(
            PEOPLE, List.of(person(1, "a", 1.0), person(1, "b", 2.0), person(2, "c", 3.0)));

    assertThat(fixture.rows(upserted(base, List.of(person(1, "z", null)))))
        .containsExactly(person(2, "c", 3.0), person(1, "z", null));
    TableVersion partial =
        fixture
            .tables()
            .commit(
                fixture.stagePartialUpsert(
                    base,
                    ID,
                    schema(int64("id"), utf8("name")),
                    List.of(row("id", 1L, "name", "z"))));
    assertThat(fixture.rows(partial)).containsExactly(person(2, "c", 3.0), person(1, "z", 2.0));
  }

  @Test
  void rebase_upsert_isWorkedOutOnTheNewBase() {
    TableVersion base = fixture.create(PEOPLE, people(0, 3));
    StagedWrite staged =
        fixture.stageUpsert(base, ID, List.of(person(2, "w", 0.0), person(5, "w", 0.0)));
    TableVersion other = upserted(base, List.of(person(5, "o", 1.0), person(0, "o", 1.0)));

    StagedWrite moved = fixture.rebased(staged, other);
    TableVersion version = fixture.tables().commit(moved);

    assertThat(moved.facts().rowsRemoved()).isEqualTo(2);
    assertThat(fixture.rows(version))
        .containsExactly(
            people(1, 2).get(0), person(0, "o", 1.0), person(2, "w", 0.0), person(5, "w", 0.0));
    assertThat(fixture.rows(fixture.tables().commit(staged))).hasSize(4);
  }

  @Test
  void rebase_partialUpsert_takesOldValuesOfTheNewBase() {
    TableVersion base = fixture.create(PEOPLE, people(0, 3));
    Schema given = schema(int64("id"), utf8("name"));
    StagedWrite staged =
        fixture.stagePartialUpsert(
            base, ID, given, List.of(row("id", 1L, "name", "w"), row("id", 7L, "name", "w")));
    TableVersion other = upserted(base, List.of(person(1, "o", 11.0), person(7, "o", 77.0)));

    byte[] token = fixture.tables().toToken(staged);
    StagedWrite moved = fixture.rebased(fixture.tables().fromToken(token), other);

    assertThat(fixture.rows(fixture.tables().commit(moved)))
        .containsExactly(
            people(0, 1).get(0), people(2, 3).get(0), person(1, "w", 11.0), person(7, "w", 77.0));
    assertThat(fixture.rows(fixture.tables().commit(fixture.rebased(moved, base))))
        .containsExactly(
            people(0, 1).get(0), people(2, 3).get(0), person(1, "w", 0.5), person(7, "w", null));
  }

  @Test
  void rebase_upsertFilesGone_isMissingFile() {
    TableVersion base = fixture.create(PEOPLE, people(0, 3));
    StagedWrite staged = fixture.stageUpsert(base, ID, people(1, 5));
    TableVersion other = fixture.append(base, people(8, 9));
    fixture.backend().inlineResidual().deleteFiles(TABLE, fixture.tables().files(staged));

    fails(StorageErrorCode.MISSING_FILE, () -> fixture.rebased(staged, other));
  }

  @Test
  void upsert_manyRowsAgainstMany_isExact() {
    TableVersion base = fixture.create(PEOPLE, people(0, 20_000));

    TableVersion version = upserted(base, people(10_000, 30_000));

    assertThat(fixture.rows(version)).isEqualTo(people(0, 30_000));
    assertThat(version.facts().rowsRemoved()).isEqualTo(10_000);
  }

  @Test
  void upsert_keysThatLookAlike_stayApart() {
    Schema schema =
        schema(utf8("a"), utf8("b"), bool("c"), date("d"), decimal("e", 10, 2), int64("v"));
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    String[][] pairs = {{"ab", "c"}, {"a", "bc"}, {"", "abc"}, {"abc", ""}};
    for (int i = 0; i < pairs.length; i++) {
      rows.add(
          row(
              "a",
              pairs[i][0],
              "b",
              pairs[i][1],
              "c",
              true,
              "d",
              LocalDate.EPOCH,
              "e",
              new BigDecimal("1.00"),
              "v",
              (long) i));
    }
    TableVersion base = fixture.create(schema, rows);

    TableVersion version =
        fixture
            .tables()
            .commit(
                fixture.stageUpsert(base, List.of("a", "b", "c", "d", "e"), List.of(rows.get(1))));

    assertThat(fixture.rows(version))
        .containsExactly(rows.get(0), rows.get(2), rows.get(3), rows.get(1));
  }
}
