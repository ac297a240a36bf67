package dev.slipway.storage;

import org.apache.arrow.vector.types.pojo.Schema;

/**
 * What a version is made of.
 *
 * @param schema its columns
 * @param rows live rows
 * @param bytes size of the data and deletion files it refers to, as stored
 * @param fragments pieces the rows are stored in; compaction lowers it
 */
public record TableDescription(Schema schema, long rows, long bytes, int fragments) {}
