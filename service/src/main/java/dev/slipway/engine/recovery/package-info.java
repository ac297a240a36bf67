/**
 * Intents that a crash left behind: resolved forward or back, each outcome a log entry. Which ones,
 * and in what order, is decided here; they are carried out by the committer. Nothing that makes
 * versions or publishes may come in.
 */
@NullMarked
package dev.slipway.engine.recovery;

import org.jspecify.annotations.NullMarked;
