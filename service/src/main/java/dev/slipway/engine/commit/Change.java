package dev.slipway.engine.commit;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.slipway.engine.staging.StagedRecord;
import java.util.List;

/** One thing a commit does to one table. Stored in intents. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Change.Staged.class, name = "staged"),
  @JsonSubTypes.Type(value = Change.Inline.class, name = "inline"),
  @JsonSubTypes.Type(value = Change.Create.class, name = "create"),
  @JsonSubTypes.Type(value = Change.Drop.class, name = "drop"),
  @JsonSubTypes.Type(value = Change.Rename.class, name = "rename"),
})
public sealed interface Change {
  /** Applies a staged write that has a record of its own, and uses it up. */
  record Staged(String id) implements Change {}

  /** Applies a write that was staged within the same call and has no record. */
  record Inline(StagedRecord staged) implements Change {}

  /**
   * Creates a table.
   *
   * @param schema Arrow's JSON form of it
   */
  record Create(String tableId, String name, String schema, List<String> keys) implements Change {}

  record Drop(String name) implements Change {}

  record Rename(String name, String newName) implements Change {}
}
