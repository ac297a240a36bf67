package dev.slipway.storage;

import static dev.slipway.storage.testkit.Columns.bool;
import static dev.slipway.storage.testkit.Columns.float16;
import static dev.slipway.storage.testkit.Columns.float64;
import static dev.slipway.storage.testkit.Columns.int64;
import static dev.slipway.storage.testkit.Columns.largeUtf8;
import static dev.slipway.storage.testkit.Columns.schema;
import static dev.slipway.storage.testkit.Columns.utf8;
import static dev.slipway.storage.testkit.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.storage.testkit.Rows;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SourceKeysTest {
  private final BufferAllocator allocator = new RootAllocator();

  @AfterEach
  void closeAllocator() {
    allocator.close();
  }

  private VectorSchemaRoot root(Schema schema, List<Map<String, @Nullable Object>> rows) {
    return Rows.root(allocator, schema, rows);
  }

  @Test
  void find_manyRowsInManyBatches_givesTheirNumbers() {
    Schema schema = schema(int64("a"), utf8("b"), largeUtf8("c"), bool("d"));
    Random random = new Random(5);
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (long i = 0; i < 20_000; i++) {
      rows.add(
          row("a", i / 3, "b", "k" + i % 3, "c", "x".repeat(random.nextInt(9)), "d", i % 2 == 0));
    }
    SourceKeys keys = new SourceKeys(List.of("a", "b"), 20_000);
    for (int start = 0; start < rows.size(); start += 1_000) {
      try (VectorSchemaRoot batch = root(schema, rows.subList(start, start + 1_000))) {
        keys.add(batch);
      }
    }

    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, random);
    List<Map<String, @Nullable Object>> stored = new ArrayList<>();
    order.forEach(i -> stored.add(rows.get(i)));
    stored.add(row("a", -1L, "b", "k0"));
    stored.add(row("a", null, "b", "k0"));
    try (VectorSchemaRoot batch = root(schema, stored)) {
      for (int i = 0; i < order.size(); i++) {
        assertThat(keys.find(batch, i)).isEqualTo(order.get(i).longValue());
      }
      assertThat(keys.find(batch, order.size())).isEqualTo(-1);
      assertThat(keys.find(batch, order.size() + 1)).isEqualTo(-1);
    }
    assertThat(keys.size()).isEqualTo(20_000);
  }

  @Test
  void add_longKeys_areKeptApart() {
    Schema schema = schema(utf8("k"));
    SourceKeys keys = new SourceKeys(List.of("k"), 100);
    String big = "x".repeat(3_000_000);
    try (VectorSchemaRoot batch =
        root(schema, List.of(row("k", big), row("k", big + "y"), row("k", ""), row("k", "z")))) {
      keys.add(batch);

      for (int i = 0; i < 4; i++) {
        assertThat(keys.find(batch, i)).isEqualTo(i);
      }
    }
  }

  @Test
  void find_floatZeroesAndNan_oneKeyAndNone() {
    Schema schema = schema(float64("k"), float16("h"));
    SourceKeys keys = new SourceKeys(List.of("k", "h"), 100);
    try (VectorSchemaRoot source = root(schema, List.of(row("k", 0.0, "h", -0.0f)));
        VectorSchemaRoot stored =
            root(
                schema,
                List.of(
                    row("k", -0.0, "h", 0.0f),
                    row("k", Double.NaN, "h", 0.0f),
                    row("k", 0.0, "h", Float.NaN)))) {
      keys.add(source);

      assertThat(keys.find(stored, 0)).isZero();
      assertThat(keys.find(stored, 1)).isEqualTo(-1);
      assertThat(keys.find(stored, 2)).isEqualTo(-1);
    }
  }

  @Test
  void add_duplicate_namesBothRowsAndTheKey() {
    Schema schema = schema(utf8("k"), int64("n"));
    SourceKeys keys = new SourceKeys(List.of("k", "n"), 100);
    try (VectorSchemaRoot first =
            root(schema, List.of(row("k", "a", "n", 1L), row("k", "a", "n", 2L)));
        VectorSchemaRoot second = root(schema, List.of(row("k", "a", "n", 1L)))) {
      keys.add(first);

      StorageException failure =
          catchThrowableOfType(StorageException.class, () -> keys.add(second));

      assertThat(failure.code()).isEqualTo(StorageErrorCode.ROW_INVALID);
      assertThat(failure)
          .hasMessageContaining("rows 0 and 2")
          .hasMessageContaining("k = 'a', n = '1'");
    }
  }

  @Test
  void add_moreRowsThanAllowed_isRefused() {
    Schema schema = schema(int64("k"));
    SourceKeys keys = new SourceKeys(List.of("k"), 2);
    try (VectorSchemaRoot batch = root(schema, List.of(row("k", 1L), row("k", 2L), row("k", 3L)))) {
      StorageException failure =
          catchThrowableOfType(StorageException.class, () -> keys.add(batch));

      assertThat(failure.code()).isEqualTo(StorageErrorCode.TOO_LARGE);
      assertThat(failure.code().retryable()).isFalse();
      assertThat(failure.details()).containsEntry(StorageException.Detail.LIMIT, "2");
      assertThat(failure).hasMessageContaining("2 rows");
    }
  }
}
