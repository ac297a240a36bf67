/**
 * What the log adds up to: the pure fold from entries to a database's state, and checkpoints of it.
 * The history lies in pages that all states and all checkpoints share. No clock, no configuration
 * and no I/O may come in, but for the classes that load, store and follow it.
 */
@NullMarked
package dev.slipway.engine.state;

import org.jspecify.annotations.NullMarked;
