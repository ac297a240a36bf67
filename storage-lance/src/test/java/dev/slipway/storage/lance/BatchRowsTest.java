package dev.slipway.storage.lance;

import static dev.slipway.storage.testkit.Columns.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.storage.Assignment;
import dev.slipway.storage.Cancellation;
import dev.slipway.storage.VersionRef;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.testkit.Rows;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batches are small where rows are large, and only there. */
class BatchRowsTest {
  private static final int LARGE = 256 << 10;

  /** Of 90 characters in bytes, files can save a fifth. */
  private static final int MOST = (16 << 20) / LARGE * 5 / 4;

  private static final Schema SCHEMA = schema(int64("id"), utf8("text"));

  @TempDir Path root;

  @Test
  void of_largeRows_isByBytesAndAtLeastOne() {
    assertThat(BatchRows.of(0, 8_192)).isEqualTo(8_192);
    assertThat(BatchRows.of(100, 8_192)).isEqualTo(8_192);
    assertThat(BatchRows.of(1 << 20, 8_192)).isEqualTo(16);
    assertThat(BatchRows.of(1 << 20, 3)).isEqualTo(3);
    assertThat(BatchRows.of(1L << 40, 8_192)).isEqualTo(1);
  }

  @Test
  void rowScan_ofLargeRows_readsFewAtOnce_andOfNarrowColumnsMany() {
    LanceOptions options = LanceOptions.at(root).withFsync(false);
    VersionRef ref;
    try (TestTable table = new TestTable(root, SCHEMA)) {
      ref = table.append(table.genesis(), large(200));
    }
    try (BufferAllocator allocator = new RootAllocator();
        OpenVersions versions = new OpenVersions(homes(), allocator, options);
        OpenVersions.Lease lease = versions.open(TestTable.ID, ref)) {
      List<Field> fields = SCHEMA.getFields();

      assertThat(BatchRows.of(lease.version(), fields.subList(0, 1), 8_192)).isEqualTo(8_192);
      assertThat(BatchRows.of(lease.version(), fields, 8_192)).isBetween(MOST / 2, MOST);
      assertThat(batches(lease.version(), List.of("id"))).containsExactly(200);
      assertThat(batches(lease.version(), List.of("id", "text")))
          .allMatch(rows -> rows <= MOST)
          .hasSizeGreaterThan(2);
      assertThat(
              written(lease.version().fragments(), List.of("id", "text"), (long) LARGE, allocator))
          .allMatch(rows -> rows <= MOST / 2)
          .hasSizeGreaterThan(4);
    }
  }

  @Test
  void of_columnsOfFixedWidth_isByTheirWidth() {
    LanceOptions options = LanceOptions.at(root).withFsync(false);
    VersionRef ref;
    try (TestTable table = new TestTable(root, SCHEMA)) {
      ref = table.append(table.genesis(), large(1));
    }
    try (BufferAllocator allocator = new RootAllocator();
        OpenVersions versions = new OpenVersions(homes(), allocator, options);
        OpenVersions.Lease lease = versions.open(TestTable.ID, ref)) {
      Field vector = fixedList("v", 4_096, float32("item"));
      Field point = struct("p", int32("x"), int64("y"));

      assertThat(BatchRows.of(lease.version(), List.of(vector), 8_192)).isBetween(900, 1_024);
      assertThat(BatchRows.of(lease.version(), List.of(point), 1 << 20)).isEqualTo(1 << 20);
    }
  }

  @Test
  void updateReader_thatSetsALargeText_makesSmallBatches() throws IOException {
    LanceOptions options = LanceOptions.at(root).withFsync(false);
    VersionRef ref;
    try (TestTable table = new TestTable(root, SCHEMA)) {
      List<Map<String, @Nullable Object>> small = new ArrayList<>();
      for (int i = 0; i < 3_000; i++) {
        small.add(Rows.row("id", (long) i, "text", "x"));
      }
      ref = table.append(table.genesis(), small);
    }
    String set = "y".repeat(LARGE);
    List<Integer> rows = new ArrayList<>();
    try (BufferAllocator allocator = new RootAllocator();
        OpenVersions versions = new OpenVersions(homes(), allocator, options);
        OpenVersions.Lease lease = versions.open(TestTable.ID, ref);
        UpdateReader reader =
            new UpdateReader(
                lease.version(),
                List.of(new Assignment("text", new Operand.StringLiteral(set))),
                Optional.empty(),
                new RowAddresses(),
                Cancellation.NONE,
                allocator)) {
      while (reader.loadNextBatch()) {
        rows.add(reader.getVectorSchemaRoot().getRowCount());
      }
    }
    assertThat(rows).allMatch(count -> count <= MOST).hasSizeGreaterThan(2);
    assertThat(rows.stream().mapToInt(Integer::intValue).sum()).isEqualTo(3_000);
  }

  private TableHomes homes() {
    try {
      return new TableHomes(RootFolder.open(root, new DurableFiles(false)));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<Integer> batches(OpenVersion version, List<String> columns) {
    List<Integer> rows = new ArrayList<>();
    try (NativeBatches found =
        RowScan.open(version, columns, Optional.empty(), Optional.empty(), 0)) {
      for (var batch = found.next(); batch != null; batch = found.next()) {
        rows.add(batch.getRowCount());
      }
    }
    return rows;
  }

  private List<Integer> written(
      List<StoredFragment> fragments,
      List<String> columns,
      long beside,
      BufferAllocator allocator) {
    List<Integer> rows = new ArrayList<>();
    try (WrittenRows found =
        new WrittenRows(homes(), TestTable.ID, fragments, columns, beside, allocator)) {
      for (var batch = found.next(); batch != null; batch = found.next()) {
        rows.add(batch.getRowCount());
      }
    }
    return rows;
  }

  private static List<Map<String, @Nullable Object>> large(int count) {
    Random random = new Random(2);
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      char[] text = new char[LARGE];
      for (int c = 0; c < LARGE; c++) {
        text[c] = (char) (' ' + random.nextInt(90));
      }
      rows.add(Rows.row("id", (long) i, "text", new String(text)));
    }
    return rows;
  }
}
