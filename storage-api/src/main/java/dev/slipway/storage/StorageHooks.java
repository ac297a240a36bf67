package dev.slipway.storage;

/**
 * Called around every table operation, because a sealed interface can't be wrapped: failure
 * injection and metrics plug in here. A hook may throw a {@link StorageException}; from {@link
 * #before} nothing has happened yet, from {@link #after} the operation has succeeded and its result
 * is lost, which is what a crash there would do.
 */
public interface StorageHooks {
  /** Does nothing. */
  StorageHooks NONE = new StorageHooks() {};

  default void before(StorageOperation operation, TableId table) {}

  default void after(StorageOperation operation, TableId table) {}

  /** The operation failed with {@code failure}, which is thrown next. */
  default void failed(StorageOperation operation, TableId table, RuntimeException failure) {}
}
