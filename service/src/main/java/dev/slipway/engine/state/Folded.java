package dev.slipway.engine.state;

import dev.slipway.engine.log.LogBatch;

/** A value that a log adds up to. Immutable, and a pure function of the batches applied. */
public interface Folded<S extends Folded<S>> {
  /** The revision of the last entry applied; 0 before the first. */
  long revision();

  /**
   * The state after a batch that begins right after {@link #revision()}.
   *
   * @throws RefusedEntryException if an entry says what must not happen
   */
  S apply(LogBatch batch);
}
