package dev.slipway.storage.lance;

import dev.slipway.storage.Cancellation;
import dev.slipway.storage.TableId;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lance.FragmentMetadata;

/**
 * Writes what takes rows out of a version: deletion files. A fragment's rows go in one call,
 * because a second one on the result would lose the first.
 */
final class RowRemoval {
  private final TableHomes homes;

  RowRemoval(TableHomes homes) {
    this.homes = homes;
  }

  /**
   * What is left of the fragments that lost rows.
   *
   * @param updated those that keep some
   * @param removed the ids of those that keep none
   * @param rows how many rows went
   * @param bytesFreed size of the base's files that aren't needed any more
   * @param bytesWritten size of the files written
   */
  record Removed(
      List<StoredFragment> updated,
      List<Integer> removed,
      long rows,
      long bytesFreed,
      long bytesWritten) {
    static final Removed NOTHING = new Removed(List.of(), List.of(), 0, 0, 0);
  }

  /**
   * @param rows none of a fragment that was carried over
   * @param carried what goes besides, and is written already
   */
  Removed remove(OpenVersion base, RowAddresses rows, Carried carried, Cancellation cancellation) {
    if (rows.size() == 0 && carried.updated().isEmpty() && carried.removed().isEmpty()) {
      return Removed.NOTHING;
    }
    try {
      return write(base, rows, carried, cancellation);
    } catch (IOException e) {
      throw LanceErrors.translate("delete rows of table " + base.table(), e);
    }
  }

  private Removed write(
      OpenVersion base, RowAddresses rows, Carried carried, Cancellation cancellation)
      throws IOException {
    Map<Integer, StoredFragment> fragments = new HashMap<>();
    base.fragments().forEach(fragment -> fragments.put(fragment.id(), fragment));
    List<StoredFragment> updated = new ArrayList<>();
    List<Integer> removed = new ArrayList<>();
    long gone = rows.size();
    long freed = 0;
    long written = 0;
    for (int id : carried.removed()) {
      StoredFragment before = fragment(base, fragments, id);
      removed.add(id);
      gone += before.rows();
      freed += deletionBytes(base.table(), before) + before.dataBytes();
    }
    for (StoredFragment after : carried.updated()) {
      StoredFragment before = fragment(base, fragments, after.id());
      gone += before.rows() - after.rows();
      freed += deletionBytes(base.table(), before);
      written += deletionBytes(base.table(), after);
    }
    for (int id : rows.fragments()) {
      cancellation.check();
      StoredFragment before = fragment(base, fragments, id);
      freed += deletionBytes(base.table(), before);
      if (rows.count(id) == before.rows()) {
        removed.add(id);
        freed += before.dataBytes();
        continue;
      }
      StoredFragment after = delete(base, id, rows.offsets(id));
      if (after.rows() != before.rows() - rows.count(id)) {
        throw new IllegalStateException(
            "expected " + (before.rows() - rows.count(id)) + " rows left, found " + after.rows());
      }
      updated.add(after);
      written += deletionBytes(base.table(), after);
    }
    updated.addAll(carried.updated());
    return new Removed(updated, removed, gone, freed, written);
  }

  private static StoredFragment fragment(
      OpenVersion base, Map<Integer, StoredFragment> fragments, int id) {
    StoredFragment found = fragments.get(id);
    if (found == null) {
      throw new IllegalStateException("version " + base.ref() + " has no fragment " + id);
    }
    return found;
  }

  private static StoredFragment delete(OpenVersion base, int id, List<Integer> offsets) {
    FragmentMetadata left =
        LanceErrors.run(
            "delete rows of table " + base.table(),
            () -> base.dataset().getFragment(id).deleteRows(offsets));
    return StoredFragment.of(left);
  }

  private long deletionBytes(TableId table, StoredFragment fragment) throws IOException {
    if (fragment.deletion().isEmpty()) {
      return 0;
    }
    return Files.size(
        homes.home(table).resolve(TableHomes.deletion(fragment.id(), fragment.deletion().get())));
  }
}
