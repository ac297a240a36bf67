package dev.slipway.storage.contract;

import static dev.slipway.storage.testkit.Columns.bool;
import static dev.slipway.storage.testkit.Columns.float64;
import static dev.slipway.storage.testkit.Columns.int32;
import static dev.slipway.storage.testkit.Columns.int64;
import static dev.slipway.storage.testkit.Columns.list;
import static dev.slipway.storage.testkit.Columns.required;
import static dev.slipway.storage.testkit.Columns.schema;
import static dev.slipway.storage.testkit.Columns.struct;
import static dev.slipway.storage.testkit.Columns.utf8;
import static dev.slipway.storage.testkit.Rows.row;

import dev.slipway.storage.Assignment;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Operand.Column;
import dev.slipway.storage.predicate.Operand.NullLiteral;
import dev.slipway.storage.predicate.Operand.NumberLiteral;
import dev.slipway.storage.predicate.Operand.StringLiteral;
import dev.slipway.storage.predicate.Predicate;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** Random writes, each with what it must do to a base's rows. */
final class TreeWrites {
  static final Schema SCHEMA =
      schema(
          required(int64("id")),
          utf8("name"),
          int32("n"),
          int32("nb"),
          float64("score"),
          bool("flag"),
          list("tags", int32("item")),
          struct("at", utf8("town"), float64("lat")));

  private static final int IDS = 40;
  private static final int MANY_ROWS = 60;
  private static final List<String> KEY = List.of("id");

  private final BackendFixture fixture;
  private final Random random;

  /**
   * @param stage stages it on a version
   * @param model what committing it makes of a base's rows
   */
  record TreeWrite(
      String name,
      Function<TableVersion, StagedWrite> stage,
      UnaryOperator<List<Map<String, @Nullable Object>>> model) {}

  TreeWrites(BackendFixture fixture, Random random) {
    this.fixture = fixture;
    this.random = random;
  }

  static RandomPredicates predicates(Random random) {
    List<String> columns = SCHEMA.getFields().stream().map(Field::getName).toList();
    return new RandomPredicates(random, columns, TreeWrites::pool);
  }

  /** A write for a base of so many rows. */
  TreeWrite next(int rows) {
    int kind = random.nextInt(20);
    if (kind == 0) {
      return overwrite();
    }
    if (kind < 4 || (rows > MANY_ROWS && kind < 12)) {
      return delete();
    }
    if (kind < 9) {
      return append();
    }
    if (kind < 13) {
      return upsert();
    }
    return kind < 16 ? partialUpsert() : update();
  }

  private TreeWrite append() {
    List<Map<String, @Nullable Object>> rows = someRows(random.nextInt(9), false);
    return new TreeWrite(
        "append " + rows,
        base -> fixture.stageAppend(base, rows),
        old -> {
          List<Map<String, @Nullable Object>> all = new ArrayList<>(old);
          all.addAll(rows);
          return all;
        });
  }

  private TreeWrite overwrite() {
    List<Map<String, @Nullable Object>> rows = someRows(random.nextInt(9), false);
    return new TreeWrite(
        "overwrite " + rows, base -> fixture.stageOverwrite(base, rows), old -> rows);
  }

  private TreeWrite delete() {
    Predicate predicate = predicates(random).next(1);
    return new TreeWrite(
        "delete " + predicate,
        base -> fixture.stageDelete(base, predicate),
        old -> old.stream().filter(row -> !ReferenceFilter.keeps(predicate, row)).toList());
  }

  private TreeWrite upsert() {
    List<Map<String, @Nullable Object>> rows = someRows(random.nextInt(9), true);
    return new TreeWrite(
        "upsert " + rows, base -> fixture.stageUpsert(base, KEY, rows), old -> merged(old, rows));
  }

  private TreeWrite partialUpsert() {
    List<Field> fields = new ArrayList<>(SCHEMA.getFields());
    fields.removeIf(field -> !field.getName().equals("id") && random.nextBoolean());
    Collections.shuffle(fields, random);
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (Map<String, @Nullable Object> whole : someRows(random.nextInt(9), true)) {
      Map<String, @Nullable Object> row = row();
      fields.forEach(field -> row.put(field.getName(), whole.get(field.getName())));
      rows.add(row);
    }
    return new TreeWrite(
        "partial upsert " + rows,
        base -> fixture.stagePartialUpsert(base, KEY, new Schema(fields), rows),
        old -> merged(old, rows));
  }

  private TreeWrite update() {
    Optional<Predicate> predicate =
        random.nextInt(6) == 0 ? Optional.empty() : Optional.of(predicates(random).next(1));
    List<Assignment> assignments = new ArrayList<>();
    assignments.add(
        new Assignment("name", random.nextBoolean() ? new NullLiteral() : new StringLiteral("u")));
    if (random.nextBoolean()) {
      assignments.add(new Assignment("n", new Column("nb")));
      assignments.add(new Assignment("nb", new Column("n")));
    }
    if (random.nextBoolean()) {
      assignments.add(
          new Assignment("score", new NumberLiteral(BigDecimal.valueOf(random.nextInt(5), 1))));
    }
    return new TreeWrite(
        "update " + assignments + " where " + predicate,
        base -> fixture.stageUpdate(base, predicate, assignments.toArray(Assignment[]::new)),
        old -> updated(old, assignments, predicate));
  }

  private static List<Map<String, @Nullable Object>> merged(
      List<Map<String, @Nullable Object>> old, List<Map<String, @Nullable Object>> source) {
    Map<Object, Map<String, @Nullable Object>> latest = new HashMap<>();
    old.forEach(row -> latest.put(Objects.requireNonNull(row.get("id")), row));
    List<Object> keys = new ArrayList<>();
    source.forEach(row -> keys.add(Objects.requireNonNull(row.get("id"))));
    List<Map<String, @Nullable Object>> all = new ArrayList<>(old);
    all.removeIf(row -> keys.contains(row.get("id")));
    for (Map<String, @Nullable Object> given : source) {
      Map<String, @Nullable Object> before = latest.getOrDefault(given.get("id"), Map.of());
      Map<String, @Nullable Object> row = row();
      for (Field field : SCHEMA.getFields()) {
        String name = field.getName();
        row.put(name, given.containsKey(name) ? given.get(name) : before.get(name));
      }
      all.add(row);
    }
    return all;
  }

  private static List<Map<String, @Nullable Object>> updated(
      List<Map<String, @Nullable Object>> old,
      List<Assignment> assignments,
      Optional<Predicate> predicate) {
    List<Map<String, @Nullable Object>> kept = new ArrayList<>();
    List<Map<String, @Nullable Object>> changed = new ArrayList<>();
    for (Map<String, @Nullable Object> row : old) {
      if (predicate.isPresent() && !ReferenceFilter.keeps(predicate.get(), row)) {
        kept.add(row);
        continue;
      }
      Map<String, @Nullable Object> copy = new LinkedHashMap<>(row);
      assignments.forEach(
          assignment -> copy.put(assignment.column(), assigned(assignment.value(), row)));
      changed.add(copy);
    }
    kept.addAll(changed);
    return kept;
  }

  private static @Nullable Object assigned(Operand value, Map<String, @Nullable Object> row) {
    if (value instanceof Column column) {
      return row.get(column.name());
    }
    if (value instanceof NumberLiteral number) {
      return number.value().doubleValue();
    }
    return value instanceof StringLiteral text ? text.value() : null;
  }

  private List<Map<String, @Nullable Object>> someRows(int count, boolean distinct) {
    Map<Object, Map<String, @Nullable Object>> byId = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      Map<String, @Nullable Object> row = row();
      for (Field field : SCHEMA.getFields()) {
        List<Object> pool = pool(field.getName());
        row.put(
            field.getName(), random.nextInt(4) == 0 ? null : pool.get(random.nextInt(pool.size())));
      }
      long id = random.nextInt(IDS);
      row.put("id", id);
      byId.put(distinct ? id : i, row);
    }
    return new ArrayList<>(byId.values());
  }

  private static List<Object> pool(String column) {
    return switch (column) {
      case "id" -> List.of(0L, 7L, 15L, 22L, 38L);
      case "name" -> List.of("", "a", "ab", "it's", "\u00fc");
      case "n", "nb" -> List.of(-5L, 0L, 5L, 2_147_483_647L);
      case "score" -> List.of(-0.0, 0.0, 0.5, 5.5, Double.NaN);
      case "flag" -> List.of(true, false);
      case "tags" -> List.of(List.of(), Arrays.asList(1L, null), List.of(2L, 3L, 4L));
      default -> List.of(row("town", "Emden", "lat", null), row("town", null, "lat", 53.4));
    };
  }
}
