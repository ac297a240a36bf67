package dev.slipway.storage;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * One immutable version, open for reading and as a base for staging. Safe for use by many threads;
 * {@link #close} it once nobody uses it. Minted only by {@link AbstractTableStorage}.
 */
public final class TableSnapshot implements AutoCloseable {
  private final AbstractTableStorage owner;
  private final TableId table;
  private final VersionRef ref;
  private final Schema schema;
  private final SnapshotState state;
  private final AtomicBoolean open = new AtomicBoolean(true);

  TableSnapshot(
      AbstractTableStorage owner,
      TableId table,
      VersionRef ref,
      Schema schema,
      SnapshotState state) {
    this.owner = owner;
    this.table = table;
    this.ref = ref;
    this.schema = schema;
    this.state = state;
  }

  AbstractTableStorage owner() {
    return owner;
  }

  SnapshotState state() {
    return state;
  }

  boolean isOpen() {
    return open.get();
  }

  public TableId table() {
    return table;
  }

  public VersionRef ref() {
    return ref;
  }

  public Schema schema() {
    return schema;
  }

  /** Releases the version. Closing again does nothing. */
  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      state.close();
    }
  }

  @Override
  public String toString() {
    return table + "@" + ref.storageVersion();
  }
}
