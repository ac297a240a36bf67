package dev.slipway.engine.simulation;

import dev.slipway.engine.matrix.Model;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the tables hold after a revision, and which table has which name: a name may mean another
 * table later. Immutable.
 *
 * @param names by table id
 */
record Contents(Model model, SortedMap<String, String> names) {
  static final Contents EMPTY = new Contents(Model.EMPTY, new TreeMap<>());

  Contents created(String name, String tableId) {
    return new Contents(model.create(name), with(tableId, name));
  }

  Contents dropped(String name) {
    return new Contents(model.drop(name), with(idOf(name), null));
  }

  Contents renamed(String from, String to) {
    return new Contents(model.rename(from, to), with(idOf(from), to));
  }

  Contents written(Writing writing, String tableId) {
    String name = names.get(tableId);
    if (name == null) {
      throw new AssertionError("the log writes to table " + tableId + ", which isn't there");
    }
    return new Contents(writing.applyTo(model, name), names);
  }

  private SortedMap<String, String> with(String tableId, @Nullable String name) {
    TreeMap<String, String> after = new TreeMap<>(names);
    if (name == null) {
      after.remove(tableId);
    } else {
      after.put(tableId, name);
    }
    return after;
  }

  private String idOf(String name) {
    return names.entrySet().stream()
        .filter(entry -> entry.getValue().equals(name))
        .map(java.util.Map.Entry::getKey)
        .findFirst()
        .orElseThrow(
            () -> new AssertionError("the log names table " + name + ", which isn't there"));
  }
}
