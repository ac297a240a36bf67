package dev.slipway.storage.lance;

import java.io.IOException;
import java.util.function.Consumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a source and the native code that pulls from it. Native code turns exceptions into
 * text, so the first one is kept here; and it may pull once more from another thread after its call
 * has failed, so {@link #detach} makes sure that nobody touches the source after that.
 */
final class SourceTap extends ArrowReader {
  private final ArrowReader source;
  private final Consumer<VectorSchemaRoot> onBatch;
  private final Object pulling = new Object();
  private boolean detached;
  private @Nullable Exception failure;
  private long rows;

  /**
   * @param onBatch sees each batch before native code does
   */
  SourceTap(ArrowReader source, BufferAllocator allocator, Consumer<VectorSchemaRoot> onBatch) {
    super(allocator);
    this.source = source;
    this.onBatch = onBatch;
  }

  /** Waits for a pull under way; later ones fail. */
  void detach() {
    synchronized (pulling) {
      detached = true;
    }
  }

  /** What went wrong in the source, which is the cause of native code's failure. */
  @Nullable Exception failure() {
    synchronized (pulling) {
      return failure;
    }
  }

  long rows() {
    synchronized (pulling) {
      return rows;
    }
  }

  @Override
  public VectorSchemaRoot getVectorSchemaRoot() throws IOException {
    return source.getVectorSchemaRoot();
  }

  @Override
  public boolean loadNextBatch() throws IOException {
    synchronized (pulling) {
      if (detached) {
        throw new IOException("the write has ended");
      }
      try {
        boolean loaded = source.loadNextBatch();
        if (loaded) {
          rows += source.getVectorSchemaRoot().getRowCount();
          onBatch.accept(source.getVectorSchemaRoot());
        }
        return loaded;
      } catch (IOException | RuntimeException e) {
        failure = failure == null ? e : failure;
        throw e;
      }
    }
  }

  @Override
  public long bytesRead() {
    return source.bytesRead();
  }

  @Override
  protected void closeReadSource() {}

  @Override
  protected Schema readSchema() throws IOException {
    return source.getVectorSchemaRoot().getSchema();
  }
}
