/**
 * The in-memory backend: the same semantics as a backend on disk, over Arrow vectors in immutable
 * versions, for tests and for embedding. Only the storage SPI, Arrow and Guice may come in; nothing
 * is shared between two instances.
 */
@NullMarked
package dev.slipway.storage.memory;

import org.jspecify.annotations.NullMarked;
