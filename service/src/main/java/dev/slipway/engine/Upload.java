package dev.slipway.engine;

import java.util.Optional;
import java.util.function.Supplier;
import org.apache.arrow.vector.ipc.ArrowReader;

/**
 * A write whose header has arrived: its base is fixed, its data may still be on the way. Used by
 * one thread; closed by it, whatever happened. Consume it once, by {@link #stage} or {@link
 * #write}.
 *
 * <p>{@code source} is read to its end or first error, and remains the caller's to close; it is
 * empty exactly if the operation takes no data.
 */
public interface Upload extends AutoCloseable {
  /** The table's schema at the base. */
  TableSchema schema();

  /**
   * Stages it.
   *
   * @param id the id it gets; if it is there already with the same digest, that one is answered
   * @param digest as in {@link RequestKey}
   */
  StagedWriteInfo stage(
      Optional<String> id, Supplier<String> digest, Optional<? extends ArrowReader> source);

  /** Stages and commits it, without a staged record. */
  CommitResult write(CommitOptions options, Optional<? extends ArrowReader> source);

  @Override
  void close();
}
