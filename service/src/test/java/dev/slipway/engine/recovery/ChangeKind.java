package dev.slipway.engine.recovery;

import static dev.slipway.engine.testkit.EngineFixture.person;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Expectation;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.matrix.Client.Staging;
import dev.slipway.engine.matrix.Model;
import dev.slipway.engine.matrix.Setting;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.storage.testkit.Rows;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.Arguments;

/**
 * Every kind of change there is, each as one request over what {@link Setting} commits. What a
 * delete, an update or an upsert does depends on what it finds, so it shows what it was done to.
 */
enum ChangeKind {
  APPEND(new WriteOperation.Append(false), List.of(joe()), rows -> rows.put(10L, joe())),

  OVERWRITE(
      new WriteOperation.Overwrite(),
      List.of(joe()),
      rows -> {
        rows.clear();
        rows.put(10L, joe());
      }),

  UPSERT(
      new WriteOperation.Upsert(false),
      List.of(may(), joe()),
      rows -> {
        rows.put(4L, may());
        rows.put(10L, joe());
      }),

  UNIQUE_APPEND(
      new WriteOperation.Append(true),
      List.of(person(11, "Ann", 50)),
      rows -> rows.put(11L, person(11, "Ann", 50))),

  /** Leaves out the age: who is there keeps it. */
  PARTIAL_UPSERT(
      new WriteOperation.Upsert(true),
      List.of(Rows.row("id", 2L, "name", "Rob"), Rows.row("id", 5L, "name", "Flo")),
      rows -> {
        rename(rows, 2, "Rob");
        rename(rows, 5, "Flo");
      }),

  DELETE(
      new WriteOperation.Delete(Optional.of("age > 39")),
      List.of(),
      rows -> rows.values().removeIf(row -> age(row) > 39)),

  UPDATE(
      new WriteOperation.Update(Map.of("age", "1"), Optional.of("age > 39")),
      List.of(),
      rows -> rows.replaceAll((id, row) -> age(row) > 39 ? person(id, name(row), 1) : row)),

  SEVERAL_TABLES {
    @Override
    List<Staging> stagings() {
      return List.of(DELETE.staging(PERSON), UPDATE.staging(CUSTOMER), APPEND.staging(PERSON));
    }

    @Override
    UnaryOperator<Model> effect() {
      return model ->
          APPEND
              .effect(PERSON)
              .apply(UPDATE.effect(CUSTOMER).apply(DELETE.effect(PERSON).apply(model)));
    }
  },

  IN_ONE_CALL {
    @Override
    long act(Client client, String request, Expectation... expectations) {
      return client.write(request, UPDATE.staging(PERSON));
    }

    @Override
    UnaryOperator<Model> effect() {
      return UPDATE.effect(PERSON);
    }

    @Override
    long obstruct(Client client, String request) {
      return client.dropTable(request, PERSON);
    }

    @Override
    UnaryOperator<Model> obstacle() {
      return model -> model.drop(PERSON);
    }
  },

  CREATE_TABLE {
    @Override
    long act(Client client, String request, Expectation... expectations) {
      return client.createTable(request, "order");
    }

    @Override
    UnaryOperator<Model> effect() {
      return model -> model.create("order");
    }

    @Override
    long obstruct(Client client, String request) {
      return act(client, request);
    }

    @Override
    UnaryOperator<Model> obstacle() {
      return effect();
    }

    @Override
    ErrorReason refusal() {
      return ErrorReason.TABLE_EXISTS;
    }

    @Override
    String table() {
      return "order";
    }
  },

  DROP_TABLE {
    @Override
    long act(Client client, String request, Expectation... expectations) {
      return client.dropTable(request, CUSTOMER);
    }

    @Override
    UnaryOperator<Model> effect() {
      return model -> model.drop(CUSTOMER);
    }

    @Override
    long obstruct(Client client, String request) {
      return act(client, request);
    }

    @Override
    UnaryOperator<Model> obstacle() {
      return effect();
    }

    @Override
    ErrorReason refusal() {
      return ErrorReason.TABLE_NOT_FOUND;
    }
  },

  RENAME_TABLE {
    @Override
    long act(Client client, String request, Expectation... expectations) {
      return client.renameTable(request, CUSTOMER, "client");
    }

    @Override
    UnaryOperator<Model> effect() {
      return model -> model.rename(CUSTOMER, "client");
    }

    @Override
    long obstruct(Client client, String request) {
      return client.createTable(request, "client");
    }

    @Override
    UnaryOperator<Model> obstacle() {
      return model -> model.create("client");
    }

    @Override
    ErrorReason refusal() {
      return ErrorReason.TABLE_EXISTS;
    }

    @Override
    String table() {
      return "client";
    }
  };

  static final String PERSON = "person";
  static final String CUSTOMER = "customer";

  /** What changes the rows of one table. */
  static final List<ChangeKind> WRITES =
      List.of(APPEND, OVERWRITE, UPSERT, UNIQUE_APPEND, PARTIAL_UPSERT, DELETE, UPDATE);

  /** For tests of every kind on every backend. */
  static final String EVERYWHERE = "dev.slipway.engine.recovery.ChangeKind#everywhere";

  /** For tests of {@link #WRITES} on every backend. */
  static final String WRITES_EVERYWHERE = "dev.slipway.engine.recovery.ChangeKind#writesEverywhere";

  private final Optional<Write> write;

  private record Write(
      WriteOperation operation, List<Map<String, @Nullable Object>> rows, Model.RowChange change) {}

  ChangeKind() {
    write = Optional.empty();
  }

  ChangeKind(
      WriteOperation operation, List<Map<String, @Nullable Object>> rows, Model.RowChange change) {
    write = Optional.of(new Write(operation, rows, change));
  }

  /** Whether it is refused once another has changed its table. */
  boolean isExclusive() {
    return this == OVERWRITE || this == UNIQUE_APPEND;
  }

  static Stream<Arguments> everywhere() {
    return everywhere(List.of(values()));
  }

  static Stream<Arguments> writesEverywhere() {
    return everywhere(WRITES);
  }

  private static Stream<Arguments> everywhere(List<ChangeKind> kinds) {
    return Stream.of(BackendKind.values())
        .flatMap(backend -> kinds.stream().map(kind -> Arguments.of(backend, kind)));
  }

  private static Map<String, @Nullable Object> joe() {
    return person(10, "Joe", 60);
  }

  private static Map<String, @Nullable Object> may() {
    return person(4, "May", 20);
  }

  private static long age(Map<String, @Nullable Object> row) {
    return row.get("age") instanceof Long age ? age : 0;
  }

  private static void rename(
      SortedMap<Long, Map<String, @Nullable Object>> rows, long id, String name) {
    Map<String, @Nullable Object> old = rows.get(id);
    rows.put(id, Rows.row("id", id, "name", name, "age", old == null ? null : old.get("age")));
  }

  private static String name(Map<String, @Nullable Object> row) {
    return String.valueOf(row.get("name"));
  }

  /** One of {@link #WRITES}, to a table. */
  Staging staging(String table) {
    Write one = write.orElseThrow();
    return new Staging(table, one.operation(), one.rows());
  }

  UnaryOperator<Model> effect(String table) {
    return model -> model.change(table, write.orElseThrow().change());
  }

  /** The next of {@link #WRITES}. */
  ChangeKind next() {
    return WRITES.get((WRITES.indexOf(this) + 1) % WRITES.size());
  }

  List<Staging> stagings() {
    return write.isPresent() ? List.of(staging(PERSON)) : List.of();
  }

  /** Sends the request; repeating it is safe. */
  long act(Client client, String request, Expectation... expectations) {
    return client.commit(request, stagings(), expectations);
  }

  UnaryOperator<Model> effect() {
    return effect(PERSON);
  }

  /** Sends the request from the beginning, so that {@link #obstruct} makes it impossible. */
  long actStrictly(Client client, String request) {
    return stagings().isEmpty()
        ? act(client, request)
        : act(client, request, new Expectation.BranchAt(Scene.BEGINNING));
  }

  /** Another client does what this can't follow. */
  long obstruct(Client client, String request) {
    return client.write(request, APPEND.staging(CUSTOMER));
  }

  UnaryOperator<Model> obstacle() {
    return APPEND.effect(CUSTOMER);
  }

  /** Why it can't follow. */
  ErrorReason refusal() {
    return ErrorReason.COMMIT_CONFLICT;
  }

  /** A table that it leaves behind, changed if it isn't gone. */
  String table() {
    return PERSON;
  }
}
