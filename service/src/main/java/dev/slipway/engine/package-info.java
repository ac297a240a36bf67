/**
 * The engine's public face: databases, what can be asked of them, and what they answer. Endpoints,
 * tests and embedders see this package alone. Knows the storage SPI; nothing of gRPC or protobuf
 * may come in.
 */
@NullMarked
package dev.slipway.engine;

import org.jspecify.annotations.NullMarked;
