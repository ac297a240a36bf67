/**
 * Windows at which a test can make the engine fail, halt or wait. Does nothing in production. Every
 * room of the engine knows it, so none of them may come in.
 */
@NullMarked
package dev.slipway.engine.fault;

import org.jspecify.annotations.NullMarked;
