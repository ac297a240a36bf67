package dev.slipway.storage.contract;

import static dev.slipway.storage.contract.BackendFixture.fails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.storage.Capability;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.predicate.Predicate.Comparison;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Removing the rows for which a predicate is true. */
abstract class DeleteGroup extends ContractGroup {
  @Override
  Set<Capability> needs() {
    return Set.of(Capability.DELETE);
  }

  private TableVersion deleted(TableVersion base, Predicate predicate) {
    return fixture.tables().commit(fixture.stageDelete(base, predicate));
  }

  @Test
  void delete_someRows_leavesTheRestInOrder() {
    TableVersion base = fixture.append(fixture.create(PEOPLE, people(0, 10)), people(10, 20));

    TableVersion version =
        deleted(
            base,
            new Predicate.And(
                List.of(idIs(Comparison.GREATER_OR_EQUAL, 5), idIs(Comparison.LESS, 15))));

    assertThat(fixture.rows(version)).hasSize(10).startsWith(people(0, 1).get(0));
    assertThat(fixture.rows(version).subList(5, 10)).isEqualTo(people(15, 20));
    assertThat(version.facts().rows()).isEqualTo(10);
    assertThat(version.facts().rowsRemoved()).isEqualTo(10);
    assertThat(version.facts().rowsAdded()).isZero();
    assertThat(fixture.rows(base)).isEqualTo(people(0, 20));
  }

  @Test
  void delete_nothingMatches_makesVersionWithSameRows() {
    TableVersion base = fixture.create(PEOPLE, people(0, 3));

    StagedWrite staged = fixture.stageDelete(base, idIs(Comparison.GREATER, 100));
    TableVersion version = fixture.tables().commit(staged);

    assertThat(staged.facts().rowsRemoved()).isZero();
    assertThat(version.ref()).isNotEqualTo(base.ref());
    assertThat(fixture.rows(version)).isEqualTo(people(0, 3));
  }

  @Test
  void delete_allRows_leavesNone() {
    TableVersion base = fixture.append(fixture.create(PEOPLE, people(0, 3)), people(3, 6));

    TableVersion version = deleted(base, new Predicate.Constant(true));

    assertThat(fixture.rows(version)).isEmpty();
    assertThat(version.facts().rowsRemoved()).isEqualTo(6);
    assertThat(fixture.rows(fixture.append(version, people(1, 2)))).isEqualTo(people(1, 2));
  }

  @Test
  void delete_unknownForNull_keepsThoseRows() {
    TableVersion base =
        fixture.create(
            PEOPLE, List.of(person(1, null, 1.0), person(2, "x", null), person(3, "y", 2.0)));
    Predicate notX = new Predicate.Compare(column("name"), Comparison.NOT_EQUAL, text("x"));

    assertThat(fixture.rows(deleted(base, notX)))
        .containsExactly(person(1, null, 1.0), person(2, "x", null));
  }

  @Test
  void delete_overAndOver_addsUp() {
    TableVersion version = fixture.create(PEOPLE, people(0, 10));
    for (long id = 0; id < 10; id += 2) {
      version = deleted(version, idIs(Comparison.EQUAL, id));
      assertThat(version.facts().rowsRemoved()).isEqualTo(1);
    }

    assertThat(fixture.rows(version)).hasSize(5);
    assertThat(fixture.rows(deleted(version, idIs(Comparison.LESS, 8)))).isEqualTo(people(9, 10));
  }

  @Test
  void delete_onSiblings_doesNotMix() {
    TableVersion base = fixture.create(PEOPLE, people(0, 4));

    TableVersion left = deleted(base, idIs(Comparison.LESS, 2));
    TableVersion right = deleted(base, idIs(Comparison.GREATER_OR_EQUAL, 2));

    assertThat(fixture.rows(left)).isEqualTo(people(2, 4));
    assertThat(fixture.rows(right)).isEqualTo(people(0, 2));
    assertThat(fixture.rows(base)).isEqualTo(people(0, 4));
  }

  @Test
  void rebase_delete_isWorkedOutOnTheNewBase() {
    TableVersion base = fixture.create(PEOPLE, people(0, 4));
    StagedWrite staged = fixture.stageDelete(base, idIs(Comparison.GREATER, 2));
    TableVersion other = fixture.append(deleted(base, idIs(Comparison.EQUAL, 3)), people(5, 8));

    StagedWrite moved =
        fixture.rebased(fixture.tables().fromToken(fixture.tables().toToken(staged)), other);

    assertThat(moved.facts().rowsRemoved()).isEqualTo(3);
    assertThat(fixture.rows(fixture.tables().commit(moved))).isEqualTo(people(0, 3));
    assertThat(fixture.rows(fixture.tables().commit(staged))).isEqualTo(people(0, 3));
  }

  @Test
  void stageDelete_badPredicate_isRefused() {
    TableVersion base = fixture.create(PEOPLE, people(0, 4));

    fails(
        StorageErrorCode.COLUMN_NOT_FOUND,
        () -> fixture.stageDelete(base, new Predicate.IsNull(column("none"))));
    fails(
        StorageErrorCode.FILTER_INVALID,
        () ->
            fixture.stageDelete(
                base,
                new Predicate.Compare(column("id"), Comparison.EQUAL, new Operand.NullLiteral())));
  }

  @Test
  void delete_token_givesTheSameVersion() {
    TableVersion base = fixture.create(PEOPLE, people(0, 4));
    byte[] token = fixture.tables().toToken(fixture.stageDelete(base, idIs(Comparison.LESS, 3)));

    TableVersion version = fixture.tables().commit(fixture.tables().fromToken(token));

    assertThat(fixture.rows(version)).isEqualTo(people(3, 4));
  }
}
