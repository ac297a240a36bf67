/** Tests of the gRPC face, most of them through a real server on the memory backend. */
@NullMarked
package dev.slipway.grpc;

import org.jspecify.annotations.NullMarked;
