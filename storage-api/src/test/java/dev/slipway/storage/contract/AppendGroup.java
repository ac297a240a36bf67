package dev.slipway.storage.contract;

import static dev.slipway.storage.testkit.Columns.int64;
import static dev.slipway.storage.testkit.Columns.schema;
import static dev.slipway.storage.testkit.Columns.utf8;
import static dev.slipway.storage.testkit.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.WriteKind;
import dev.slipway.storage.testkit.BatchReader;
import dev.slipway.storage.testkit.EveryType;
import dev.slipway.storage.testkit.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Adding rows. */
abstract class AppendGroup extends ContractGroup {
  @Test
  void append_rows_areAddedAtTheEnd() {
    TableVersion first = fixture.create(PEOPLE, people(0, 3));

    TableVersion second = fixture.append(first, people(3, 5));

    assertThat(fixture.rows(second)).isEqualTo(people(0, 5));
    assertThat(fixture.rows(first)).isEqualTo(people(0, 3));
  }

  @Test
  void append_everyType_isGivenBack() {
    List<Map<String, @Nullable Object>> rows = EveryType.rows(200);

    TableVersion version = fixture.create(EveryType.SCHEMA, rows);

    assertThat(fixture.rows(version)).isEqualTo(rows);
  }

  @Test
  void append_everyTypeAllNull_isGivenBack() {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (long id = 0; id < 20; id++) {
      Map<String, @Nullable Object> row = row();
      EveryType.SCHEMA.getFields().forEach(field -> row.put(field.getName(), null));
      row.put("id", id);
      rows.add(row);
    }

    TableVersion version = fixture.create(EveryType.SCHEMA, rows);

    assertThat(fixture.rows(version)).isEqualTo(rows);
  }

  @Test
  void append_manyBatches_areInOrder() throws Exception {
    TableVersion base = fixture.create(PEOPLE);
    try (ArrowReader upload = Rows.reader(fixture.allocator(), PEOPLE, people(0, 1000), 7)) {
      TableVersion version =
          fixture.on(base, s -> fixture.tables().commit(fixture.tables().stageAppend(s, upload)));
      assertThat(fixture.rows(version)).isEqualTo(people(0, 1000));
    }
  }

  @Test
  void append_largeBatches_areInOrder() throws Exception {
    Schema schema = schema(int64("id"), utf8("text"));
    TableVersion base = fixture.create(schema);
    int batchRows = 70_000;
    try (ArrowReader upload =
        new BatchReader(
            fixture.allocator(),
            schema,
            3,
            (root, batch) -> {
              List<Map<String, @Nullable Object>> rows = new ArrayList<>();
              for (long i = 0; i < batchRows; i++) {
                long id = batch * (long) batchRows + i;
                rows.add(row("id", id, "text", id % 3 == 0 ? null : "t" + id));
              }
              Rows.fill(root, rows);
            })) {
      TableVersion version =
          fixture.on(base, s -> fixture.tables().commit(fixture.tables().stageAppend(s, upload)));

      List<Map<String, @Nullable Object>> found = fixture.rows(version);
      assertThat(found).hasSize(3 * batchRows);
      for (int i = 0; i < found.size(); i++) {
        assertThat(found.get(i).get("id")).isEqualTo((long) i);
        assertThat(found.get(i).get("text")).isEqualTo(i % 3 == 0 ? null : "t" + i);
      }
    }
  }

  @Test
  void append_emptySource_makesVersionWithSameRows() {
    TableVersion base = fixture.create(PEOPLE, people(0, 3));

    StagedWrite staged = fixture.stageAppend(base, List.of());
    TableVersion version = fixture.tables().commit(staged);

    assertThat(staged.facts().rowsAdded()).isZero();
    assertThat(version.ref()).isNotEqualTo(base.ref());
    assertThat(fixture.rows(version)).isEqualTo(people(0, 3));
  }

  @Test
  void append_emptyBatches_areSkipped() throws Exception {
    TableVersion base = fixture.create(PEOPLE);
    try (ArrowReader upload =
        new BatchReader(
            fixture.allocator(),
            PEOPLE,
            4,
            (root, batch) ->
                Rows.fill(root, batch % 2 == 0 ? List.of() : people(batch, batch + 1)))) {
      TableVersion version =
          fixture.on(base, s -> fixture.tables().commit(fixture.tables().stageAppend(s, upload)));
      assertThat(fixture.rows(version)).containsExactly(people(1, 2).get(0), people(3, 4).get(0));
    }
  }

  @Test
  void stageAppend_rows_movesNothing() {
    TableVersion base = fixture.create(PEOPLE, people(0, 3));

    StagedWrite staged = fixture.stageAppend(base, people(3, 5));

    assertThat(fixture.rows(base)).isEqualTo(people(0, 3));
    assertThat(staged.kind()).isEqualTo(WriteKind.APPEND);
    assertThat(staged.base()).isEqualTo(base.ref());
    assertThat(staged.table()).isEqualTo(base.table());
    assertThat(staged.facts().rowsAdded()).isEqualTo(2);
    assertThat(staged.facts().rowsRemoved()).isZero();
    assertThat(staged.facts().bytes()).isPositive();
  }

  @Test
  void append_rows_factsSayWhatChanged() {
    TableVersion base = fixture.create(PEOPLE, people(0, 3));

    TableVersion version = fixture.append(base, people(3, 5));

    assertThat(version.facts().rows()).isEqualTo(5);
    assertThat(version.facts().rowsAdded()).isEqualTo(2);
    assertThat(version.facts().rowsRemoved()).isZero();
    assertThat(version.facts().bytes()).isGreaterThan(base.facts().bytes());
    assertThat(version.facts().schemaFingerprint()).isEqualTo(base.facts().schemaFingerprint());
    assertThat(fixture.count(version, Optional.empty())).isEqualTo(5);
  }
}
