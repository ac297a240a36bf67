package dev.slipway.engine.matrix;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What a database should hold: for each table its rows by id. Immutable. */
public record Model(SortedMap<String, SortedMap<Long, Map<String, @Nullable Object>>> tables) {
  public static final Model EMPTY = new Model(new TreeMap<>());

  /** A change to the rows of one table, which must exist. */
  public interface RowChange {
    void apply(SortedMap<Long, Map<String, @Nullable Object>> rows);
  }

  public Model change(String table, RowChange change) {
    SortedMap<Long, Map<String, @Nullable Object>> old = tables.get(table);
    if (old == null) {
      throw new AssertionError("the log changes table " + table + ", which isn't there");
    }
    SortedMap<Long, Map<String, @Nullable Object>> rows = new TreeMap<>(old);
    change.apply(rows);
    return with(table, rows);
  }

  public Model create(String table) {
    if (tables.containsKey(table)) {
      throw new AssertionError("the log creates table " + table + " twice");
    }
    return with(table, new TreeMap<>());
  }

  public Model drop(String table) {
    TreeMap<String, SortedMap<Long, Map<String, @Nullable Object>>> all = new TreeMap<>(tables);
    if (all.remove(table) == null) {
      throw new AssertionError("the log drops table " + table + ", which isn't there");
    }
    return new Model(all);
  }

  public Model rename(String table, String name) {
    SortedMap<Long, Map<String, @Nullable Object>> rows = tables.get(table);
    Model without = drop(table);
    return rows == null ? without : without.with(name, rows);
  }

  /** A table's rows in order of id. */
  public List<Map<String, @Nullable Object>> rows(String table) {
    SortedMap<Long, Map<String, @Nullable Object>> rows = tables.get(table);
    return rows == null ? List.of() : List.copyOf(rows.values());
  }

  private Model with(String table, SortedMap<Long, Map<String, @Nullable Object>> rows) {
    TreeMap<String, SortedMap<Long, Map<String, @Nullable Object>>> all = new TreeMap<>(tables);
    all.put(table, rows);
    return new Model(all);
  }

  /** Adds rows whose ids are new, or replaces those that have them. */
  public static UnaryOperator<Model> put(String table, List<Map<String, @Nullable Object>> rows) {
    return model -> model.change(table, all -> rows.forEach(row -> all.put(id(row), row)));
  }

  /** A row's id. */
  public static long id(Map<String, @Nullable Object> row) {
    if (row.get("id") instanceof Long id) {
      return id;
    }
    throw new AssertionError("a row has an id, found " + row);
  }
}
