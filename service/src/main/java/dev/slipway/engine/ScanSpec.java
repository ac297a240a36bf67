package dev.slipway.engine;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What to read of a table.
 *
 * @param columns empty: all
 * @param filter text in the filter language
 */
public record ScanSpec(
    List<String> columns,
    Optional<String> filter,
    OptionalLong limit,
    long offset,
    int batchRows) {}
