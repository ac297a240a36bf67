package dev.slipway.storage.lance;

import static dev.slipway.storage.testkit.Columns.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.storage.ScanRequest;
import dev.slipway.storage.VersionRef;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Operand.Column;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.testkit.EveryType;
import dev.slipway.storage.testkit.Rows;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A filter decides which rows come, never what is in them. */
class FilteredScanTest {
  private static final Schema NESTED =
      schema(
          required(int64("id")),
          struct("outer", struct("inner", utf8("a"), int32("b")), int32("c")),
          list("places", struct("item", utf8("town"))),
          struct("lists", list("numbers", int32("item"))));

  @TempDir Path root;

  @Test
  void scan_filteredOnEveryType_givesWholeRows() {
    List<Map<String, @Nullable Object>> rows = EveryType.rows(300);
    try (TestTable table = new TestTable(root, EveryType.SCHEMA)) {
      VersionRef version = table.append(table.genesis(), rows.subList(0, 150));
      version = table.append(version, rows.subList(150, 300));

      for (int size : new int[] {1, 2, 7, 100}) {
        List<Integer> wanted = IntStream.range(0, 300).filter(i -> i % size == 0).boxed().toList();
        assertThat(table.scan(version, ScanRequest.ALL.withFilter(idIn(wanted))))
            .isEqualTo(wanted.stream().map(rows::get).toList());
      }
      for (int id = 0; id < 60; id++) {
        assertThat(table.scan(version, ScanRequest.ALL.withFilter(idIn(List.of(id)))))
            .containsExactly(rows.get(id));
      }
    }
  }

  @Test
  void scan_filteredOnNestedStructs_keepsNullsWhereTheyWere() {
    List<@Nullable Object> outers =
        Arrays.asList(
            null,
            Rows.row("inner", null, "c", 1L),
            Rows.row("inner", Rows.row("a", null, "b", null), "c", null),
            Rows.row("inner", Rows.row("a", "x", "b", null), "c", 2L));
    List<@Nullable Object> places =
        Arrays.asList(
            null,
            List.of(),
            Arrays.asList(null, Rows.row("town", null)),
            List.of(Rows.row("town", "Emden")));
    List<@Nullable Object> lists =
        Arrays.asList(null, Rows.row("numbers", null), Rows.row("numbers", List.of()));
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (Object outer : outers) {
      for (Object place : places) {
        for (Object list : lists) {
          rows.add(
              Rows.row("id", (long) rows.size(), "outer", outer, "places", place, "lists", list));
        }
      }
    }
    try (TestTable table = new TestTable(root, NESTED)) {
      VersionRef version = table.append(table.genesis(), rows);
      for (int id = 0; id < rows.size(); id++) {
        assertThat(table.scan(version, ScanRequest.ALL.withFilter(idIn(List.of(id)))))
            .containsExactly(rows.get(id));
      }
    }
  }

  private static Predicate idIn(List<Integer> ids) {
    return new Predicate.In(
        new Column("id"),
        ids.stream()
            .<Operand.Literal>map(id -> new Operand.NumberLiteral(BigDecimal.valueOf(id)))
            .toList());
  }
}
