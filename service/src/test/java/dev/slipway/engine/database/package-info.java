/** Tests of what an open database is made of, where the engine's own interface doesn't reach. */
@NullMarked
package dev.slipway.engine.database;

import org.jspecify.annotations.NullMarked;
