package dev.slipway.engine.fault;

/** What tables undergo beside the operations that storage hooks see. */
public enum ResidualOperation {
  CREATE_HOME,
  /** Of a home that has lost its files already, one by one. */
  PURGE_HOME,
  LIST_FILES,
  DELETE_FILE
}
