/**
 * Measurements of the whole server against Lance used directly, in the same run. Not part of the
 * test run: docs/benchmarks.md has the command. Nothing here is asserted but that rows arrive.
 */
@NullMarked
package dev.slipway.bench;

import org.jspecify.annotations.NullMarked;
