package dev.slipway.storage.contract;

import static dev.slipway.storage.contract.BackendFixture.fails;
import static dev.slipway.storage.testkit.Columns.int64;
import static dev.slipway.storage.testkit.Columns.required;
import static dev.slipway.storage.testkit.Columns.schema;
import static dev.slipway.storage.testkit.Columns.utf8;
import static dev.slipway.storage.testkit.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.storage.Assignment;
import dev.slipway.storage.Cancellation;
import dev.slipway.storage.Capability;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.TableSnapshot;
import dev.slipway.storage.TableStorage;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.predicate.Predicate.Comparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Staging what looks through the base, and working it out again, ends when nobody waits for it. */
abstract class CancelGroup extends ContractGroup {
  private static final int ROWS = 10_000;

  @Override
  Set<Capability> needs() {
    return Set.of(
        Capability.DELETE, Capability.UPDATE, Capability.UPSERT, Capability.PARTIAL_UPSERT);
  }

  enum Change {
    DELETE {
      @Override
      StagedWrite stage(BackendFixture fixture, TableSnapshot base, Cancellation cancellation) {
        return fixture
            .tables()
            .stageDelete(base, idIs(Comparison.GREATER_OR_EQUAL, 5), cancellation);
      }
    },
    UPDATE {
      @Override
      StagedWrite stage(BackendFixture fixture, TableSnapshot base, Cancellation cancellation) {
        return fixture
            .tables()
            .stageUpdate(
                base,
                List.of(new Assignment("name", new Operand.NullLiteral())),
                Optional.<Predicate>empty(),
                cancellation);
      }
    },
    UPSERT {
      @Override
      StagedWrite stage(BackendFixture fixture, TableSnapshot base, Cancellation cancellation) {
        return fixture.reading(
            PEOPLE,
            everyThousandth(true),
            source ->
                fixture.tables().stageUpsert(base, List.of("id"), source, false, cancellation));
      }
    },
    PARTIAL_UPSERT {
      @Override
      StagedWrite stage(BackendFixture fixture, TableSnapshot base, Cancellation cancellation) {
        Schema given = schema(required(int64("id")), utf8("name"));
        return fixture.reading(
            given,
            everyThousandth(false),
            source ->
                fixture.tables().stageUpsert(base, List.of("id"), source, true, cancellation));
      }
    };

    abstract StagedWrite stage(
        BackendFixture fixture, TableSnapshot base, Cancellation cancellation);

    private static List<Map<String, @Nullable Object>> everyThousandth(boolean whole) {
      List<Map<String, @Nullable Object>> rows = new ArrayList<>();
      for (long id = 0; id < 3 * ROWS; id += 1_000) {
        rows.add(whole ? person(id, "new", 1.0) : row("id", id, "name", "new"));
      }
      return rows;
    }
  }

  private TableVersion base() {
    TableVersion base = fixture.create(PEOPLE, people(0, ROWS));
    base = fixture.append(base, people(ROWS, 2 * ROWS));
    return fixture.append(base, people(2 * ROWS, 3 * ROWS));
  }

  /** Cancelled from the given look on. */
  private static Cancellation from(int look) {
    AtomicInteger looks = new AtomicInteger();
    return () -> looks.incrementAndGet() >= look;
  }

  @ParameterizedTest
  @EnumSource
  void stage_cancelledOnTheWay_endsAndLeavesTheBase(Change change) {
    TableVersion base = base();

    for (int look = 1; look <= 4; look++) {
      Cancellation cancellation = from(look);
      fails(
          StorageErrorCode.CANCELLED,
          () -> fixture.on(base, s -> change.stage(fixture, s, cancellation)));
    }

    assertThat(fixture.count(base, Optional.empty())).isEqualTo(3 * ROWS);
    StagedWrite staged = fixture.on(base, s -> change.stage(fixture, s, Cancellation.NONE));
    assertThat(staged.facts().rowsRemoved()).isPositive();
  }

  @ParameterizedTest
  @EnumSource
  void rebase_cancelledOnTheWay_endsAndCanBeDoneAgain(Change change) {
    TableStorage tables = fixture.tables();
    TableVersion base = fixture.create(PEOPLE, people(0, 10));
    StagedWrite staged = fixture.on(base, s -> change.stage(fixture, s, Cancellation.NONE));
    TableVersion moved = fixture.append(base, people(10, ROWS));
    TableVersion newBase = fixture.append(moved, people(ROWS, 2 * ROWS));

    for (int look = 1; look <= 3; look++) {
      Cancellation cancellation = from(look);
      fails(
          StorageErrorCode.CANCELLED,
          () -> fixture.on(newBase, s -> tables.rebase(staged, s, cancellation)));
    }

    assertThat(tables.commit(fixture.rebased(staged, newBase)).facts().rowsRemoved())
        .isGreaterThan(staged.facts().rowsRemoved());
  }

  @ParameterizedTest
  @EnumSource
  void stage_cancelledForAReason_throwsThatReason(Change change) {
    TableVersion base = base();
    AtomicInteger looks = new AtomicInteger();
    Cancellation late =
        new Cancellation() {
          @Override
          public boolean isCancelled() {
            return looks.incrementAndGet() > 2;
          }

          @Override
          public void check() {
            if (isCancelled()) {
              throw new IllegalStateException("the deadline passed");
            }
          }
        };

    assertThatThrownBy(() -> fixture.on(base, s -> change.stage(fixture, s, late)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the deadline passed");
  }
}
