package dev.slipway.engine.log;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.storage.VersionRef;
import java.util.List;

/**
 * Names one version of one table, with what must be known of it without opening it.
 *
 * @param table the table's id
 * @param name the table's name
 * @param version 1 when created, one more with each change
 * @param storage the storage's number for the version
 * @param tx the transaction that made it: proof on opening
 * @param fingerprint of its schema
 * @param schemaRevision the revision of its last schema change; 0 in an entry: this revision
 * @param keys its key columns
 * @param rows in it
 * @param bytes of the files it refers to
 * @param changed the revision of its last change; 0 in an entry: this revision
 */
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
public record Pin(
    String table,
    String name,
    long version,
    long storage,
    String tx,
    String fingerprint,
    long schemaRevision,
    List<String> keys,
    long rows,
    long bytes,
    long changed) {

  public Pin {
    keys = keys == null ? List.of() : List.copyOf(keys);
  }

  @JsonIgnore
  public VersionRef ref() {
    return new VersionRef(storage, tx);
  }

  /** The same content under another name and version number. */
  public Pin as(String newName, long newVersion) {
    return new Pin(
        table, newName, newVersion, storage, tx, fingerprint, schemaRevision, keys, rows, bytes, 0);
  }

  /** As the state has it, once the entry's revision is known. */
  public Pin stamped(long revision) {
    return new Pin(
        table,
        name,
        version,
        storage,
        tx,
        fingerprint,
        schemaRevision == 0 ? revision : schemaRevision,
        keys,
        rows,
        bytes,
        revision);
  }
}
