package dev.slipway.storage;

import dev.slipway.storage.predicate.Predicate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.arrow.vector.ipc.ArrowReader;

/**
 * Tables as trees of immutable versions: read a version, stage a write on one, commit a staged
 * write to one more version. <b>No method writes and makes visible in one step</b>: a version is
 * visible when a log record names it, and records are not this interface's business.
 *
 * <p>Sealed, so that every backend passes through {@link AbstractTableStorage}, whose final methods
 * check arguments once for all. Safe for use by many threads. All methods throw {@link
 * StorageException} and nothing else; {@code CLOSED} after the backend is closed.
 *
 * <p>A crash inside any method leaves at most files that no version names.
 */
public sealed interface TableStorage permits AbstractTableStorage {

  /** What this backend can do. */
  Set<Capability> capabilities();

  // ---- read: at one immutable version

  /**
   * Opens a version for reading, or as a base for staging. The caller closes it.
   *
   * @throws StorageException {@code VERSION_NOT_FOUND} if it isn't there or {@code
   *     ref.transactionId()} didn't make it; {@code TABLE_NOT_FOUND} if the table has no home
   */
  TableSnapshot open(TableId table, VersionRef ref);

  /**
   * Streams rows. The caller reads and closes the reader on one thread, and closes it before the
   * snapshot. Vectors of a batch are valid until the next is loaded. Memory is bounded as {@link
   * ScanRequest#batchRows} says.
   *
   * @throws StorageException {@code COLUMN_NOT_FOUND}, {@code FILTER_INVALID}, {@code
   *     INVALID_ARGUMENT}; while reading also {@code CANCELLED}, {@code MISSING_FILE}, {@code
   *     CORRUPT} (as the cause of the reader's {@code IOException} never: they are thrown as they
   *     are)
   */
  ArrowReader scan(TableSnapshot snapshot, ScanRequest request);

  /** Counts the rows for which the filter is true; without a filter, all. */
  long count(TableSnapshot snapshot, Optional<Predicate> filter, Cancellation cancellation);

  TableDescription describe(TableSnapshot snapshot);

  /** Every file the version needs, relative to the table's home, its own manifest included. */
  Set<String> files(TableSnapshot snapshot);

  /**
   * The sizes in bytes that the version has recorded of files it needs, by their paths: those of
   * its data at least. A file of another size is damaged.
   */
  Map<String, Long> recordedSizes(TableSnapshot snapshot);

  // ---- stage: invisible, and durable once forced; moves nothing

  /**
   * Stages rows to add. Batches are pulled one at a time and written as they come. The source may
   * have its columns in any order and leave nullable ones out (they become null); it is read to its
   * end, or to its first error, and is the caller's to close.
   *
   * @throws StorageException {@code SCHEMA_MISMATCH}, {@code ROW_INVALID}, {@code PAYLOAD_INVALID}
   */
  StagedWrite stageAppend(TableSnapshot base, ArrowReader source);

  /**
   * Stages rows that replace all of the base's. The source may be empty. As {@link #stageAppend}.
   */
  StagedWrite stageOverwrite(TableSnapshot base, ArrowReader source);

  /**
   * Stages rows that replace those with equal keys and add the rest. Replaced rows move to the end.
   *
   * @param keyColumns top-level columns that identify a row; the source must have them all, without
   *     nulls, NaN or duplicates
   * @param partial the source may leave out any nullable column; matched rows keep their old values
   *     in those, new rows get null. Without it the source's missing columns are refused
   * @param cancellation looked at between batches of the base's rows; a source says itself when
   *     nobody waits for it
   * @throws StorageException as {@link #stageAppend}; {@code TOO_LARGE} if the source has more rows
   *     than {@link StorageLimits#maxUpsertRows}; {@code CANCELLED}
   */
  StagedWrite stageUpsert(
      TableSnapshot base,
      List<String> keyColumns,
      ArrowReader source,
      boolean partial,
      Cancellation cancellation);

  /**
   * Stages the removal of all rows for which the predicate is true. May match nothing.
   *
   * @param cancellation looked at between batches
   * @throws StorageException {@code CANCELLED}
   */
  StagedWrite stageDelete(TableSnapshot base, Predicate predicate, Cancellation cancellation);

  /**
   * Stages new values for all rows for which the predicate is true (all rows, if it is empty).
   * Updated rows move to the end, in their order. May match nothing.
   *
   * @param assignments at least one, no column twice
   * @param cancellation looked at between batches
   * @throws StorageException {@code CANCELLED}
   */
  StagedWrite stageUpdate(
      TableSnapshot base,
      List<Assignment> assignments,
      Optional<Predicate> predicate,
      Cancellation cancellation);

  /**
   * Forces the files written for the staged writes to disk, with their directories. A token may be
   * written down only after this. Apart from staging and batched, so that whoever commits at once
   * can do it beside other work, and forces each directory once.
   *
   * @throws StorageException {@code UNAVAILABLE}: none of the tokens may be written down
   */
  void forceStaged(Collection<StagedWrite> staged);

  /**
   * Makes the staged write apply to another version with the same schema: an append or overwrite is
   * moved as it is, an upsert, delete or update is worked out again on the new base. Mechanical:
   * whether a moved base is a conflict is the engine's rule. What it writes anew is forced when it
   * returns; what was written at staging still needs {@link #forceStaged}.
   *
   * @param cancellation looked at between batches; of no use to a commit of several callers, whose
   *     work doesn't end because one of them left
   * @throws StorageException {@code MISSING_FILE} if the staged files are gone; {@code CANCELLED}
   */
  Rebase rebase(StagedWrite staged, TableSnapshot newBase, Cancellation cancellation);

  /**
   * The staged write's durable form; stable, so another process or a later one can commit it. Worth
   * writing down once the staged write is {@linkplain #forceStaged forced}.
   */
  byte[] toToken(StagedWrite staged);

  /**
   * @throws StorageException {@code TOKEN_INVALID}
   */
  StagedWrite fromToken(byte[] token);

  /** The files written for the staged write, relative to the table's home. */
  Set<String> files(StagedWrite staged);

  /**
   * The sizes in bytes that the staged write has recorded of its {@linkplain #files(StagedWrite)
   * files}, by their paths: those of its data at least. A file of another size is damaged.
   */
  Map<String, Long> recordedSizes(StagedWrite staged);

  // ---- commit

  /**
   * Makes one new immutable version from the staged write's base. May be repeated (a lost race, a
   * preview, recovery): each call makes one more invisible version. Not durable until {@link
   * #force}.
   *
   * @throws StorageException {@code VERSION_NOT_FOUND} if the base is gone
   */
  TableVersion commit(StagedWrite staged);

  /**
   * Forces every file that the versions made reachable to disk, with their directories, apart from
   * those that staging wrote and {@link #forceStaged} forces. A log record may name a version only
   * after both. Batched, so that a group of commits forces each directory once.
   *
   * @throws StorageException {@code UNAVAILABLE}: none of the versions may be named
   */
  void force(Collection<TableVersion> versions);
}
