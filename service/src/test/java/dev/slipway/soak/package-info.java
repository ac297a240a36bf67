/**
 * Real servers that are killed without end while clients write over gRPC. Only clients and what
 * lies on disk are looked at: nothing here reaches into a running server.
 */
@NullMarked
package dev.slipway.soak;

import org.jspecify.annotations.NullMarked;
