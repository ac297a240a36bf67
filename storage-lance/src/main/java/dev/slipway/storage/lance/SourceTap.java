package dev.slipway.storage.lance;

import java.io.IOException;
import java.util.Objects;
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
  private @Nullable VectorSchemaRoot first;
  private Next next = Next.SOURCE;
  private boolean detached;
  private @Nullable Exception failure;
  private long rows;

  /** What the next pull gives. */
  private enum Next {
    FIRST,
    LOADED,
    SOURCE
  }

  /**
   * @param onBatch sees each batch before native code does
   */
  SourceTap(ArrowReader source, BufferAllocator allocator, Consumer<VectorSchemaRoot> onBatch) {
    super(allocator);
    this.source = source;
    this.onBatch = onBatch;
  }

  /** How many batches with rows a source has, as far as that matters. */
  enum Size {
    NONE,
    ONE,
    MORE
  }

  /**
   * Reads ahead up to two batches; to be called once, before anything is pulled. A pull by native
   * code costs a millisecond, so a source of one batch, {@link #first}, is better handed over.
   */
  Size peek() throws IOException {
    if (!load()) {
      return Size.NONE;
    }
    VectorSchemaRoot loaded = source.getVectorSchemaRoot();
    VectorSchemaRoot kept = VectorSchemaRoot.create(loaded.getSchema(), allocator);
    first = kept;
    for (int i = 0; i < loaded.getFieldVectors().size(); i++) {
      loaded.getVector(i).makeTransferPair(kept.getVector(i)).transfer();
    }
    kept.setRowCount(loaded.getRowCount());
    if (!load()) {
      return Size.ONE;
    }
    next = Next.FIRST;
    return Size.MORE;
  }

  /** The first batch with rows, after {@link #peek} found it. */
  VectorSchemaRoot first() {
    return Objects.requireNonNull(first, "nothing was read ahead");
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
    synchronized (pulling) {
      return next == Next.LOADED ? first() : source.getVectorSchemaRoot();
    }
  }

  @Override
  public boolean loadNextBatch() throws IOException {
    synchronized (pulling) {
      if (detached) {
        throw new IOException("the write has ended");
      }
      switch (next) {
        case FIRST -> {
          next = Next.LOADED;
          return true;
        }
        case LOADED -> {
          next = Next.SOURCE;
          return true;
        }
        case SOURCE -> {
          return load();
        }
      }
      throw new IllegalStateException();
    }
  }

  @Override
  public long bytesRead() {
    return source.bytesRead();
  }

  @Override
  protected void closeReadSource() {}

  /** Frees what was read ahead. Closing the reader doesn't: native code does that when it likes. */
  void free() {
    if (first != null) {
      first.close();
    }
  }

  @Override
  protected Schema readSchema() throws IOException {
    return source.getVectorSchemaRoot().getSchema();
  }

  /** Batches without rows are passed over. */
  private boolean load() throws IOException {
    synchronized (pulling) {
      try {
        while (source.loadNextBatch()) {
          VectorSchemaRoot batch = source.getVectorSchemaRoot();
          if (batch.getRowCount() > 0) {
            rows += batch.getRowCount();
            onBatch.accept(batch);
            return true;
          }
        }
        return false;
      } catch (IOException | RuntimeException e) {
        failure = failure == null ? e : failure;
        throw e;
      }
    }
  }
}
