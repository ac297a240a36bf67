/** Tests of rows on the wire, without a server. */
@NullMarked
package dev.slipway.grpc.payload;

import org.jspecify.annotations.NullMarked;
