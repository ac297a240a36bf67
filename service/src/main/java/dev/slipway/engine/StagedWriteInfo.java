package dev.slipway.engine;

import dev.slipway.storage.WriteKind;
import java.time.Instant;

/**
 * A live staged write.
 *
 * @param table the table's name when it was staged
 * @param rowsAdded rows it adds to the version it was staged on
 * @param rowsRemoved rows it removes from it
 * @param baseRevision the revision it was staged on
 */
public record StagedWriteInfo(
    String id,
    String branch,
    String table,
    WriteKind kind,
    long rowsAdded,
    long rowsRemoved,
    long bytes,
    long baseRevision,
    Instant created,
    Instant expires,
    String actor) {}
