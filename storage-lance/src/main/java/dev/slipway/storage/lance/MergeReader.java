package dev.slipway.storage.lance;

import dev.slipway.storage.Cancellation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Uploaded rows without all of the table's columns, filled up: a row that replaces another keeps
 * that one's values in the columns it lacks, a new one has null there.
 */
final class MergeReader extends ArrowReader {
  /** No row is replaced. */
  static final long NONE = -1;

  private final OpenVersion base;
  private final WrittenRows uploaded;
  private final Set<String> given;
  private final List<String> missing;
  private final long[] replaced;
  private final Cancellation cancellation;
  private int position;

  /**
   * @param uploaded rows with the columns {@code given}; closed by the caller
   * @param replaced for each of them the address of the row it replaces, or {@link #NONE}
   */
  MergeReader(
      OpenVersion base,
      WrittenRows uploaded,
      Set<String> given,
      long[] replaced,
      Cancellation cancellation,
      BufferAllocator allocator) {
    super(allocator);
    this.base = base;
    this.uploaded = uploaded;
    this.given = given;
    this.replaced = replaced;
    this.cancellation = cancellation;
    this.missing =
        base.schema().getFields().stream()
            .map(Field::getName)
            .filter(name -> !given.contains(name))
            .toList();
  }

  @Override
  public boolean loadNextBatch() throws IOException {
    prepareLoadNextBatch();
    VectorSchemaRoot target = getVectorSchemaRoot();
    target.clear();
    cancellation.check();
    VectorSchemaRoot batch = uploaded.next();
    if (batch == null) {
      return false;
    }
    int count = batch.getRowCount();
    for (String name : given) {
      batch.getVector(name).makeTransferPair(target.getVector(name)).transfer();
    }
    keep(count, target);
    target.setRowCount(count);
    position += count;
    return true;
  }

  @Override
  public long bytesRead() {
    return 0;
  }

  @Override
  protected void closeReadSource() {}

  @Override
  protected Schema readSchema() {
    return base.schema();
  }

  private void keep(int count, VectorSchemaRoot target) throws IOException {
    long some = NONE;
    for (int i = 0; i < count; i++) {
      some = Math.max(some, replaced[position + i]);
    }
    if (some == NONE) {
      for (String name : missing) {
        nulls(target.getVector(name), count);
      }
      return;
    }
    // Taken in step with the upload: a new row stands in for any, and its values are wiped.
    List<Long> addresses = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long address = replaced[position + i];
      addresses.add(address == NONE ? some : address);
    }
    try (ArrowReader taken = base.dataset().takeRows(addresses, missing)) {
      boolean loaded = taken.loadNextBatch();
      VectorSchemaRoot old = taken.getVectorSchemaRoot();
      if (!loaded || old.getRowCount() != count) {
        throw new IllegalStateException(
            "expected " + count + " rows taken, found " + old.getRowCount());
      }
      for (String name : missing) {
        FieldVector vector = target.getVector(name);
        old.getVector(name).makeTransferPair(vector).transfer();
        wipe(vector, count);
      }
    }
  }

  private void wipe(FieldVector vector, int count) {
    for (int i = 0; i < count; i++) {
      if (replaced[position + i] == NONE) {
        BitVectorHelper.unsetBit(vector.getValidityBuffer(), i);
      }
    }
  }

  private static void nulls(FieldVector vector, int count) {
    vector.setInitialCapacity(count);
    vector.allocateNew();
    vector.setValueCount(count);
  }
}
