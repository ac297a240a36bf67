package dev.slipway.storage.contract;

import static dev.slipway.storage.testkit.Columns.float64;
import static dev.slipway.storage.testkit.Columns.int64;
import static dev.slipway.storage.testkit.Columns.required;
import static dev.slipway.storage.testkit.Columns.schema;
import static dev.slipway.storage.testkit.Columns.utf8;
import static dev.slipway.storage.testkit.Rows.row;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.slipway.storage.Capability;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Predicate;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What the groups of a suite share: a fixture for each test, and people to store. */
abstract class ContractGroup {
  /** A required key and two columns that may be null. */
  static final Schema PEOPLE = schema(required(int64("id")), utf8("name"), float64("score"));

  @TempDir Path folder;

  BackendFixture fixture;

  abstract BackendFixture.Opener opener();

  StorageHooks hooks() {
    return StorageHooks.NONE;
  }

  /** Without these the group doesn't run; {@link CapabilityGroup} asserts the refusal. */
  Set<Capability> needs() {
    return Set.of();
  }

  @BeforeEach
  final void openFixture() {
    fixture = new BackendFixture(folder, opener(), hooks());
    assumeThat(fixture.tables().capabilities()).containsAll(needs());
  }

  @AfterEach
  final void closeFixture() {
    fixture.close();
  }

  static Map<String, @Nullable Object> person(
      long id, @Nullable String name, @Nullable Double score) {
    return row("id", id, "name", name, "score", score);
  }

  /** People with ids from the first to before the last. */
  static List<Map<String, @Nullable Object>> people(long from, long to) {
    List<Map<String, @Nullable Object>> people = new ArrayList<>();
    for (long id = from; id < to; id++) {
      people.add(person(id, "p" + id, id / 2.0));
    }
    return people;
  }

  static Operand.Column column(String name) {
    return new Operand.Column(name);
  }

  static Operand.NumberLiteral number(long value) {
    return new Operand.NumberLiteral(BigDecimal.valueOf(value));
  }

  static Operand.StringLiteral text(String value) {
    return new Operand.StringLiteral(value);
  }

  static Predicate idIs(Predicate.Comparison comparison, long value) {
    return new Predicate.Compare(column("id"), comparison, number(value));
  }
}
