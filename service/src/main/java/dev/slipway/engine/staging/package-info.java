/**
 * Staged writes between their upload and their commit: their records, lifetimes and renewals. Knows
 * the metadata store; what a commit does with them is decided above, and no fold of the log may
 * come in.
 */
@NullMarked
package dev.slipway.engine.staging;

import org.jspecify.annotations.NullMarked;
