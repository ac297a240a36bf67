package dev.slipway.storage;

/**
 * What a backend can do. All are expected; a backend that lacks one leaves it out of {@link
 * TableStorage#capabilities()}, its operation answers {@link StorageErrorCode#UNSUPPORTED}, and the
 * contract suite asserts that refusal.
 */
public enum Capability {
  /** {@code stageUpsert}. */
  UPSERT,
  /** {@code stageUpsert} with {@code partial}. */
  PARTIAL_UPSERT,
  /** {@code stageUpdate}. */
  UPDATE,
  /** {@code stageDelete}. */
  DELETE
}
