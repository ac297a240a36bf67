package dev.slipway.engine;

import java.util.List;
import java.util.Optional;

/**
 * What a cleanup did with one table; in a dry run, what it would do.
 *
 * @param tableId the table's id
 * @param table its name; empty if no table has the id any more
 * @param versions how many versions are kept
 * @param deleted files deleted, relative to the table's home; all were found unreferenced by an
 *     earlier cleanup already
 * @param candidates files found unreferenced, which a later cleanup deletes once whoever wrote them
 *     can't commit any more
 * @param purged whether the home was deleted whole: nothing names the table any more
 * @param purgeable whether a later cleanup deletes the home whole
 * @param failure why the table was left as it is
 */
public record CleanupRow(
    String tableId,
    String table,
    int versions,
    List<String> deleted,
    List<String> candidates,
    boolean purged,
    boolean purgeable,
    Optional<SlipwayException> failure) {
  public CleanupRow {
    deleted = List.copyOf(deleted);
    candidates = List.copyOf(candidates);
  }
}
