package dev.slipway.storage;

/** The kinds of staged write. The names are stored in tokens and logs: never rename one. */
public enum WriteKind {
  APPEND,
  OVERWRITE,
  UPSERT,
  DELETE,
  UPDATE
}
