package dev.slipway.storage;

/** The operations that {@link StorageHooks} see. */
public enum StorageOperation {
  OPEN,
  SCAN,
  COUNT,
  DESCRIBE,
  STAGE_APPEND,
  STAGE_OVERWRITE,
  STAGE_UPSERT,
  STAGE_DELETE,
  STAGE_UPDATE,
  FORCE_STAGED,
  REBASE,
  COMMIT,
  FORCE
}
