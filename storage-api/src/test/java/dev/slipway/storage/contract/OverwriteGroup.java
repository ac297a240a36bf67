package dev.slipway.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.TableVersion;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Replacing all rows. */
abstract class OverwriteGroup extends ContractGroup {
  @Test
  void overwrite_rows_replaceAll() {
    TableVersion base = fixture.create(PEOPLE, people(0, 10));

    TableVersion version = fixture.tables().commit(fixture.stageOverwrite(base, people(20, 23)));

    assertThat(fixture.rows(version)).isEqualTo(people(20, 23));
    assertThat(fixture.rows(base)).isEqualTo(people(0, 10));
    assertThat(version.facts().rows()).isEqualTo(3);
    assertThat(version.facts().rowsAdded()).isEqualTo(3);
    assertThat(version.facts().rowsRemoved()).isEqualTo(10);
  }

  @Test
  void overwrite_emptySource_emptiesTable() {
    TableVersion base = fixture.create(PEOPLE, people(0, 10));

    StagedWrite staged = fixture.stageOverwrite(base, List.of());
    TableVersion version = fixture.tables().commit(staged);

    assertThat(staged.facts().rowsAdded()).isZero();
    assertThat(staged.facts().rowsRemoved()).isEqualTo(10);
    assertThat(fixture.rows(version)).isEmpty();
    assertThat(fixture.count(version, Optional.empty())).isZero();
    assertThat(version.facts().rows()).isZero();
    assertThat(version.facts().bytes()).isZero();
  }

  @Test
  void overwrite_emptyTable_fillsIt() {
    TableVersion base = fixture.create(PEOPLE);

    TableVersion version = fixture.tables().commit(fixture.stageOverwrite(base, people(0, 3)));

    assertThat(fixture.rows(version)).isEqualTo(people(0, 3));
  }

  @Test
  void append_onOverwritten_isAddedToTheNewRows() {
    TableVersion base = fixture.create(PEOPLE, people(0, 10));
    TableVersion emptied = fixture.tables().commit(fixture.stageOverwrite(base, List.of()));

    TableVersion version = fixture.append(emptied, people(7, 9));

    assertThat(fixture.rows(version)).isEqualTo(people(7, 9));
  }
}
