package dev.slipway.engine.matrix;

import static dev.slipway.engine.testkit.EngineFixture.person;

import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.matrix.Client.Staging;
import dev.slipway.storage.testkit.Rows;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The kinds of change that the matrix breaks. They begin with table {@code person} (1 Ada, 2 Bob, 3
 * Cy) and table {@code customer} (1 Eve).
 */
enum MatrixKind {
  APPEND(append(), only(new WriteOperation.Append(false), List.of(joe()))),

  OVERWRITE(
      model ->
          model.change(
              "person",
              rows -> {
                rows.clear();
                rows.put(20L, person(20, "Zoe", 2));
              }),
      only(new WriteOperation.Overwrite(), List.of(person(20, "Zoe", 2)))),

  UPSERT(Model.put("person", changed()), only(new WriteOperation.Upsert(false), changed())),

  UNIQUE_APPEND(append(), only(new WriteOperation.Append(true), List.of(joe()))),

  /** Leaves out the age: Cy keeps it, and Flo has none. */
  PARTIAL_UPSERT(
      Model.put(
          "person", List.of(person(3, "Cyd", 7), Rows.row("id", 5L, "name", "Flo", "age", null))),
      only(
          new WriteOperation.Upsert(true),
          List.of(Rows.row("id", 3L, "name", "Cyd"), Rows.row("id", 5L, "name", "Flo")))),

  DELETE(
      MatrixKind::withoutAda,
      only(new WriteOperation.Delete(Optional.of("name = 'Ada'")), List.of())),

  UPDATE(
      Model.put("person", List.of(person(3, "Cy", 8))),
      only(new WriteOperation.Update(Map.of("age", "8"), Optional.of("id = 3")), List.of())),

  SEVERAL_TABLES(
      model ->
          Model.put("customer", List.of(person(1, "Eva", 51)))
              .apply(Model.put("person", List.of(joe(), person(11, "Kim", 12))).apply(model)),
      List.of(
          new Staging("person", new WriteOperation.Append(false), List.of(joe())),
          new Staging("customer", new WriteOperation.Upsert(false), List.of(person(1, "Eva", 51))),
          new Staging("person", new WriteOperation.Append(false), List.of(person(11, "Kim", 12))))),

  ONE_CALL_APPEND(append(), only(new WriteOperation.Append(false), List.of(joe()))) {
    @Override
    long act(Client client, String request) {
      return client.write(request, stagings().get(0));
    }
  },

  ONE_CALL_UPSERT(
      Model.put("person", changed()), only(new WriteOperation.Upsert(false), changed())) {
    @Override
    long act(Client client, String request) {
      return client.write(request, stagings().get(0));
    }
  },

  ONE_CALL_DELETE(
      MatrixKind::withoutAda,
      only(new WriteOperation.Delete(Optional.of("name = 'Ada'")), List.of())) {
    @Override
    long act(Client client, String request) {
      return client.write(request, stagings().get(0));
    }
  },

  CREATE_TABLE(model -> model.create("order"), List.of()) {
    @Override
    long act(Client client, String request) {
      return client.createTable(request, "order");
    }

    @Override
    long interfere(Client client, String request) {
      return client.createTable(request, "order");
    }

    @Override
    UnaryOperator<Model> interference() {
      return model -> model.create("order");
    }
  },

  DROP_TABLE(model -> model.drop("customer"), List.of()) {
    @Override
    long act(Client client, String request) {
      return client.dropTable(request, "customer");
    }
  },

  RENAME_TABLE(model -> model.rename("customer", "client"), List.of()) {
    @Override
    long act(Client client, String request) {
      return client.renameTable(request, "customer", "client");
    }
  },

  CREATE_DATABASE(UnaryOperator.identity(), List.of()),

  DROP_DATABASE(UnaryOperator.identity(), List.of()),

  CLEANUP(UnaryOperator.identity(), List.of());

  private final UnaryOperator<Model> effect;
  private final List<Staging> stagings;

  MatrixKind(UnaryOperator<Model> effect, List<Staging> stagings) {
    this.effect = effect;
    this.stagings = stagings;
  }

  private static Map<String, @Nullable Object> joe() {
    return person(10, "Joe", 1);
  }

  private static List<Map<String, @Nullable Object>> changed() {
    return List.of(person(2, "Bo", 41), person(4, "Di", 5));
  }

  private static Model withoutAda(Model model) {
    return model.change("person", rows -> rows.remove(1L));
  }

  private static UnaryOperator<Model> append() {
    return Model.put("person", List.of(joe()));
  }

  private static List<Staging> only(
      WriteOperation operation, List<Map<String, @Nullable Object>> rows) {
    return List.of(new Staging("person", operation, rows));
  }

  /** Sends the request; repeating it is safe. */
  long act(Client client, String request) {
    return client.commit(request, stagings);
  }

  UnaryOperator<Model> effect() {
    return effect;
  }

  List<Staging> stagings() {
    return stagings;
  }

  /** Another client changes the same table. */
  long interfere(Client client, String request) {
    return client.write(
        request,
        new Staging(target(), new WriteOperation.Append(false), List.of(person(100, "Max", 100))));
  }

  UnaryOperator<Model> interference() {
    return Model.put(target(), List.of(person(100, "Max", 100)));
  }

  private String target() {
    return stagings.isEmpty() ? "customer" : "person";
  }

  boolean writesRows() {
    return !stagings.isEmpty();
  }

  /** One of which the short matrix has others like it. */
  boolean isOnlyInTheLongForm() {
    return this == ONE_CALL_UPSERT || this == ONE_CALL_DELETE;
  }

  private boolean isOneCall() {
    return name().startsWith("ONE_CALL");
  }

  boolean isOfDatabases() {
    return this == CREATE_DATABASE || this == DROP_DATABASE;
  }

  /** The windows that a change of this kind passes. */
  Set<FailPoint> windows() {
    Set<FailPoint> windows = EnumSet.noneOf(FailPoint.class);
    if (this == CREATE_DATABASE) {
      windows.add(FailPoint.DATABASE_BEFORE_CLAIM);
      windows.add(FailPoint.COMMIT_PUBLISH_ANSWER_LOST);
      windows.add(FailPoint.DATABASE_AFTER_CLAIM);
      return windows;
    }
    if (this == DROP_DATABASE) {
      windows.add(FailPoint.COMMIT_BEFORE_PUBLISH);
      windows.add(FailPoint.COMMIT_PUBLISH_ANSWER_LOST);
      windows.add(FailPoint.COMMIT_AFTER_PUBLISH);
      windows.add(FailPoint.DATABASE_DELETE_AFTER_MARK);
      return windows;
    }
    if (this == CLEANUP) {
      windows.add(FailPoint.COMMIT_BEFORE_PUBLISH);
      windows.add(FailPoint.COMMIT_PUBLISH_ANSWER_LOST);
      windows.add(FailPoint.COMMIT_AFTER_PUBLISH);
      for (FailPoint point : FailPoint.values()) {
        String name = point.windowName();
        if (name.startsWith("cleanup.") || name.startsWith("checkpoint.")) {
          windows.add(point);
        }
      }
      return windows;
    }
    for (FailPoint point : FailPoint.values()) {
      if (passes(point)) {
        windows.add(point);
      }
    }
    return windows;
  }

  private boolean passes(FailPoint point) {
    String name = point.windowName();
    if (name.startsWith("database.") || name.startsWith("cleanup.")) {
      return false;
    }
    if (name.startsWith("table.")) {
      return this == CREATE_TABLE;
    }
    if (point == FailPoint.STAGE_BEFORE_FILES) {
      return writesRows();
    }
    if (name.startsWith("stage.")) {
      return writesRows() && !isOneCall();
    }
    return point != FailPoint.COMMIT_AFTER_FIRST_TABLE || this != DROP_TABLE;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
