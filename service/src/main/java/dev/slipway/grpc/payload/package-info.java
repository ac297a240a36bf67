/**
 * Rows on the wire: Arrow IPC pieces and JSON rows, in and out, and types as text. Trusts nothing
 * that comes in: every length is checked before memory is taken for it. Knows nothing of calls.
 */
@NullMarked
package dev.slipway.grpc.payload;

import org.jspecify.annotations.NullMarked;
