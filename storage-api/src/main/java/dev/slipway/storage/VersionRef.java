package dev.slipway.storage;

/**
 * Names one immutable version of a table, durably: this is what a log record stores.
 *
 * @param storageVersion the backend's number for it; any long, also negative
 * @param transactionId proves that the version found under that number is the one that was named
 */
public record VersionRef(long storageVersion, String transactionId) {}
