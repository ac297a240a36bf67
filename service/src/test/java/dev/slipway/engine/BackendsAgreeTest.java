package dev.slipway.engine;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same random operations on both backends give the same answers and the same rows, in order.
 */
class BackendsAgreeTest {
  private static final int STEPS = 80;
  private static final List<String> TABLES = List.of("person", "customer");
  private static final List<String> FILTERS =
      List.of(
          "id < 5",
          "age >= 3 AND name <> 'n1'",
          "name IS NULL OR id IN (1, 2, 3)",
          "NOT (age = 4)",
          "name LIKE 'n%' AND id > 2",
          "id BETWEEN 3 AND 6");

  @TempDir Path folder;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void randomOperations_onBothBackends_giveTheSameRows(long seed) {
    try (EngineFixture memory = EngineFixture.open(BackendKind.MEMORY, folder.resolve("m"));
        EngineFixture lance = EngineFixture.open(BackendKind.LANCE, folder.resolve("l"))) {
      Side first = new Side(memory);
      Side second = new Side(lance);
      Random random = new Random(seed);
      for (int step = 0; step < STEPS; step++) {
        Step next = Step.random(random);
        String where = "seed " + seed + ", step " + step + ": " + next;
        assertThat(second.run(next)).as(where).isEqualTo(first.run(next));
        for (String table : TABLES) {
          assertThat(second.rows(table)).as(where).isEqualTo(first.rows(table));
        }
      }
      for (long revision = 2; revision <= first.database.head(); revision += 7) {
        for (String table : TABLES) {
          ReadAt at = ReadAt.revision(revision);
          assertThat(second.engine.rows(second.database, table, at))
              .as("seed %d, revision %d", seed, revision)
              .isEqualTo(first.engine.rows(first.database, table, at));
        }
      }
    }
  }

  /** One operation, the same for both. */
  private record Step(
      String kind,
      String table,
      List<Map<String, @Nullable Object>> rows,
      String filter,
      int pick) {
    static Step random(Random random) {
      List<String> kinds =
          List.of(
              "append",
              "append",
              "upsert",
              "upsert",
              "delete",
              "update",
              "overwrite",
              "unique",
              "stage",
              "stage",
              "commit",
              "count");
      List<Map<String, @Nullable Object>> rows = new ArrayList<>();
      int count = random.nextInt(5);
      for (int i = 0; i < count; i++) {
        String name = random.nextInt(4) == 0 ? null : "n" + random.nextInt(3);
        rows.add(person(random.nextInt(10), name, random.nextInt(8)));
      }
      return new Step(
          kinds.get(random.nextInt(kinds.size())),
          TABLES.get(random.nextInt(TABLES.size())),
          rows,
          FILTERS.get(random.nextInt(FILTERS.size())),
          random.nextInt(100));
    }

    WriteOperation operation() {
      return switch (kind) {
        case "append" -> new WriteOperation.Append(false);
        case "unique" -> new WriteOperation.Append(true);
        case "upsert" -> new WriteOperation.Upsert(false);
        case "overwrite" -> new WriteOperation.Overwrite();
        case "delete" -> new WriteOperation.Delete(Optional.of(filter));
        default ->
            new WriteOperation.Update(
                Map.of("age", pick % 2 == 0 ? "id" : "7", "name", pick % 3 == 0 ? "NULL" : "'u'"),
                Optional.of(filter));
      };
    }
  }

  /** One backend's database and what is staged in it. */
  private static final class Side {
    private final EngineFixture engine;
    private final Database database;
    private final List<String> staged = new ArrayList<>();

    Side(EngineFixture engine) {
      this.engine = engine;
      this.database = engine.create("crm");
      TABLES.forEach(table -> createPeople(database, table));
    }

    List<Map<String, @Nullable Object>> rows(String table) {
      return engine.rows(database, table);
    }

    /** The answer as text that doesn't depend on the backend. */
    String run(Step step) {
      try {
        return switch (step.kind()) {
          case "count" ->
              database
                  .count(TESTER, step.table(), ReadAt.HEAD, Optional.of(step.filter()))
                  .toString();
          case "stage" -> stage(step);
          case "commit" -> commit(step);
          default ->
              engine
                  .write(database, step.table(), step.operation(), step.rows())
                  .commit()
                  .tables()
                  .toString();
        };
      } catch (SlipwayException e) {
        return e.reason().name() + e.conflicts().stream().map(Conflict::kind).toList();
      }
    }

    private String stage(Step step) {
      List<WriteOperation> operations =
          List.of(
              new WriteOperation.Append(false),
              new WriteOperation.Upsert(false),
              new WriteOperation.Delete(Optional.of(step.filter())),
              new WriteOperation.Overwrite());
      StagedWriteInfo info =
          engine.stage(
              database, step.table(), operations.get(step.pick() % operations.size()), step.rows());
      staged.add(info.id());
      return info.kind() + " " + info.rowsAdded() + " " + info.rowsRemoved();
    }

    private String commit(Step step) {
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < Math.min(3, staged.size()); i++) {
        ids.add(staged.remove(step.pick() % staged.size()));
      }
      return database.commit(TESTER, "main", ids, CommitOptions.NONE).commit().tables().toString();
    }
  }
}
