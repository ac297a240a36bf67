/** Staged writes between their upload and their commit: their records, lifetimes and renewals. */
@NullMarked
package dev.slipway.engine.staging;

import org.jspecify.annotations.NullMarked;
