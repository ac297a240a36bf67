package dev.slipway.engine;

import java.util.Optional;

/**
 * A table at one revision.
 *
 * @param id stays the same through renames
 * @param schema empty in listings, and after a rename when the table can't be opened right then
 * @param version 1 when created, one more with each commit that changes it
 * @param storageVersion the storage's number for it
 * @param changedRevision the revision of its last change
 * @param bytes size of the files it refers to
 * @param location where the backend keeps it; empty if nowhere a tool could look
 */
public record TableInfo(
    String name,
    String id,
    Optional<TableSchema> schema,
    long version,
    long storageVersion,
    long changedRevision,
    long rows,
    long bytes,
    String schemaFingerprint,
    String location) {}
