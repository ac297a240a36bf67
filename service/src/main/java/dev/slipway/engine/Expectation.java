package dev.slipway.engine;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** A condition on the state right before a commit; one that doesn't hold is a conflict. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Expectation.BranchAt.class, name = "branch_at"),
  @JsonSubTypes.Type(value = Expectation.TableAt.class, name = "table_at"),
  @JsonSubTypes.Type(value = Expectation.TableExists.class, name = "table_exists"),
  @JsonSubTypes.Type(value = Expectation.TableAbsent.class, name = "table_absent"),
  @JsonSubTypes.Type(value = Expectation.UnchangedSince.class, name = "unchanged_since"),
  @JsonSubTypes.Type(value = Expectation.SchemaIs.class, name = "schema_is"),
})
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
