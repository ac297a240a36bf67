/**
 * The check of a database against itself: log, checkpoints, small objects, versions, files,
 * intents. It reads everything anew and changes nothing; no repair may come in, and no knowledge of
 * a backend.
 */
@NullMarked
package dev.slipway.engine.verify;

import org.jspecify.annotations.NullMarked;
