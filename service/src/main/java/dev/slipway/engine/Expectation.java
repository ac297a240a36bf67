package dev.slipway.engine;

/** A condition on the state right before a commit; one that doesn't hold is a conflict. */
public sealed interface Expectation {

  /** The branch's newest revision is this one. */
  record BranchAt(long revision) implements Expectation {}

  /** The table is at exactly this version. */
  record TableAt(String table, String tableId, long storageVersion) implements Expectation {}

  record TableExists(String table) implements Expectation {}

  record TableAbsent(String table) implements Expectation {}

  /** The table hasn't changed since this revision. */
  record UnchangedSince(String table, long revision) implements Expectation {}

  record SchemaIs(String table, String fingerprint) implements Expectation {}
}
