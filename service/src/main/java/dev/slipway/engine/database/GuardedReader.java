package dev.slipway.engine.database;

import dev.slipway.engine.SlipwayException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;

/** A backend's reader whose failures are the engine's. */
final class GuardedReader extends ArrowReader {
  private final ArrowReader reader;
  private final UnaryOperator<SlipwayException> explained;

  private GuardedReader(ArrowReader reader, UnaryOperator<SlipwayException> explained) {
    super(allocator(reader));
    this.reader = reader;
    this.explained = explained;
  }

  /**
   * Takes the reader over: if it can't be guarded, it is closed.
   *
   * @param explained what a failure between batches means, minutes after the first maybe
   */
  static GuardedReader over(ArrowReader reader, UnaryOperator<SlipwayException> explained) {
    try {
      return new GuardedReader(reader, explained);
    } catch (RuntimeException e) {
      try {
        reader.close();
      } catch (IOException | RuntimeException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  /** Never allocated from here: the reader behind has its own. */
  private static BufferAllocator allocator(ArrowReader reader) {
    try {
      return reader.getVectorSchemaRoot().getVector(0).getAllocator();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public VectorSchemaRoot getVectorSchemaRoot() throws IOException {
    return reader.getVectorSchemaRoot();
  }

  @Override
  public Map<Long, Dictionary> getDictionaryVectors() throws IOException {
    return reader.getDictionaryVectors();
  }

  @Override
  public Dictionary lookup(long id) {
    return reader.lookup(id);
  }

  @Override
  public Set<Long> getDictionaryIds() {
    return reader.getDictionaryIds();
  }

  @Override
  public boolean loadNextBatch() throws IOException {
    try {
      return Guard.guard(
          () -> {
            try {
              return reader.loadNextBatch();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (SlipwayException e) {
      throw explained.apply(e);
    }
  }

  @Override
  public long bytesRead() {
    return reader.bytesRead();
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }

  @Override
  public void close(boolean closeReadSource) throws IOException {
    reader.close(closeReadSource);
  }

  @Override
  protected void closeReadSource() throws IOException {
    reader.close();
  }

  @Override
  protected Schema readSchema() throws IOException {
    return reader.getVectorSchemaRoot().getSchema();
  }
}
