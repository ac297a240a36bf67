package dev.slipway.storage.lance;

import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.jspecify.annotations.Nullable;

/**
 * The batches of one native scan or file, and what has to be closed after them: all of it, whatever
 * fails. One thread.
 */
final class NativeBatches implements AutoCloseable {
  private final String doing;
  private final AutoCloseable source;
  private final ArrowReader batches;

  private NativeBatches(String doing, AutoCloseable source, ArrowReader batches) {
    this.doing = doing;
    this.source = source;
    this.batches = batches;
  }

  /** Begins to read an open source. */
  interface Reading<S> {
    ArrowReader read(S source) throws Exception;
  }

  /**
   * @param doing for messages
   * @param opening gives what is closed after the batches
   */
  static <S extends AutoCloseable> NativeBatches open(
      String doing, LanceErrors.Call<S> opening, Reading<S> reading) {
    S source = LanceErrors.run(doing, opening);
    try {
      return new NativeBatches(doing, source, LanceErrors.run(doing, () -> reading.read(source)));
    } catch (RuntimeException e) {
      try {
        source.close();
      } catch (Exception suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /** The next batch, good until the one after it is asked for; null after the last. */
  @Nullable VectorSchemaRoot next() {
    return LanceErrors.run(doing, batches::loadNextBatch) ? root() : null;
  }

  @Override
  public void close() {
    LanceErrors.run(
        doing,
        () -> {
          try {
            batches.close();
          } finally {
            source.close();
          }
          return true;
        });
  }

  private VectorSchemaRoot root() {
    return LanceErrors.run(doing, batches::getVectorSchemaRoot);
  }
}
