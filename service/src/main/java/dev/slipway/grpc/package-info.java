/**
 * The gRPC face: endpoints turn messages into engine calls and answers into messages; errors,
 * deadlines, flow control and the server itself. What a call means is decided in the engine; no
 * storage backend may come in.
 */
@NullMarked
package dev.slipway.grpc;

import org.jspecify.annotations.NullMarked;
