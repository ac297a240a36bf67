package dev.slipway.engine.commit;

import dev.slipway.engine.Conflict;
import dev.slipway.engine.Expectation;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.commit.BatchView.BranchView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether what a commit expects of its branch holds as the earlier ones of its batch leave it. */
final class ExpectationCheck {
  private ExpectationCheck() {}

  /**
   * @throws SlipwayException {@code COMMIT_CONFLICT} that names those that don't hold
   */
  static void check(List<Expectation> expectations, BranchView branch) {
    List<Conflict> conflicts = new ArrayList<>();
    for (Expectation expectation : expectations) {
      check(expectation, branch).ifPresent(conflicts::add);
    }
    if (!conflicts.isEmpty()) {
      throw SlipwayException.conflict(
          conflicts.size() == 1
              ? "an expectation doesn't hold: " + conflicts.get(0).sentence()
              : conflicts.size() + " expectations don't hold",
          conflicts);
    }
  }

  private static Optional<Conflict> check(Expectation expectation, BranchView branch) {
    if (expectation instanceof Expectation.BranchAt at) {
      return unless(
          branch.head() == at.revision(),
          "",
          "branch at revision " + at.revision(),
          "revision " + branch.head(),
          branch.head());
    }
    if (expectation instanceof Expectation.TableAt at) {
      Optional<TableView> table = branch.table(at.table());
      boolean holds =
          table.isPresent()
              && !table.get().pending()
              && table.get().pin().table().equals(at.tableId())
              && table.get().pin().storage() == at.storageVersion();
      return unless(
          holds,
          at.table(),
          "table " + at.tableId() + " at storage version " + at.storageVersion(),
          TableView.describe(table),
          changed(table));
    }
    if (expectation instanceof Expectation.TableExists exists) {
      Optional<TableView> table = branch.table(exists.table());
      return unless(
          table.isPresent(), exists.table(), "the table exists", TableView.describe(table), 0);
    }
    if (expectation instanceof Expectation.TableAbsent absent) {
      Optional<TableView> table = branch.occupant(absent.table());
      return unless(
          table.isEmpty(),
          absent.table(),
          "no such table",
          TableView.describe(table),
          changed(table));
    }
    if (expectation instanceof Expectation.UnchangedSince since) {
      Optional<TableView> table = branch.table(since.table());
      boolean holds =
          table.isPresent()
              && !table.get().pending()
              && table.get().pin().changed() <= since.revision();
      return unless(
          holds,
          since.table(),
          "unchanged since revision " + since.revision(),
          TableView.describe(table),
          changed(table));
    }
    Expectation.SchemaIs schema = (Expectation.SchemaIs) expectation;
    Optional<TableView> table = branch.table(schema.table());
    return unless(
        table.isPresent() && table.get().pin().fingerprint().equals(schema.fingerprint()),
        schema.table(),
        "schema " + schema.fingerprint(),
        table.map(t -> "schema " + t.pin().fingerprint()).orElse("no such table"),
        changed(table));
  }

  private static Optional<Conflict> unless(
      boolean holds, String table, String expected, String actual, long winner) {
    return holds
        ? Optional.empty()
        : Optional.of(
            new Conflict(table, Conflict.Kind.EXPECTATION, expected, actual, Math.max(0, winner)));
  }

  private static long changed(Optional<TableView> table) {
    return table.map(t -> t.pin().changed()).orElse(0L);
  }
}
