package dev.slipway.storage.contract;

import static dev.slipway.storage.contract.BackendFixture.fails;
import static dev.slipway.storage.testkit.Columns.float64;
import static dev.slipway.storage.testkit.Columns.int64;
import static dev.slipway.storage.testkit.Columns.list;
import static dev.slipway.storage.testkit.Columns.required;
import static dev.slipway.storage.testkit.Columns.schema;
import static dev.slipway.storage.testkit.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.storage.Assignment;
import dev.slipway.storage.Capability;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Operand.BooleanLiteral;
import dev.slipway.storage.predicate.Operand.FloatLiteral;
import dev.slipway.storage.predicate.Operand.NullLiteral;
import dev.slipway.storage.predicate.Operand.NumberLiteral;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.predicate.Predicate.Comparison;
import dev.slipway.storage.testkit.EveryType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Setting columns of the rows for which a predicate is true. */
abstract class UpdateGroup extends ContractGroup {
  @Override
  Set<Capability> needs() {
    return Set.of(Capability.UPDATE, Capability.DELETE);
  }

  private TableVersion updated(
      TableVersion base, Optional<Predicate> predicate, Assignment... assignments) {
    return fixture.tables().commit(fixture.stageUpdate(base, predicate, assignments));
  }

  private static Assignment set(String column, Operand value) {
    return new Assignment(column, value);
  }

  @Test
  void update_someRows_movesThemToTheEndInTheirOrder() {
    TableVersion base = fixture.append(fixture.create(PEOPLE, people(0, 3)), people(3, 6));

    TableVersion version =
        updated(
            base,
            Optional.of(new Predicate.In(column("id"), List.of(number(4), number(1)))),
            set("name", text("x")));

    assertThat(fixture.rows(version))
        .containsExactly(
            people(0, 1).get(0),
            people(2, 3).get(0),
            people(3, 4).get(0),
            people(5, 6).get(0),
            person(1, "x", 0.5),
            person(4, "x", 2.0));
    assertThat(version.facts().rowsAdded()).isEqualTo(2);
    assertThat(version.facts().rowsRemoved()).isEqualTo(2);
    assertThat(fixture.rows(base)).isEqualTo(people(0, 6));
  }

  @Test
  void update_withoutPredicate_changesAllRows() {
    TableVersion base = fixture.create(PEOPLE, people(0, 3));

    TableVersion version =
        updated(base, Optional.empty(), set("name", new NullLiteral()), set("score", number(7)));

    assertThat(fixture.rows(version))
        .containsExactly(person(0, null, 7.0), person(1, null, 7.0), person(2, null, 7.0));
  }

  @Test
  void update_nothingMatches_makesVersionWithSameRows() {
    TableVersion base = fixture.create(PEOPLE, people(0, 3));

    TableVersion version =
        updated(base, Optional.of(idIs(Comparison.LESS, 0)), set("name", text("x")));

    assertThat(fixture.rows(version)).isEqualTo(people(0, 3));
    assertThat(version.facts().rowsAdded()).isZero();
    assertThat(
            fixture.rows(updated(fixture.create(PEOPLE), Optional.empty(), set("name", text("x")))))
        .isEmpty();
  }

  @Test
  void update_columnsFromOneAnother_readTheRowAsItWas() {
    Schema schema = schema(required(int64("id")), int64("a"), int64("b"), float64("f"));
    TableVersion base =
        fixture.create(
            schema,
            List.of(
                row("id", 1L, "a", 10L, "b", 20L, "f", 1.0),
                row("id", 2L, "a", null, "b", 30L, "f", 2.0)));

    TableVersion version =
        updated(base, Optional.empty(), set("a", column("b")), set("b", column("a")));

    assertThat(fixture.rows(version))
        .containsExactly(
            row("id", 1L, "a", 20L, "b", 10L, "f", 1.0),
            row("id", 2L, "a", 30L, "b", null, "f", 2.0));
  }

  @Test
  void update_everyLiteralKind_isStored() {
    List<Map<String, @Nullable Object>> rows = EveryType.rows(12);
    TableVersion base = fixture.create(EveryType.SCHEMA, rows);
    LocalDateTime moment = LocalDateTime.of(2023, 5, 6, 7, 8, 9);
    Map<String, Operand> values =
        Map.ofEntries(
            Map.entry("i8", number(-128)),
            Map.entry("i16", number(-32768)),
            Map.entry("i32", number(Integer.MAX_VALUE)),
            Map.entry("u8", number(255)),
            Map.entry("u32", number(0xFFFF_FFFFL)),
            Map.entry("u64", new NumberLiteral(new BigDecimal("18446744073709551615"))),
            Map.entry("f32", new NumberLiteral(new BigDecimal("0.1"))),
            Map.entry("f64", new FloatLiteral(Double.NEGATIVE_INFINITY)),
            Map.entry("dec", new NumberLiteral(new BigDecimal("-1234567.5"))),
            Map.entry("flag", new BooleanLiteral(true)),
            Map.entry("text", text("gr\u00fcn")),
            Map.entry("large_text", text("")),
            Map.entry("day", new Operand.DateLiteral(LocalDate.of(1969, 12, 31))),
            Map.entry("day64", text("2024-02-29")),
            Map.entry("ts_s", new Operand.TimestampLiteral(moment)),
            Map.entry("ts_ms", text("2023-05-06 07:08:09")),
            Map.entry("ts_us", text("2023-05-06T07:08:09.000001")),
            Map.entry("ts_ns", new Operand.TimestampLiteral(moment.plusNanos(1))),
            Map.entry("tz_us", new Operand.InstantLiteral(Instant.ofEpochSecond(1, 2_000))),
            Map.entry("numbers", new NullLiteral()),
            Map.entry("place", new NullLiteral()));
    List<Assignment> assignments = new ArrayList<>();
    values.forEach((column, value) -> assignments.add(set(column, value)));

    TableVersion version = updated(base, Optional.empty(), assignments.toArray(Assignment[]::new));

    Map<String, @Nullable Object> expected =
        row(
            "i8",
            -128L,
            "i16",
            -32768L,
            "i32",
            (long) Integer.MAX_VALUE,
            "u8",
            255L,
            "u32",
            0xFFFF_FFFFL,
            "u64",
            new BigInteger("18446744073709551615"),
            "f32",
            0.1f,
            "f64",
            Double.NEGATIVE_INFINITY,
            "dec",
            new BigDecimal("-1234567.5000"),
            "flag",
            true,
            "text",
            "gr\u00fcn",
            "large_text",
            "",
            "day",
            LocalDate.of(1969, 12, 31),
            "day64",
            LocalDate.of(2024, 2, 29),
            "ts_s",
            moment,
            "ts_ms",
            moment,
            "ts_us",
            moment.plusNanos(1000),
            "ts_ns",
            moment.plusNanos(1),
            "tz_us",
            Instant.ofEpochSecond(1, 2_000),
            "numbers",
            null,
            "place",
            null);
    List<Map<String, @Nullable Object>> found = fixture.rows(version);
    assertThat(found).hasSize(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      rows.get(i).putAll(expected);
      assertThat(found.get(i)).isEqualTo(rows.get(i));
    }
  }

  @Test
  void update_everyColumnFromItself_changesNothing() {
    List<Map<String, @Nullable Object>> rows = EveryType.rows(50);
    TableVersion base = fixture.create(EveryType.SCHEMA, rows);
    Assignment[] assignments =
        EveryType.SCHEMA.getFields().stream()
            .map(field -> set(field.getName(), column(field.getName())))
            .toArray(Assignment[]::new);

    assertThat(fixture.rows(updated(base, Optional.empty(), assignments))).isEqualTo(rows);
  }

  @Test
  void update_badAssignments_areRefused() {
    Schema schema =
        schema(required(int64("id")), int64("n"), float64("f"), list("l", int64("item")));
    TableVersion base = fixture.create(schema, List.of(row("id", 1L)));
    Optional<Predicate> all = Optional.empty();

    fails(StorageErrorCode.INVALID_ARGUMENT, () -> updated(base, all));
    fails(
        StorageErrorCode.INVALID_ARGUMENT,
        () -> updated(base, all, set("n", number(1)), set("n", number(2))));
    fails(StorageErrorCode.COLUMN_NOT_FOUND, () -> updated(base, all, set("x", number(1))));
    fails(StorageErrorCode.COLUMN_NOT_FOUND, () -> updated(base, all, set("n", column("x"))));
    fails(StorageErrorCode.ROW_INVALID, () -> updated(base, all, set("id", new NullLiteral())));
    fails(StorageErrorCode.SCHEMA_MISMATCH, () -> updated(base, all, set("id", column("n"))));
    fails(StorageErrorCode.SCHEMA_MISMATCH, () -> updated(base, all, set("n", text("1"))));
    fails(StorageErrorCode.SCHEMA_MISMATCH, () -> updated(base, all, set("n", column("f"))));
    fails(StorageErrorCode.SCHEMA_MISMATCH, () -> updated(base, all, set("l", number(1))));
    fails(
        StorageErrorCode.ROW_INVALID,
        () -> updated(base, all, set("n", new NumberLiteral(new BigDecimal("1.5")))));
    fails(
        StorageErrorCode.ROW_INVALID,
        () -> updated(base, all, set("n", new NumberLiteral(new BigDecimal("1e19")))));
  }

  @Test
  void rebase_update_isWorkedOutOnTheNewBase() {
    TableVersion base = fixture.create(PEOPLE, people(0, 4));
    StagedWrite staged =
        fixture.stageUpdate(
            base,
            Optional.of(idIs(Comparison.GREATER_OR_EQUAL, 2)),
            set("name", text("w")),
            set("score", number(0)));
    TableVersion other =
        fixture.append(
            fixture.tables().commit(fixture.stageDelete(base, idIs(Comparison.EQUAL, 2))),
            people(7, 9));

    StagedWrite moved =
        fixture.rebased(fixture.tables().fromToken(fixture.tables().toToken(staged)), other);

    assertThat(moved.facts().rowsAdded()).isEqualTo(3);
    assertThat(fixture.rows(fixture.tables().commit(moved)))
        .containsExactly(
            people(0, 1).get(0),
            people(1, 2).get(0),
            person(3, "w", 0.0),
            person(7, "w", 0.0),
            person(8, "w", 0.0));
  }

  @Test
  void update_manyScatteredRows_isExact() {
    TableVersion base = fixture.create(PEOPLE, people(0, 20_000));
    Predicate low = new Predicate.Like(column("name"), "%7");

    TableVersion version = updated(base, Optional.of(low), set("score", new NullLiteral()));

    List<Map<String, @Nullable Object>> expected = new ArrayList<>();
    for (long id = 0; id < 20_000; id++) {
      if (id % 10 != 7) {
        expected.addAll(people(id, id + 1));
      }
    }
    for (long id = 7; id < 20_000; id += 10) {
      expected.add(person(id, "p" + id, null));
    }
    assertThat(fixture.rows(version)).isEqualTo(expected);
  }
}
