package dev.slipway.storage.lance;

import static dev.slipway.storage.testkit.Columns.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.storage.Assignment;
import dev.slipway.storage.VersionRef;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.testkit.Rows;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lance.CommitBuilder;
import org.lance.Dataset;
import org.lance.ReadOptions;
import org.lance.Transaction;
import org.lance.operation.Project;

/** New rows go to the columns of their names, also where columns before them were dropped. */
class FieldIdsTest {
  private static final Schema WIDE =
      schema(
          int64("id"),
          utf8("dropped"),
          struct("place", utf8("town"), struct("at", float64("lat"), float64("lon"))),
          list("numbers", int32("item")),
          int64("last"));
  private static final Schema NARROW =
      new Schema(WIDE.getFields().stream().filter(f -> !f.getName().equals("dropped")).toList());

  @TempDir Path root;

  @Test
  void write_ontoAVersionWithADroppedColumn_fillsTheRightColumns() {
    try (TestTable table = new TestTable(root, WIDE)) {
      VersionRef wide = table.append(table.genesis(), List.of(row(1)));
      VersionRef narrow = drop(table, wide);

      table.on(
          narrow,
          snapshot -> {
            assertThat(snapshot.schema().getFields()).hasSize(4);
            return true;
          });
      TestTable over = table.withSchema(NARROW);
      VersionRef appended = over.append(narrow, List.of(row(2), row(3)));
      VersionRef upserted = over.upsert(appended, List.of("id"), List.of(row(3), row(4)));
      VersionRef updated =
          over.update(
              upserted,
              List.of(new Assignment("last", new Operand.NumberLiteral(BigDecimal.valueOf(-1)))),
              Optional.empty());
      VersionRef replaced = over.overwrite(updated, List.of(row(9)));

      assertThat(over.rows(appended)).containsExactly(row(1), row(2), row(3));
      assertThat(over.rows(upserted)).containsExactly(row(1), row(2), row(3), row(4));
      assertThat(over.rows(updated))
          .extracting(row -> row.get("place"))
          .containsExactly(place(1), place(2), place(3), place(4));
      assertThat(over.rows(replaced)).containsExactly(row(9));
      assertThat(over.rows(over.append(replaced, List.of(row(10)))))
          .containsExactly(row(9), row(10));
    }
  }

  private static VersionRef drop(TestTable table, VersionRef wide) {
    try (BufferAllocator allocator = new RootAllocator();
        Dataset base =
            Dataset.open()
                .uri(table.home().toString())
                .allocator(allocator)
                .readOptions(new ReadOptions.Builder().setVersion(wide.storageVersion()).build())
                .build();
        Transaction transaction =
            new Transaction.Builder()
                .readVersion(wide.storageVersion())
                .operation(Project.builder().schema(NARROW).build())
                .build();
        Dataset dropped = new CommitBuilder(base).detached(true).execute(transaction)) {
      return new VersionRef(dropped.version(), transaction.uuid());
    }
  }

  private static Map<String, @Nullable Object> row(long id) {
    return Rows.row("id", id, "place", place(id), "numbers", List.of(id, id + 1), "last", id * 100);
  }

  private static Map<String, @Nullable Object> place(long id) {
    return Rows.row("town", "town " + id, "at", Rows.row("lat", 0.5 * id, "lon", null));
  }
}
