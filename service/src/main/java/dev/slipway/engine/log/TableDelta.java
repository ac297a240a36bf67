package dev.slipway.engine.log;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * How a commit changes one table.
 *
 * @param name the table's name after it (before it, if it drops the table)
 * @param previous the name before, if it renames the table
 * @param from the version number before; 0 if it creates the table
 * @param pin the version after; absent if it drops the table
 * @param added rows added
 * @param removed rows removed
 * @param rebased whether the table had moved since the write was staged
 */
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
public record TableDelta(
    String name,
    @Nullable String previous,
    long from,
    @Nullable Pin pin,
    long added,
    long removed,
    boolean rebased) {}
