package dev.slipway.storage.lance;

import dev.slipway.storage.Assignment;
import dev.slipway.storage.Cancellation;
import dev.slipway.storage.predicate.Predicate;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;

/** Works out deletes, updates and upserts on a base, the first time and again on another. */
final class RowChanges {
  private final FragmentWriter writer;
  private final RowRemoval removal;
  private final Upserts upserts;
  private final BufferAllocator allocator;

  RowChanges(
      FragmentWriter writer, RowRemoval removal, Upserts upserts, BufferAllocator allocator) {
    this.writer = writer;
    this.removal = removal;
    this.upserts = upserts;
    this.allocator = allocator;
  }

  RowChange upsert(
      OpenVersion base, List<String> keyColumns, ArrowReader source, Cancellation cancellation) {
    try {
      return upserts.stage(base, keyColumns, source, cancellation);
    } catch (IOException e) {
      throw LanceErrors.translate("upsert into table " + base.table(), e);
    }
  }

  RowChange delete(OpenVersion base, Predicate predicate, Cancellation cancellation) {
    return delete(base, predicate, Carried.nothing(base), cancellation);
  }

  private RowChange delete(
      OpenVersion base, Predicate predicate, Carried carried, Cancellation cancellation) {
    RowAddresses rows = new RowAddresses();
    String filter = SqlFilter.render(predicate, base.schema());
    RowScan.each(
        base, carried.others(), List.of(), Optional.of(filter), cancellation, rows::addAll);
    return new RowChange(
        List.of(),
        removal.remove(base, rows, carried, cancellation),
        0,
        new Redo.Delete(predicate));
  }

  RowChange update(
      OpenVersion base,
      List<Assignment> assignments,
      Optional<Predicate> predicate,
      Cancellation cancellation) {
    RowAddresses rows = new RowAddresses();
    Optional<String> filter =
        predicate.map(p -> SqlFilter.render(p, base.schema(), base.schema().getFields()));
    FragmentWriter.Written written;
    try (UpdateReader changed =
        new UpdateReader(base, assignments, filter, rows, cancellation, allocator)) {
      written = writer.write(base.table(), changed);
    } catch (IOException e) {
      throw LanceErrors.translate("update table " + base.table(), e);
    }
    return new RowChange(
        written.fragments(),
        removal.remove(base, rows, Carried.nothing(base), cancellation),
        written.rows(),
        new Redo.Update(assignments, predicate));
  }

  /**
   * The same change on another base.
   *
   * @param former the version it was worked out on; empty if that is gone
   */
  RowChange redo(
      Optional<OpenVersion> former,
      OpenVersion base,
      LanceStagedState state,
      Cancellation cancellation) {
    Redo redo = state.redo();
    Carried carried =
        former.map(f -> Carried.over(f, base, state)).orElseGet(() -> Carried.nothing(base));
    if (redo instanceof Redo.Delete delete) {
      return delete(base, delete.predicate(), carried, cancellation);
    }
    if (redo instanceof Redo.Update update) {
      return update(base, update.assignments(), update.predicate(), cancellation);
    }
    if (redo instanceof Redo.Upsert upsert) {
      try {
        return upserts.redo(base, upsert, state.added(), carried, cancellation);
      } catch (IOException e) {
        throw LanceErrors.translate("upsert into table " + base.table(), e);
      }
    }
    throw new IllegalStateException("nothing to work out again");
  }
}
