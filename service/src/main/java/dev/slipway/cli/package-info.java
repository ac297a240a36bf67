/**
 * The command line: the server's start, a tour, and clients that load and read data over gRPC.
 * Commands that talk to a server use the generated stubs alone, others the classes of {@code
 * dev.slipway}; nothing of the engine comes in.
 */
@NullMarked
package dev.slipway.cli;

import org.jspecify.annotations.NullMarked;
