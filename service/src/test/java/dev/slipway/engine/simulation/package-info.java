/**
 * Whole clusters in one thread of control: engines, clients and faults interleaved by a seed, which
 * plays a run again exactly. Nothing here sleeps, reads a clock or draws a number of its own.
 */
@NullMarked
package dev.slipway.engine.simulation;

import org.jspecify.annotations.NullMarked;
