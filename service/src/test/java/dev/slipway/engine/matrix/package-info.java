/**
 * The failure matrix: window x write kind x fault x who recovers, on every backend, and the oracle
 * that says after each cell what must hold. Faults themselves live next door.
 */
@NullMarked
package dev.slipway.engine.matrix;

import org.jspecify.annotations.NullMarked;
