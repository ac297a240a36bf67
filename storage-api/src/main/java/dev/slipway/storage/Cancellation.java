package dev.slipway.storage;

/**
 * Tells long work that nobody waits for it any more. Backends look at it between batches and
 * between groups of fragments: nothing can interrupt a native call.
 */
@FunctionalInterface
public interface Cancellation {
  /** Never cancelled. */
  Cancellation NONE = () -> false;

  boolean isCancelled();

  /**
   * @throws StorageException {@link StorageErrorCode#CANCELLED}
   */
  default void check() {
    if (isCancelled()) {
      throw StorageException.of(StorageErrorCode.CANCELLED, "the caller cancelled the operation");
    }
  }
}
