package dev.slipway.storage.lance;

import static dev.slipway.storage.testkit.Columns.int64;
import static dev.slipway.storage.testkit.Columns.schema;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.storage.Cancellation;
import dev.slipway.storage.Rebase;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.VersionRef;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Predicate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Moving a change looks only at fragments that aren't what they were. */
class CarriedTest {
  private static final Schema SCHEMA = schema(int64("id"), int64("n"));

  @TempDir Path root;

  @Test
  void rebase_ofAnUpsert_keepsWhatItFoundInUnchangedFragments() {
    try (TestTable table = new TestTable(root, SCHEMA)) {
      VersionRef base = base(table);
      StagedWrite staged = stageUpsert(table, base, rows(100, 1, 10, 11, 20, 40));
      Set<String> deletions = deletions(table);

      // Row 11 goes, row 40 comes: the first fragment is as it was, and so is the third.
      VersionRef moved =
          table.append(table.delete(base, id(Predicate.Comparison.EQUAL, 11)), rows(7, 40, 41));
      StagedWrite again = rebase(table, staged, moved);

      Set<String> written = deletions(table);
      written.removeAll(deletions);
      assertThat(written)
          .extracting(CarriedTest::fragment)
          .containsExactlyInAnyOrder("1", "1", "3");
      assertThat(again.facts().rowsRemoved()).isEqualTo(4);
      assertThat(values(table, table.commit(again)))
          .containsExactlyInAnyOrder(
              "0=0", "2=0", "12=0", "21=0", "22=0", "41=7", "1=100", "10=100", "11=100", "20=100",
              "40=100");
    }
  }

  @Test
  void rebase_ofADelete_keepsEmptiedFragments() {
    try (TestTable table = new TestTable(root, SCHEMA)) {
      VersionRef base = base(table);
      StagedWrite staged =
          table.on(
              base,
              s ->
                  table
                      .tables()
                      .stageDelete(
                          s, id(Predicate.Comparison.GREATER_OR_EQUAL, 10), Cancellation.NONE));
      VersionRef moved = table.append(base, rows(7, 5, 50));
      StagedWrite again = rebase(table, staged, moved);

      assertThat(again.facts().rowsRemoved()).isEqualTo(7);
      assertThat(values(table, table.commit(again))).containsExactly("0=0", "1=0", "2=0", "5=7");
    }
  }

  @Test
  void rebase_onASiblingWithFragmentsOfTheSameNumbers_looksAtThem() {
    try (TestTable table = new TestTable(root, SCHEMA)) {
      VersionRef first = table.append(table.genesis(), rows(0, 1, 2, 3));
      VersionRef one = table.append(first, rows(0, 10, 11, 12));
      VersionRef other = table.append(first, rows(0, 12, 13, 10));
      StagedWrite staged = stageUpsert(table, one, rows(100, 2, 10));

      assertThat(values(table, table.commit(rebase(table, staged, other))))
          .containsExactlyInAnyOrder("1=0", "3=0", "12=0", "13=0", "2=100", "10=100");
    }
  }

  @Test
  void rebase_withoutTheFormerBase_looksAtEverything() throws IOException {
    try (TestTable table = new TestTable(root, SCHEMA)) {
      VersionRef base = base(table);
      StagedWrite staged = stageUpsert(table, base, rows(100, 1, 20));
      byte[] token = table.tables().toToken(staged);
      VersionRef moved = table.append(base, rows(7, 40));
      table.reopen();
      Files.delete(table.home().resolve(TableHomes.manifest(base.storageVersion())));

      StagedWrite again = rebase(table, table.tables().fromToken(token), moved);

      assertThat(values(table, table.commit(again)))
          .containsExactlyInAnyOrder(
              "0=0", "2=0", "10=0", "11=0", "12=0", "21=0", "22=0", "40=7", "1=100", "20=100");
    }
  }

  /** Three fragments of three rows: 0, 1, 2; 10, 11, 12; 20, 21, 22. */
  private static VersionRef base(TestTable table) {
    VersionRef version = table.genesis();
    for (long first = 0; first < 30; first += 10) {
      version = table.append(version, rows(0, first, first + 1, first + 2));
    }
    return version;
  }

  private static StagedWrite stageUpsert(
      TestTable table, VersionRef base, List<Map<String, @Nullable Object>> rows) {
    return table.on(
        base,
        s ->
            table.sourced(
                rows,
                r -> table.tables().stageUpsert(s, List.of("id"), r, false, Cancellation.NONE)));
  }

  private static StagedWrite rebase(TestTable table, StagedWrite staged, VersionRef base) {
    Rebase moved = table.on(base, s -> table.tables().rebase(staged, s, Cancellation.NONE));
    assertThat(moved).isInstanceOf(Rebase.Moved.class);
    return ((Rebase.Moved) moved).staged();
  }

  private static List<Map<String, @Nullable Object>> rows(long n, long... ids) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    LongStream.of(ids).forEach(id -> rows.add(Map.of("id", id, "n", n)));
    return rows;
  }

  private static List<String> values(TestTable table, VersionRef version) {
    return table.rows(version).stream().map(row -> row.get("id") + "=" + row.get("n")).toList();
  }

  private static Predicate id(Predicate.Comparison comparison, long id) {
    return new Predicate.Compare(
        new Operand.Column("id"), comparison, new Operand.NumberLiteral(BigDecimal.valueOf(id)));
  }

  /** A deletion file is named by its fragment, the version and an id. */
  private static String fragment(String file) {
    return file.substring(0, file.indexOf('-'));
  }

  private static Set<String> deletions(TestTable table) {
    Path folder = table.home().resolve(TableHomes.DELETIONS);
    if (!Files.isDirectory(folder)) {
      return Set.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).collect(Collectors.toSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
