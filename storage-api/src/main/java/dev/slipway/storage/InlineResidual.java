package dev.slipway.storage;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * What can't be staged, because its effect is the act itself. Nothing here makes data visible: a
 * log record alone does that.
 */
public interface InlineResidual {

  /**
   * Creates the physical home of a table with its empty first version, or opens a whole one, or
   * completes a partial one: repeating it is safe, and gives the same version.
   *
   * <p>Can't be staged: there is no base to stage on. Lance could move it to {@link TableStorage}
   * by making a first version detached.
   *
   * @return the empty version, forced to disk
   * @throws StorageException {@code SCHEMA_MISMATCH} if a home exists with another schema
   */
  TableVersion createHome(TableId table, Schema schema);

  /**
   * Deletes a home and every file in it. One that is already gone is fine.
   *
   * <p>Can't be staged: a deletion has no version to be named. Only cleanup calls it, for homes no
   * log record can reach.
   */
  void purgeHome(TableId table);

  /** Ids of the tables that have a home, whole or partial, under a database's incarnation. */
  List<String> homes(String database);

  /**
   * Every file in a table's home, as paths relative to it: what {@link TableStorage#files} name,
   * and what nothing names.
   *
   * @throws StorageException {@code TABLE_NOT_FOUND} if it has no home
   */
  List<String> listFiles(TableId table);

  /**
   * The size in bytes of every file in a table's home, by its path: those of {@link #listFiles}.
   *
   * @throws StorageException {@code TABLE_NOT_FOUND} if it has no home
   */
  Map<String, Long> fileSizes(TableId table);

  /**
   * Deletes files of a table's home; those already gone are fine.
   *
   * <p>Can't be staged: freeing space is the act itself. Lance's own cleanup can't be used: it
   * deletes files that only detached versions refer to.
   *
   * @param files relative paths as {@link #listFiles} gave them
   */
  void deleteFiles(TableId table, Collection<String> files);
}
