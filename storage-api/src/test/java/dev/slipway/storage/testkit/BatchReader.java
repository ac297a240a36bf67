package dev.slipway.storage.testkit;

import java.io.IOException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;

/** A reader whose batches a test fills in, and which remembers whether it was closed. */
public final class BatchReader extends ArrowReader {
  private final Schema schema;
  private final int batches;
  private final Filler filler;
  private int next;
  private boolean closed;

  /** Fills a batch; may throw what a broken upload would. */
  @FunctionalInterface
  public interface Filler {
    void fill(VectorSchemaRoot root, int batch) throws IOException;
  }

  public BatchReader(BufferAllocator allocator, Schema schema, int batches, Filler filler) {
    super(allocator);
    this.schema = schema;
    this.batches = batches;
    this.filler = filler;
  }

  @Override
  public boolean loadNextBatch() throws IOException {
    prepareLoadNextBatch();
    getVectorSchemaRoot().clear();
    if (next == batches) {
      return false;
    }
    filler.fill(getVectorSchemaRoot(), next++);
    return true;
  }

  /** Batches given out so far. */
  public int batchesRead() {
    return next;
  }

  public boolean isClosed() {
    return closed;
  }

  @Override
  public long bytesRead() {
    return 0;
  }

  @Override
  protected void closeReadSource() {
    closed = true;
  }

  @Override
  protected Schema readSchema() {
    return schema;
  }
}
