package dev.slipway.storage;

/**
 * What a staged write will do to its base; on another base the row counts may differ.
 *
 * @param rowsAdded rows it adds; an updated row counts here and in {@code rowsRemoved}
 * @param rowsRemoved rows of the base it removes
 * @param bytes size of the files written for it so far
 * @param schemaFingerprint {@link SchemaRules#fingerprint} of the base's schema
 */
public record StagedFacts(long rowsAdded, long rowsRemoved, long bytes, String schemaFingerprint) {}
