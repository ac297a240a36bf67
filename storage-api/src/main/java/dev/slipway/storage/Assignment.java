package dev.slipway.storage;

import dev.slipway.storage.predicate.Operand;

/**
 * One column of an update.
 *
 * @param column the top-level column to set
 * @param value a literal, null, or another column of the same row as it was before the update
 */
public record Assignment(String column, Operand value) {}
