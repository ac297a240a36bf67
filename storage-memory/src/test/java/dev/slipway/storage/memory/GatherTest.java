package dev.slipway.storage.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.storage.testkit.EveryType;
import dev.slipway.storage.testkit.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GatherTest {
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void fill_randomRunsOfEveryType_copiesThem(long seed) {
    Random random = new Random(seed);
    List<Map<String, @Nullable Object>> rows = EveryType.rows(120);
    List<Map<String, @Nullable Object>> expected = new ArrayList<>();
    try (BufferAllocator allocator = new RootAllocator();
        VectorSchemaRoot first = Rows.root(allocator, EveryType.SCHEMA, rows.subList(0, 50));
        VectorSchemaRoot second = Rows.root(allocator, EveryType.SCHEMA, rows.subList(50, 120));
        VectorSchemaRoot target = VectorSchemaRoot.create(EveryType.SCHEMA, allocator)) {
      List<VectorSchemaRoot> sources = new ArrayList<>();
      List<int[]> runs = new ArrayList<>();
      for (int i = random.nextInt(12); i >= 0; i--) {
        VectorSchemaRoot source = random.nextBoolean() ? first : second;
        int start = random.nextInt(source.getRowCount());
        int count = random.nextInt(source.getRowCount() - start + 1);
        sources.add(source);
        runs.add(new int[] {start, count});
        int offset = source == first ? 0 : 50;
        expected.addAll(rows.subList(offset + start, offset + start + count));
      }
      for (int column = 0; column < EveryType.SCHEMA.getFields().size(); column++) {
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
          segments.add(
              new Segment(sources.get(i).getVector(column), runs.get(i)[0], runs.get(i)[1]));
        }
        new Gather(allocator).fill(target.getVector(column), segments);
      }
      target.setRowCount(expected.size());

      assertThat(Rows.read(target)).isEqualTo(expected);
    }
  }
}
