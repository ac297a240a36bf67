/** Intents that a crash left behind: resolved forward or back, each outcome a log entry. */
@NullMarked
package dev.slipway.engine.recovery;

import org.jspecify.annotations.NullMarked;
