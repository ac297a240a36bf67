/**
 * Files of rows: CSV, NDJSON and Arrow IPC, read into Arrow batches and written from them, a batch
 * at a time. Knows nothing of servers or of the command line, but for the names of types.
 */
@NullMarked
package dev.slipway.cli.data;

import org.jspecify.annotations.NullMarked;
