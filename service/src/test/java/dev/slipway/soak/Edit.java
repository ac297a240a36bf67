package dev.slipway.soak;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.matrix.Model;
import dev.slipway.v1.AppendOperation;
import dev.slipway.v1.DeleteOperation;
import dev.slipway.v1.OverwriteOperation;
import dev.slipway.v1.UpdateOperation;
import dev.slipway.v1.UpsertOperation;
import dev.slipway.v1.WriteHeader;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One write to one table, and what it does to a model if it commits. */
record Edit(
    WriteHeader header, List<Map<String, @Nullable Object>> rows, UnaryOperator<Model> effect) {

  static Edit append(String table, List<Map<String, @Nullable Object>> rows) {
    return new Edit(
        header(table).setAppend(AppendOperation.getDefaultInstance()).build(),
        rows,
        Model.put(table, rows));
  }

  static Edit upsert(String table, List<Map<String, @Nullable Object>> rows) {
    return new Edit(
        header(table).setUpsert(UpsertOperation.getDefaultInstance()).build(),
        rows,
        Model.put(table, rows));
  }

  static Edit overwrite(String table, List<Map<String, @Nullable Object>> rows) {
    return new Edit(
        header(table).setOverwrite(OverwriteOperation.getDefaultInstance()).build(),
        rows,
        model -> Model.put(table, rows).apply(model.change(table, all -> all.clear())));
  }

  /** Removes the rows with ids from {@code low} to below {@code high}. */
  static Edit delete(String table, long low, long high) {
    return new Edit(
        header(table).setDelete(DeleteOperation.newBuilder().setFilter(ids(low, high))).build(),
        List.of(),
        model -> model.change(table, all -> all.subMap(low, high).clear()));
  }

  /** Sets the age of the rows with ids from {@code low} to below {@code high}. */
  static Edit update(String table, long low, long high, long age) {
    return new Edit(
        header(table)
            .setUpdate(
                UpdateOperation.newBuilder()
                    .putSet("age", Long.toString(age))
                    .setFilter(ids(low, high)))
            .build(),
        List.of(),
        model ->
            model.change(
                table, all -> all.subMap(low, high).replaceAll((id, row) -> aged(row, age))));
  }

  private static Map<String, @Nullable Object> aged(Map<String, @Nullable Object> row, long age) {
    Map<String, @Nullable Object> changed = new java.util.LinkedHashMap<>(row);
    changed.put("age", age);
    return changed;
  }

  private static String ids(long low, long high) {
    return "id >= %d AND id < %d".formatted(low, high);
  }

  private static WriteHeader.Builder header(String table) {
    return WriteHeader.newBuilder().setDatabase(Client.DATABASE).setTable(table);
  }

  /** An overwrite is a conflict if its table has moved; nothing else here ever is. */
  boolean mayConflict() {
    return header.hasOverwrite();
  }

  List<Struct> payload() {
    return rows.stream().map(Edit::struct).toList();
  }

  private static Struct struct(Map<String, @Nullable Object> row) {
    Struct.Builder fields = Struct.newBuilder();
    row.forEach(
        (name, value) ->
            fields.putFields(
                name,
                value instanceof Long number
                    ? Value.newBuilder().setNumberValue(number).build()
                    : Value.newBuilder().setStringValue(String.valueOf(value)).build()));
    return fields.build();
  }
}
