package dev.slipway.storage;

/**
 * What is known of a version when it is made.
 *
 * @param rows live rows in it
 * @param bytes size of the data and deletion files it refers to, as stored
 * @param rowsAdded rows it added to its base; an updated row counts here and in {@code rowsRemoved}
 * @param rowsRemoved rows of its base that it no longer has
 * @param schemaFingerprint {@link SchemaRules#fingerprint} of its schema
 */
public record VersionFacts(
    long rows, long bytes, long rowsAdded, long rowsRemoved, String schemaFingerprint) {}
