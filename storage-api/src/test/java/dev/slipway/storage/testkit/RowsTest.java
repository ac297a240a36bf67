package dev.slipway.storage.testkit;

import static dev.slipway.storage.testkit.Columns.*;
import static dev.slipway.storage.testkit.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

class RowsTest {
  @Test
  void read_rowsOfEveryType_givesBackWhatWasWritten() {
    try (BufferAllocator allocator = new RootAllocator()) {
      List<Map<String, Object>> rows = EveryType.rows(40);
      assertThat(Rows.read(Rows.reader(allocator, EveryType.SCHEMA, rows, 7))).isEqualTo(rows);
    }
  }

  @Test
  void read_nestedAndNullValues_givesBackWhatWasWritten() {
    try (BufferAllocator allocator = new RootAllocator()) {
      var schema = schema(list("l", struct("item", int64("a"), list("b", utf8("item")))));
      var rows =
          List.of(
              row("l", null),
              row("l", List.of()),
              row("l", List.of(row("a", 1L, "b", List.of("x", "y")), row("a", null, "b", null))));
      assertThat(Rows.read(Rows.reader(allocator, schema, rows))).isEqualTo(rows);
    }
  }
}
