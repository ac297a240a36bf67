/** Windows at which a test can make the engine fail, halt or wait. Does nothing in production. */
@NullMarked
package dev.slipway.engine.fault;

import org.jspecify.annotations.NullMarked;
