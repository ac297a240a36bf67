package dev.slipway.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.storage.Cancellation;
import dev.slipway.storage.ScanRequest;
import dev.slipway.storage.TableSnapshot;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.testkit.Rows;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random predicates against a plain evaluation of what they mean. */
abstract class FilterGroup extends ContractGroup {
  private static final int ROWS = 150;
  private static final int PREDICATES = 60;

  static LongStream seeds() {
    return Seeds.of("slipway.filter.seeds", 25);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void filter_random_keepsTheSameRowsAsTheReference(long seed) {
    Random random = new Random(seed);
    List<Map<String, @Nullable Object>> rows = FilterTable.rows(random, ROWS);
    TableVersion version =
        fixture.append(
            fixture.create(FilterTable.SCHEMA, rows.subList(0, 90)), rows.subList(90, ROWS));
    RandomPredicates predicates =
        new RandomPredicates(
            random,
            FilterTable.SCHEMA.getFields().stream().map(Field::getName).toList(),
            FilterTable::pool);

    try (TableSnapshot snapshot = fixture.open(version)) {
      for (int i = 0; i < PREDICATES; i++) {
        Predicate predicate = predicates.next(i % 4);
        List<Object> expected =
            rows.stream()
                .filter(row -> ReferenceFilter.keeps(predicate, row))
                .map(row -> String.valueOf(row.get("id")))
                .map(Object.class::cast)
                .toList();
        ScanRequest request = ScanRequest.ALL.withFilter(predicate).withColumns(List.of("id"));
        String replay = Seeds.replay("slipway.filter.seeds", seed, this) + "\n" + predicate;

        List<Object> found =
            Rows.read(fixture.tables().scan(snapshot, request)).stream()
                .map(row -> String.valueOf(row.get("id")))
                .map(Object.class::cast)
                .toList();

        assertThat(found).as(replay).isEqualTo(expected);
        assertThat(fixture.tables().count(snapshot, Optional.of(predicate), Cancellation.NONE))
            .as(replay)
            .isEqualTo(expected.size());
      }
    }
  }
}
