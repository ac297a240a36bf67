/** Tests of the engine's public face, on both backends. */
@NullMarked
package dev.slipway.engine;

import org.jspecify.annotations.NullMarked;
