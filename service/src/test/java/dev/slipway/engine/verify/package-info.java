/** Databases damaged on purpose, and what a check says of them. */
@NullMarked
package dev.slipway.engine.verify;

import org.jspecify.annotations.NullMarked;
