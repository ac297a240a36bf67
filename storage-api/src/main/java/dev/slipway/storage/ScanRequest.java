package dev.slipway.storage;

import dev.slipway.storage.predicate.Predicate;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What to read of a version. Rows come in insertion order; a row that was updated or upserted
 * counts as inserted anew.
 *
 * @param columns top-level columns in the order wanted; empty means all, in the schema's order
 * @param filter keeps the rows for which it is true (not those for which it is unknown)
 * @param limit at most this many rows, 0 or more; counted after {@code offset}
 * @param offset skips this many matching rows, 0 or more
 * @param batchRows at most this many rows in one batch, 1 to 1,048,576; a backend gives fewer where
 *     rows are large, so that a batch takes some tens of MiB at most
 * @param cancellation looked at between batches
 */
public record ScanRequest(
    Optional<List<String>> columns,
    Optional<Predicate> filter,
    OptionalLong limit,
    long offset,
    int batchRows,
    Cancellation cancellation) {

  public static final int DEFAULT_BATCH_ROWS = 8_192;
  public static final int MAX_BATCH_ROWS = 1 << 20;

  /** Everything, in batches of {@value #DEFAULT_BATCH_ROWS} rows. */
  public static final ScanRequest ALL =
      new ScanRequest(
          Optional.empty(),
          Optional.empty(),
          OptionalLong.empty(),
          0,
          DEFAULT_BATCH_ROWS,
          Cancellation.NONE);

  public ScanRequest {
    columns = columns.map(List::copyOf);
  }

  public ScanRequest withColumns(List<String> wanted) {
    return new ScanRequest(Optional.of(wanted), filter, limit, offset, batchRows, cancellation);
  }

  public ScanRequest withFilter(Predicate wanted) {
    return new ScanRequest(columns, Optional.of(wanted), limit, offset, batchRows, cancellation);
  }

  public ScanRequest withLimit(long rows) {
    return new ScanRequest(columns, filter, OptionalLong.of(rows), offset, batchRows, cancellation);
  }

  public ScanRequest withOffset(long rows) {
    return new ScanRequest(columns, filter, limit, rows, batchRows, cancellation);
  }

  public ScanRequest withBatchRows(int rows) {
    return new ScanRequest(columns, filter, limit, offset, rows, cancellation);
  }

  public ScanRequest withCancellation(Cancellation wanted) {
    return new ScanRequest(columns, filter, limit, offset, batchRows, wanted);
  }
}
