/**
 * Checks the fold's history and its checkpoints over synthetic logs: pages, decisions, damage,
 * bounds. No engine and no tables may come in.
 */
@NullMarked
package dev.slipway.engine.state;

import org.jspecify.annotations.NullMarked;
