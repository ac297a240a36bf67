/**
 * The storage SPI: what a backend must do, and the only door to it.
 *
 * <p>A backend makes immutable table versions and keeps small objects. It knows nothing of
 * databases, branches, revisions or gRPC; those belong to the engine above. Only the JDK, Arrow and
 * JSpecify may come in.
 */
@NullMarked
package dev.slipway.storage;

import org.jspecify.annotations.NullMarked;
